/**
 * Which files of a repository are needed: of a model its configuration, its
 * tokenizer and its safetensors, of a data set one configuration's splits.
 *
 * @module
 */
import type { HubClient, HubFile, Listing } from "./_hub_client.ts";
import type { HubName } from "./_hub_names.ts";

const CONFIG = "config.json";
const TOKENIZER = "tokenizer.json";
const TOKENIZER_CONFIG = "tokenizer_config.json";
const WEIGHTS = "model.safetensors";
const INDEX = "model.safetensors.index.json";

/** The formats of data sets, the one that is taken first where there are several. */
const FORMATS = ["parquet", "arrow", "jsonl", "csv", "tsv"];
const SPLIT = /^(train|validation|test)(_\w+)?(-\d{5}-of-\d{5})?$/;

/**
 * Chooses the files of a repository, in the order in which they are to appear:
 * the last is one without which nothing can be loaded.
 *
 * @param client The Hub.
 * @param name The repository.
 * @returns The files.
 * @throws {Error} If it lacks one, or its weights are pickled only.
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
  const config = need(CONFIG, "it is no model for transformers, name another");
  const weights = files.get(WEIGHTS);
  const shards = weights ? [weights] : await planShards(client, name, files);
  const tokenizer = need(
    TOKENIZER,
    "transformers writes one with AutoTokenizer.from_pretrained(…).save_pretrained(…)",
  );
  const optional = files.get(TOKENIZER_CONFIG) ?? [];
  return [shards, tokenizer, optional, config].flat();
}

/** The index and every file that it names. */
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
        ? `${name.repo} has its weights in pytorch_model.bin only, a pickle file, and reading one runs code that it brings: look for a revision with ${WEIGHTS}, such as @refs/pr/1, or load it in transformers and call save_pretrained`
        : `${name.repo} has no ${WEIGHTS}: name a model that has`,
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
  if (configuration !== undefined && !root.folders.includes(configuration)) {
    throw new Error(
      `${repo} has no folder ${configuration}: give one of ${
        root.folders.join(", ") || "none"
      } after the colon`,
    );
  }
  const places = configuration === undefined
    ? [root, ...root.folders.includes("data") ? ["data"] : []]
    : [configuration];
  for (const place of places) {
    const { files } = typeof place === "string"
      ? await client.list(name, place)
      : place;
    const splits = findSplits(files);
    if (splits.length > 0) return splits;
  }
  throw new Error(
    `${repo} has no ${configuration ? `${configuration}/` : ""}train.${
      FORMATS.join(", .")
    } or shards of it: name a configuration after a colon, one of ${
      root.folders.join(", ") || "none"
    }`,
  );
}

/** The files of the splits in one format; those of train are the last. */
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
