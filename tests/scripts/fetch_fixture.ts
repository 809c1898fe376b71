import project from "../../deno.json" with { type: "json" };
import {
  type HubServer,
  hubServer,
  type ServedFile,
} from "../helpers/hub_server.ts";
import { needs, ROOT } from "../helpers/permissions.ts";
import { type TempFolder, tempFolder } from "../helpers/temp_folder.ts";

const SCRIPT = new URL("scripts/fetch.ts", ROOT).href;
/** Content of a large file. */
export const WEIGHTS = new Uint8Array(300_000).map((_, i) => i * 7 + i / 256);
/** Path of the model on the server. */
export const MODEL = "models/owner/model@main/";
/** Local folder of the model. */
export const FOLDER = "data/hub/models/owner/model";

/** A small file. */
export const text = (content: string): ServedFile => ({
  content: new TextEncoder().encode(content),
});
/** A large file. */
export const large = (more: Partial<ServedFile> = {}): ServedFile => ({
  content: WEIGHTS,
  lfs: true,
  ...more,
});

/** Adds a model with the usual files of a repository, most of them not needed. */
export function addModel(hub: HubServer, weights: ServedFile = large()): void {
  const files: Record<string, ServedFile> = {
    "README.md": text("# A model"),
    "config.json": text('{"model_type": "bert"}'),
    "model.safetensors": weights,
    "onnx/model.onnx": large(),
    "pytorch_model.bin": large(),
    "special_tokens_map.json": text("{}"),
    "spiece.model": large(),
    "tokenizer.json": text("{}"),
    "tokenizer_config.json": text('{"model_max_length": 512}'),
    "vocab.txt": text("[PAD]\n"),
  };
  for (const [path, file] of Object.entries(files)) {
    hub.files.set(MODEL + path, file);
  }
}

/** The files that fetch needs. */
export const NEEDED = [
  "config.json",
  "model.safetensors",
  "special_tokens_map.json",
  "tokenizer.json",
  "tokenizer_config.json",
];

/** Registers a test of fetch, with a server and a working folder. */
export function fetchTest(
  name: string,
  test: (
    fixture: { hub: HubServer; folder: TempFolder },
    t: Deno.TestContext,
  ) => Promise<void>,
): void {
  Deno.test(needs(name, "read", "write", "net", "run"), async (t) => {
    await using hub = hubServer();
    await using folder = await tempFolder();
    await test({ hub, folder }, t);
  });
}

/** Starts the fetch task with its permissions, for the hosts of the server instead of the Hub's. */
export function start(
  hub: HubServer,
  folder: TempFolder,
  flags: string,
  env: Record<string, string> = {},
  denoFlags: readonly string[] = [],
): Deno.ChildProcess {
  const [, , ...task] = project.tasks.fetch.command.split(" ");
  const permissions = task.slice(0, -1).map((flag) =>
    flag.startsWith("--allow-net") ? `--allow-net=${hub.hosts}` : flag
  );
  return new Deno.Command("deno", {
    args: [
      "run",
      "--no-prompt",
      ...permissions,
      ...denoFlags,
      SCRIPT,
      ...flags.split(" "),
    ],
    cwd: folder.url,
    env: { HF_ENDPOINT: hub.endpoint, HF_TOKEN: "", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Runs the fetch task to its end. */
export async function run(
  ...args: Parameters<typeof start>
): Promise<{ code: number; stdout: string; stderr: string; error: string }> {
  const { code, stdout, stderr } = await start(...args).output();
  const [out, err] = [stdout, stderr].map((b) => new TextDecoder().decode(b));
  const error = err!.trimEnd().split("\n").at(-1)!;
  return { code, stdout: out!, stderr: err!, error };
}

/** Sorted names in a folder; none if it does not exist. */
export const list = async (
  folder: TempFolder,
  path: string,
): Promise<string[]> => {
  try {
    return (await Array.fromAsync(
      Deno.readDir(`${folder.path}/${path}`),
      ({ name }) => name,
    )).sort();
  } catch {
    return [];
  }
};
