/**
 * Selection of the files of a repository: configuration, tokenizer and
 * safetensors of a model, the splits of one configuration of a data set.
 *
 * @module
 */
import { type Configuration, readConfigurations } from "./dataset_card.ts";
import type { HubClient, HubFile, Listing } from "./client.ts";
import type { HubName } from "./names.ts";

const CONFIG = "config.json";
const TOKENIZER = "tokenizer.json";
/** Files that say more about the tokenizer, where a repository has them. */
const TOKENIZER_SETTINGS = ["tokenizer_config.json", "special_tokens_map.json"];
/** Vocabularies from which transformers makes a `tokenizer.json`. */
const VOCABULARY =
  /^(?:vocab\.(?:txt|json)|spm\.model|spiece\.model|sentencepiece\.bpe\.model)$/;
const WEIGHTS = "model.safetensors";
const INDEX = "model.safetensors.index.json";

/** Formats of data sets; the first one that a repository has is used. */
const FORMATS = ["parquet", "arrow", "jsonl", "csv", "tsv"];
const CARD = "README.md";
const MAX_CARD_BYTES = 10e6;
const SPLIT_NAME = /^(train|validation|test)(_\w+)?$/;
const SPLIT = /^(train|validation|test)(_\w+)?(-\d{5}-of-\d{5})?$/;

/**
 * Selects the files of a repository, in the order in which they get their names:
 * without the last one nothing can be loaded.
 *
 * @param client The Hub.
 * @param name The repository.
 * @returns The files.
 * @throws {Error} If a file is missing, or the weights are pickled only.
 */
export async function planFiles(
  client: HubClient,
  name: HubName,
): Promise<HubFile[]> {
  const files = name.type === "model"
    ? await planModel(client, name)
    : await planDataset(client, name);
  const empty = files.find(({ size }) => size === 0);
  if (empty) {
    throw new Error(`${name.repo} has an empty ${empty.path}: name another`);
  }
  return files;
}

async function planModel(
  client: HubClient,
  name: HubName,
): Promise<HubFile[]> {
  const { files } = await client.list(name);
  const need = (path: string, remedy: string) => {
    const file = files.get(path);
    if (file) return file;
    throw new Error(`${name.repo} has no ${path}: ${remedy}`);
  };
  const config = need(
    CONFIG,
    "it is not a model for transformers, name another",
  );
  const weights = files.get(WEIGHTS);
  const shards = weights ? [weights] : await planShards(client, name, files);
  const vocabulary = [...files.keys()].find((path) => VOCABULARY.test(path));
  const tokenizer = need(
    TOKENIZER,
    `${
      vocabulary === undefined
        ? ""
        : `its tokenizer is in ${vocabulary} alone, which transformers converts; `
    }name a repository that has it, or load model and tokenizer in transformers, call save_pretrained("DIR") of both, and give --model DIR in place of fetching it`,
  );
  const optional = TOKENIZER_SETTINGS.flatMap((path) => files.get(path) ?? []);
  return [shards, tokenizer, optional, config].flat();
}

/** The index of a sharded model, and its shards. */
async function planShards(
  client: HubClient,
  name: HubName,
  files: Listing["files"],
): Promise<HubFile[]> {
  const index = files.get(INDEX);
  if (!index) {
    throw new Error(
      files.has("pytorch_model.bin") ||
        files.has("pytorch_model.bin.index.json")
        ? `${name.repo} has its weights in pytorch_model.bin only, a pickle file, and reading one runs code inside it: look for a revision with ${WEIGHTS}, such as @refs/pr/1, or load it in transformers and call save_pretrained`
        : `${name.repo} has no ${WEIGHTS}: name a model that has one`,
    );
  }
  const response = await client.open(name, INDEX, 0);
  let shards: string[];
  try {
    const { weight_map: weightMap } = await response.json();
    shards = [...new Set(Object.values(weightMap as Record<string, string>))];
  } catch (cause) {
    throw new Error(
      `${name.repo} has an ${INDEX} that cannot be read: name another model`,
      { cause },
    );
  }
  const found = shards.map((shard) => {
    const file = files.get(shard);
    if (file?.path.endsWith(".safetensors")) return file;
    throw new Error(
      `${name.repo} has no ${
        JSON.stringify(shard)
      }, which its ${INDEX} names: name another model or revision`,
    );
  });
  return [...found, index];
}

