/**
 * Names on the Hugging Face Hub, such as `google-bert/bert-base-uncased`, and
 * the folders below `data/hub` in which `fetch.ts` puts what they stand for.
 *
 * @module
 */

/** Where everything that is fetched lies. */
export const HUB_FOLDER = "data/hub";

/** A repository on the Hub, at a revision. */
export interface HubName {
  /** What kind of repository. */
  readonly type: "model" | "dataset";
  /** Owner and name: `nyu-mll/glue`. */
  readonly repo: string;
  /** The configuration of a data set: `mrpc`. */
  readonly configuration?: string;
  /** A branch, tag or commit; `main` where none was given. */
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
 * Reads a name: `owner/name`, perhaps with `:configuration` for a data set, and
 * `@revision`.
 *
 * @param type What the name is of.
 * @param text The name.
 * @returns Its parts, or `undefined` where it is no such name.
 */
export function parseHubName(
  type: HubName["type"],
  text: string,
): HubName | undefined {
  const [, repo, configuration, revision = "main"] = text.match(NAME) ?? [];
  if (repo === undefined || (type === "model" && configuration)) return;
  const at = revision === "main" ? "" : `@${revision.replaceAll("/", "--")}`;
  return {
    type,
    repo,
    ...configuration === undefined ? {} : { configuration },
    revision,
    folder: `${HUB_FOLDER}/${type}s/${repo}${at}`,
  };
}

/**
 * Puts folders for the names that `--model` and `--data` may have: a folder of
 * that name where there is one, else what was fetched under it.
 *
 * @param options The settings of a run.
 * @returns The same with folders.
 * @throws {Error} If a name was not fetched: the command to type.
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
  const name = parseHubName(type, value);
  if (name === undefined || isFolder(value)) return value;
  const folder = [name.folder, name.configuration ?? []].flat().join("/");
  const flag = type === "model" ? "--model" : "--data";
  if (isFolder(folder)) {
    if (!isUnfinished(folder)) return folder;
    throw new Error(
      `${flag} ${value} was not fetched to its end: deno task fetch --${type} ${value} goes on from there`,
    );
  }
  throw new Error(
    `${flag} ${value} is no folder, and nothing of that name lies in ${HUB_FOLDER}: fetch it with deno task fetch --${type} ${value}, or check the path`,
  );
}

/** Whether the file that gets its name last is still on its way. */
function isUnfinished(folder: string): boolean {
  const names = Array.from(Deno.readDirSync(folder), ({ name }) => name);
  const isLast = (name: string) => /^(config\.json|train[^.]*\.\w+)/.test(name);
  const last = names.filter(isLast);
  return last.length > 0 && last.every((name) => name.endsWith(".partial"));
}

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch (error) {
    // What may not be read is for the reader to complain of.
    if (error instanceof Deno.errors.NotFound) return false;
    if (error instanceof Deno.errors.NotCapable) return false;
    throw error;
  }
}
