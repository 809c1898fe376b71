/**
 * Names on the Hugging Face Hub, such as `google-bert/bert-base-uncased`, and the
 * folders below `data/hub` where `fetch.ts` puts them.
 *
 * @module
 */

/** Folder of everything that is fetched. */
export const HUB_FOLDER = "data/hub";

/** A repository on the Hub, at a revision. */
export interface HubName {
  /** Type of the repository. */
  readonly type: "model" | "dataset";
  /** Owner and name: `nyu-mll/glue`. */
  readonly repo: string;
  /** The configuration of a data set: `mrpc`. */
  readonly configuration?: string;
  /** A branch, tag or commit; `main` by default. */
  readonly revision: string;
  /** The repository's folder below `data/hub`. */
  readonly folder: string;
}

// No part begins with a dot, so none leads out of the folder.
const PART = "[A-Za-z0-9_][\\w.-]*";
const NAME = new RegExp(
  `^(${PART}/${PART})(?::(${PART}))?(?:@(${PART}(?:/${PART})*))?$`,
);

/**
 * Parses a name: `owner/name`, optionally with `:configuration` for a data set,
 * and `@revision`.
 *
 * @param type Type of the repository.
 * @param text The name.
 * @returns Its parts; `undefined` if it is not such a name.
 */
export function parseHubName(
  type: HubName["type"],
  text: string,
): HubName | undefined {
  const [, repo, configuration, revision = "main"] = text.match(NAME) ?? [];
  if (repo === undefined || (type === "model" && configuration)) return;
  const suffix = revision === "main"
    ? ""
    : `@${revision.replaceAll("/", "--")}`;
  return {
    type,
    repo,
    ...configuration === undefined ? {} : { configuration },
    revision,
    folder: `${HUB_FOLDER}/${type}s/${repo}${suffix}`,
  };
}

/**
 * Resolves `--model` and `--data` to paths: a folder or file with the given name if
 * there is one, else the folder of what was fetched under that name.
 *
 * @param options The settings of a run.
 * @returns The settings with folders.
 * @throws {Error} If a name has not been fetched; the message has the command. If `--model` is the folder of a run.
 */
export function resolveHubNames<
  Options extends {
    readonly model?: string | undefined;
    readonly data?: string | undefined;
  },
>(options: Options): Options {
  return {
    ...options,
    ...options.model && { model: folderOf("model", options.model) },
    ...options.data && { data: folderOf("dataset", options.data) },
  };
}

function folderOf(type: HubName["type"], value: string): string {
  if (type === "model") refuseRunFolder(value.replace(/\/+$/, ""));
  const name = parseHubName(type, value);
  if (name === undefined || /^(folder|file)$/.test(look(value))) return value;
  const folder = [name.folder, name.configuration ?? []].flat().join("/");
  const flag = type === "model" ? "--model" : "--data";
  if (look(folder) === "folder") {
    if (!isIncomplete(folder)) return folder;
    throw new Error(
      `${flag} ${value} was not fetched completely: deno task fetch --${type} ${value} resumes it`,
    );
  }
  // Reading its files fails with a message that names the permission.
  if (look(value) === "denied") return value;
  throw new Error(
    `${flag} ${value} is not a folder, and ${HUB_FOLDER} has nothing of that name: fetch it with deno task fetch --${type} ${value}, or check the path`,
  );
}

/** Refuses the folder of a run, which has a config.json of its own. */
function refuseRunFolder(folder: string): void {
  const isRun = look(`${folder}/model/config.json`) === "file" &&
    look(`${folder}/tokenizer.json`) === "none";
  if (!isRun) return;
  throw new Error(
    `--model ${folder} is the folder of a run: give that of its model, --model ${folder}/model`,
  );
}

/** Whether the file that is renamed last is still missing. */
function isIncomplete(folder: string): boolean {
  const names = Array.from(Deno.readDirSync(folder), ({ name }) => name);
  const isLast = (name: string) => /^(config\.json|train[^.]*\.\w+)/.test(name);
  const last = names.filter(isLast);
  return last.length > 0 && last.every((name) => name.endsWith(".partial"));
}

function look(path: string): "folder" | "file" | "none" | "denied" {
  try {
    return Deno.statSync(path).isDirectory ? "folder" : "file";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "none";
    if (error instanceof Deno.errors.NotCapable) return "denied";
    throw error;
  }
}