async function planDataset(
  client: HubClient,
  name: HubName,
): Promise<HubFile[]> {
  const { repo, configuration } = name;
  const root = await client.list(name);
  const configurations = await readCard(client, name, root);
  const chosen = configurations.find((one) =>
    configuration === undefined ? one.isDefault : one.name === configuration
  );
  if (chosen) return await planConfiguration(client, name, chosen);
  const choices = configurations.length > 0
    ? configurations.map(({ name }) => name)
    : root.folders;
  if (configuration !== undefined && !root.folders.includes(configuration)) {
    throw new Error(
      `${repo} has no folder ${configuration}: give one of ${
        choices.join(", ") || "none"
      } after the colon`,
    );
  }
  const folders = configuration === undefined
    ? [root, ...root.folders.includes("data") ? ["data"] : []]
    : [configuration];
  for (const folder of folders) {
    const { files } = typeof folder === "string"
      ? await client.list(name, folder)
      : folder;
    const splits = findSplits(files);
    if (splits.length > 0) return splits;
  }
  throw new Error(
    `${repo} has no ${configuration ? `${configuration}/` : ""}train.${
      FORMATS.join(", .")
    } or shards of it: name a configuration after a colon, one of ${
      choices.join(", ") || "none"
    }`,
  );
}

async function readCard(
  client: HubClient,
  name: HubName,
  { files }: Listing,
): Promise<Configuration[]> {
  const card = files.get(CARD);
  if (!card || card.size > MAX_CARD_BYTES) return [];
  const response = await client.open(name, CARD, 0);
  const text = await response.text();
  try {
    return readConfigurations(text);
  } catch (cause) {
    throw new Error(
      `${name.repo} has a ${CARD} with a YAML block that cannot be read (${
        (cause as Error).message.split("\n")[0]
      }): name another data set or revision`,
      { cause },
    );
  }
}

/** The files that a card names, renamed as the other tasks expect them. */
async function planConfiguration(
  client: HubClient,
  name: HubName,
  { name: configuration, splits }: Configuration,
): Promise<HubFile[]> {
  const { repo } = name;
  const folder = name.configuration === undefined ? "" : `${configuration}/`;
  const planned: HubFile[] = [];
  for (const [split, paths] of splits) {
    if (!SPLIT_NAME.test(split)) continue;
    const found: HubFile[] = [];
    for (const path of paths) found.push(...await match(client, name, path));
    found.forEach((file, i) => {
      const shard = [i, found.length].map((n) => `${n}`.padStart(5, "0"));
      const format = file.path.split(".").at(-1);
      const as = `${folder}${split}-${shard.join("-of-")}.${format}`;
      planned.push({ ...file, as });
    });
  }
  const isTrain = ({ as }: HubFile) => as!.startsWith(`${folder}train`);
  if (planned.some(isTrain)) {
    return planned.sort((a, b) => Number(isTrain(a)) - Number(isTrain(b)));
  }
  throw new Error(
    `The ${CARD} of ${repo} names ${
      [...splits.keys()].join(", ")
    } for its configuration ${configuration}, but no train: name another configuration after a colon`,
  );
}

/** The files that match a path, which may have `*` in its last part. */
async function match(
  client: HubClient,
  name: HubName,
  path: string,
): Promise<HubFile[]> {
  const parts = path.replace(/^\.?\//, "").split("/");
  const last = parts.pop()!;
  const where = `${name.repo} has its files at ${JSON.stringify(path)}`;
  if (parts.some((part) => /^\.\.?$|[*?[{]/.test(part)) || /[?[{]/.test(last)) {
    throw new Error(
      `${where}, a pattern that is not supported: only the name of a file may have *; name another configuration, or copy the files to a folder`,
    );
  }
  const pattern = new RegExp(
    `^${last.split("*").map((text) => RegExp.escape(text)).join(".*")}$`,
  );
  const folder = parts.join("/");
  const { files } = await client.list(name, ...folder ? [folder] : []);
  const found = [...files.values()].filter(({ path }) =>
    pattern.test(path.split("/").at(-1)!)
  );
  if (found.length === 0) {
    throw new Error(`${where}, and there are none: name another revision`);
  }
  const other = found.find(({ path }) =>
    !FORMATS.includes(path.split(".").at(-1)!)
  );
  if (!other) return found.sort((a, b) => a.path < b.path ? -1 : 1);
  throw new Error(
    `${name.repo} has ${other.path} among its files, and only .${
      FORMATS.join(", .")
    } can be read: name another configuration or data set`,
  );
}

/** The files of all splits in one format, train last. */
function findSplits(files: Listing["files"]): HubFile[] {
  for (const format of FORMATS) {
    const found = [...files.values()].filter(({ path }) => {
      const [base, extension] = path.split("/").at(-1)!.split(/\.(?=\w+$)/);
      return extension === format && SPLIT.test(base!);
    });
    const isTrain = ({ path }: HubFile) => /(^|\/)train/.test(path);
    if (found.some(isTrain)) {
      return found.sort((a, b) => Number(isTrain(a)) - Number(isTrain(b)));
    }
  }
  return [];
}
