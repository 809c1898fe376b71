/**
 * What a run leaves: `config.json`, `metrics.jsonl`, `results.json`, and room
 * for `model/`. Nothing is written before the first step.
 *
 * @module
 */
import project from "../../deno.json" with { type: "json" };
import type { Device } from "../../mod.ts";
import type { Options } from "./options.ts";

const DIGESTED =
  /^((config|tokenizer|tokenizer_config)\.json|model(-\d+-of-\d+)?\.safetensors|(train|validation|test)(_\w+)?(-\d+-of-\d+)?\.(arrow|parquet|tsv|csv|jsonl))$/;

/** A folder that did not exist before its run. */
export class RunFolder {
  /** The folder's path. */
  readonly path: string;

  /**
   * Checks that the folder can be made, without making it.
   *
   * @param path Where; undefined for `runs/` and the start time.
   * @param start When the run started.
   * @param script Whose run it is.
   * @throws {Error} If it exists, or if there is no permission to write and read it.
   */
  constructor(
    path: string | undefined,
    start: Date = new Date(),
    script: "train_mrpc" | "train_glue" = "train_mrpc",
  ) {
    this.path = path ??
      `runs/${start.toISOString().slice(0, 19).replaceAll(":", "-")}`;
    const { state } = Deno.permissions.querySync({
      name: "write",
      path: this.path,
    });
    if (state !== "granted") {
      const folder = path ?? "runs";
      const task = script === "train_glue" ? "glue" : "train";
      throw new Error(
        `--output-dir ${this.path} cannot be written with the permissions given, which for the ${task} task cover runs alone: name a folder below runs, or use deno run --allow-read --allow-write=${folder} scripts/${script}.ts …`,
      );
    }
    const read = Deno.permissions.querySync({ name: "read", path: this.path });
    if (read.state !== "granted") {
      throw new Error(
        `--output-dir ${this.path} cannot be read with the permissions given, and saving the model needs that: add ${
          path ?? "runs"
        } to --allow-read`,
      );
    }
    if (exists(this.path)) throw this.#taken();
  }

  /**
   * Makes the folder and writes `config.json`.
   *
   * @param config Every setting of the run, the versions, the adapter, the digests.
   * @throws {Error} If the folder exists or cannot be made.
   */
  create(config: object): void {
    try {
      makeFolder(this.path);
    } catch (error) {
      if (error instanceof Deno.errors.AlreadyExists) throw this.#taken();
      throw new Error(
        `--output-dir ${this.path} cannot be made (${
          (error as Error).message
        }): name another folder`,
      );
    }
    this.#write("config.json", config);
  }

  /**
   * Appends a line to `metrics.jsonl`, whole when this returns.
   *
   * @param event What happened.
   */
  log(event: { event: string } & Record<string, unknown>): void {
    Deno.writeTextFileSync(
      `${this.path}/metrics.jsonl`,
      JSON.stringify(event) + "\n",
      { append: true },
    );
  }

  /**
   * Writes `results.json`.
   *
   * @param results The figures of the run.
   */
  writeResults(results: object): void {
    this.#write("results.json", results);
  }

  /**
   * Writes a file into `predictions/`.
   *
   * @param name The file's name.
   * @param text Its text.
   */
  writePredictions(name: string, text: string): void {
    Deno.mkdirSync(`${this.path}/predictions`, { recursive: true });
    Deno.writeTextFileSync(`${this.path}/predictions/${name}`, text);
  }

  #write(name: string, value: object): void {
    Deno.writeTextFileSync(
      `${this.path}/${name}`,
      JSON.stringify(value, null, 2) + "\n",
    );
  }

  #taken(): Error {
    return new Error(
      `--output-dir ${this.path} already exists: a run never overwrites one, so name another folder or remove it`,
    );
  }
}

/**
 * SHA-256 of each model or data file in a folder.
 *
 * @param folder A model's or a data set's folder.
 * @returns Hexadecimal digests by file name, in the names' order.
 */
export async function digests(
  folder: string | URL,
): Promise<Record<string, string>> {
  const path = folder instanceof URL
    ? decodeURIComponent(folder.pathname).replace(/\/+$/, "")
    : folder;
  const names = await listDigested(path, "");
  // A data set of the Hub lies in the folder of its only configuration.
  if (names.length === 0) {
    for await (const { name, isDirectory } of Deno.readDir(path)) {
      if (isDirectory) names.push(...await listDigested(path, `${name}/`));
    }
  }
  const result: Record<string, string> = {};
  for (const name of names.sort()) {
    const bytes = await Deno.readFile(`${path}/${name}`);
    const hash = await crypto.subtle.digest("SHA-256", bytes);
    result[name] = new Uint8Array(hash).toHex();
  }
  return result;
}

async function listDigested(path: string, inner: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(`${path}/${inner}`)) {
    if (DIGESTED.test(name)) names.push(`${inner}${name}`);
  }
  return names;
}

/**
 * The content of `config.json`.
 *
 * @param options Every setting.
 * @param device What the run runs on.
 * @param model The model's folder.
 * @param data The data set's folder.
 */
export async function runConfig(
  options: Options,
  device: Device,
  model: string,
  data: string,
): Promise<object> {
  const settings = Object.entries(options)
    .map(([name, value]) => [name, value ?? null]); // JSON has no undefined
  return {
    ...Object.fromEntries(settings),
    versions: { gradloop: project.version, ...Deno.version },
    adapter: device.description,
    digests: { model: await digests(model), data: await digests(data) },
  };
}

/** Makes a folder and those above it; an existing one is an error. */
function makeFolder(path: string): void {
  try {
    Deno.mkdirSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    Deno.mkdirSync(path, { recursive: true });
  }
}

/** Whether there is anything at a path. */
export function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
