/**
 * The files of a model folder that an upload takes.
 *
 * @module
 */

/** Training states and files that are not complete. */
const LEFT_OUT = /^(optimizer\.safetensors|trainer_state\.json|.*\.partial)$/;
const WEIGHTS = /^(model[^/]*\.safetensors|onnx\/.*\.onnx)$/;

/** A file of a model folder. */
export interface ModelFile {
  /** Path in the folder. */
  readonly path: string;
  /** Local path. */
  readonly source: string;
  /** Size in bytes. */
  readonly size: number;
}

/** The files of a model folder. */
export interface ModelFiles {
  /** The files to upload, sorted by path. */
  readonly files: readonly ModelFile[];
  /** Paths of those that are left out: hidden, partial, states of a training. */
  readonly leftOut: readonly string[];
}

/**
 * Lists the files of a model folder.
 *
 * @param folder The folder.
 * @returns Its files.
 * @throws {Error} If it cannot be read, has a link, or is no folder of a model.
 */
export function modelFiles(folder: string): ModelFiles {
  const files: ModelFile[] = [];
  const leftOut: string[] = [];
  try {
    collect(folder.replace(/(?<=.)\/+$/, ""), "", files, leftOut);
  } catch (error) {
    throw explain(error, folder);
  }
  files.sort((a, b) => a.path < b.path ? -1 : 1);
  const empty = files.find(({ size }) => size === 0);
  if (empty) {
    throw new Error(
      `--model ${folder} has an empty ${empty.path}: save the model again, or remove the file`,
    );
  }
  checkModel(folder, files);
  return { files, leftOut: leftOut.sort() };
}

function collect(
  folder: string,
  prefix: string,
  files: ModelFile[],
  leftOut: string[],
): void {
  for (const { name, isDirectory, isSymlink } of Deno.readDirSync(folder)) {
    const [path, source] = [`${prefix}${name}`, `${folder}/${name}`];
    if (name.startsWith(".") || LEFT_OUT.test(name)) leftOut.push(path);
    else if (isSymlink) {
      throw new Error(
        `${source} is a link, and an upload takes files alone: copy the file to its place`,
      );
    } else if (isDirectory) collect(source, `${path}/`, files, leftOut);
    else files.push({ path, source, size: Deno.statSync(source).size });
  }
}

/** Throws unless there are a configuration and weights, as in the model folder of a run. */
function checkModel(folder: string, files: readonly ModelFile[]): void {
  const need = (isThere: boolean, missing: string) => {
    if (isThere) return;
    throw new Error(
      `--model ${folder} has no ${missing}: name the folder of a model, such as runs/mine/model`,
    );
  };
  const config = files.find(({ path }) => path === "config.json");
  need(config !== undefined, "config.json");
  const { model_type: modelType } = readJson(config!.source);
  need(typeof modelType === "string", "model_type in its config.json");
  need(files.some(({ path }) => WEIGHTS.test(path)), "model.safetensors");
}

function readJson(path: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(Deno.readTextFileSync(path)));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new Error(`${path} is no JSON: save the model again`);
  }
}

function explain(error: unknown, folder: string): unknown {
  const { NotFound, NotADirectory, NotCapable } = Deno.errors;
  if (error instanceof NotFound || error instanceof NotADirectory) {
    return new Error(
      `--model ${folder} is not a folder: name the model folder of a run, such as runs/mine/model`,
    );
  }
  if (error instanceof NotCapable) {
    return new Error(
      `--model ${folder} cannot be read with the permissions given, which for the upload task cover runs alone: copy the folder there, or run scripts/upload.ts with --allow-read=${folder}`,
    );
  }
  return error;
}
