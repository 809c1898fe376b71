import project from "../../deno.json" with { type: "json" };
import {
  type HubUploadServer,
  hubUploadServer,
} from "../helpers/hub_upload_server.ts";
import { needs, ROOT } from "../helpers/permissions.ts";
import { type TempFolder, tempFolder } from "../helpers/temp_folder.ts";

const SCRIPT = new URL("scripts/upload.ts", ROOT).href;

/** Content that no store can compress. */
export const WEIGHTS = crypto.getRandomValues(new Uint8Array(60_000));
/** Another one. */
export const GRAPH = crypto.getRandomValues(new Uint8Array(40_000));

/** The configuration of a model with these labels. */
export const config = (...labels: string[]) =>
  JSON.stringify({
    model_type: "bert",
    architectures: ["BertForSequenceClassification"],
    hidden_size: 32,
    id2label: Object.fromEntries(labels.map((label, i) => [i, label])),
  });

/** Flags of most tests. */
export const FLAGS = "--model runs/mine/model --repo alice/mine";
/** The model folder. */
export const MODEL = "runs/mine/model";

/** Bytes of a text. */
export const bytes = (text: string) => new TextEncoder().encode(text);

/** The files of the model folder. */
export const FILES: Readonly<Record<string, Uint8Array<ArrayBuffer>>> = {
  "README.md": bytes("---\nbase_model: a/b\n---\n# Mine\n"),
  "config.json": bytes(config("no", "yes")),
  "model.safetensors": WEIGHTS,
  "onnx/model.onnx": GRAPH,
  "tokenizer.json": bytes("{}"),
};

/** Parts of a test. */
export interface UploadFixture {
  readonly hub: HubUploadServer;
  readonly folder: TempFolder;
  /** Writes a file of the model folder. */
  write(path: string, content: string | Uint8Array): Promise<void>;
  /** Starts the task with its permissions, for the hosts of the server instead of the Hub's. */
  start(flags: string, env?: Record<string, string>): Deno.ChildProcess;
  /** Runs the task to its end. */
  run(flags: string, env?: Record<string, string>): Promise<Output>;
}

/** What a task printed. */
export interface Output {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The last line of stderr. */
  readonly error: string;
}

/** Registers a test of upload, with a server and a model folder. */
export function uploadTest(
  name: string,
  test: (fixture: UploadFixture, t: Deno.TestContext) => Promise<void>,
): void {
  Deno.test(needs(name, "read", "write", "net", "run"), async (t) => {
    await using hub = hubUploadServer();
    await using folder = await tempFolder();
    const fixture = fixtureOf(hub, folder);
    for (const [path, content] of Object.entries(FILES)) {
      await fixture.write(path, content);
    }
    await test(fixture, t);
  });
}

function fixtureOf(hub: HubUploadServer, folder: TempFolder): UploadFixture {
  const start: UploadFixture["start"] = (flags, env = {}) => {
    const [, , ...task] = project.tasks.upload.command.split(" ");
    const permissions = task.slice(0, -1).map((flag) =>
      flag.startsWith("--allow-net") ? `--allow-net=${hub.hosts}` : flag
    );
    return new Deno.Command("deno", {
      args: ["run", "--no-prompt", ...permissions, SCRIPT, ...flags.split(" ")],
      cwd: folder.url,
      env: { HF_ENDPOINT: hub.endpoint, HF_TOKEN: hub.token, ...env },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  };
  return {
    hub,
    folder,
    start,
    async write(path, content) {
      const target = `${folder.path}/${MODEL}/${path}`;
      await Deno.mkdir(target.replace(/\/[^/]*$/, ""), { recursive: true });
      await Deno.writeFile(
        target,
        typeof content === "string" ? bytes(content) : content,
      );
    },
    async run(...args) {
      const { code, stdout, stderr } = await start(...args).output();
      const [out, err] = [stdout, stderr]
        .map((b) => new TextDecoder().decode(b)) as [string, string];
      const error = err.trimEnd().split("\n").at(-1)!;
      return { code, stdout: out, stderr: err, error };
    },
  };
}

/** The files of a branch on the server, by path. */
export function filesOf(
  { repos }: HubUploadServer,
  repo = "alice/mine",
  branch = "main",
): Record<string, Uint8Array> {
  const files = repos.get(repo)?.branches.get(branch)?.files ?? [];
  return Object.fromEntries(
    [...files].filter(([path]) => path !== ".gitattributes")
      .map(([path, { content }]) => [path, content])
      .sort(),
  );
}
