/**
 * The files of a model: of the page, of a folder, or of the Hugging Face Hub.
 *
 * @module
 */
import { AutoConfig, Tokenizer } from "../../mod.ts";
import type { ModelSource, ModelSummary } from "../messages.ts";

/** A pretrained model that is not loaded yet. */
export interface BaseModel {
  readonly summary: ModelSummary;
  readonly tokenizer: Tokenizer;
  /** Its files by name. */
  readonly files: Readonly<Record<string, Blob>>;
}

/** Called while a file is downloaded, with bytes. */
export type OnDownload = (label: string, loaded: number, total: number) => void;

const NEEDED = ["config.json", "tokenizer.json", "model.safetensors"];
const OPTIONAL = ["tokenizer_config.json", "special_tokens_map.json"];
const HUB = "https://huggingface.co";
const CACHE = "gradloop-models";

/** Browsers read no more of a file at once. */
const MAX_BYTES = 2 ** 31;

/** Tokens after which a text is cut: long texts take long. */
const MAX_LENGTH = 128;

/**
 * Opens a model.
 *
 * @param source Its place.
 * @param onDownload Called while a file is downloaded.
 * @returns The model.
 * @throws {Error} If it is none, in words for the user.
 */
export async function openModel(
  source: ModelSource,
  onDownload: OnDownload,
): Promise<BaseModel> {
  switch (source.kind) {
    case "embedded": {
      const files = await download(
        "model",
        [...NEEDED, OPTIONAL[0]!],
        onDownload,
      );
      return open("gradloop’s small BERT", files, source.kind);
    }
    case "folder": {
      const { name, files } = pickFiles(source.files);
      return open(
        name ?? source.name ?? "model from a folder",
        files,
        source.kind,
      );
    }
    case "hub": {
      const name = hubName(source.name);
      return open(name, await fetchFromHub(name, onDownload), source.kind);
    }
  }
}

async function open(
  name: string,
  files: Readonly<Record<string, Blob>>,
  origin: ModelSummary["origin"],
): Promise<BaseModel> {
  const { size } = files["model.safetensors"]!;
  if (size >= MAX_BYTES) {
    throw new Error(
      `The model is too large: model.safetensors has ${
        (size / 1e9).toFixed(1)
      } GB, and a browser reads 2 GB. Choose a smaller one`,
    );
  }
  const config = await AutoConfig.fromPretrained(files);
  const tokenizer = await Tokenizer.fromPretrained(files);
  const { modelType, maxPositionEmbeddings } = config;
  const { numHiddenLayers, numLayers, nLayers, hiddenSize, dim } = {
    ...config,
  } as Readonly<Record<string, unknown>>;
  return {
    files,
    tokenizer,
    summary: {
      name,
      origin,
      modelType,
      layers: Number(numHiddenLayers ?? numLayers ?? nLayers ?? 0),
      hiddenSize: Number(hiddenSize ?? dim ?? 0),
      parameters: await countParameters(files["model.safetensors"]!),
      maxLength: Math.min(
        MAX_LENGTH,
        tokenizer.modelMaxLength,
        maxPositionEmbeddings,
      ),
    },
  };
}

/** Adds up the sizes in the header of a safetensors file, which must be whole. */
async function countParameters(file: Blob): Promise<number> {
  let tensors: { shape?: number[]; ["data_offsets"]?: number[] }[];
  let start: number;
  try {
    const size = new DataView(await file.slice(0, 8).arrayBuffer());
    start = 8 + Number(size.getBigUint64(0, true));
    tensors = Object.values(JSON.parse(await file.slice(8, start).text()));
  } catch (cause) {
    throw new Error(
      "The file model.safetensors is damaged, or of another format: copy or download it again",
      { cause },
    );
  }
  const ends = tensors.map((tensor) => tensor["data_offsets"]?.[1] ?? 0);
  if (file.size < start + Math.max(...ends)) {
    throw new Error(
      "The file model.safetensors is not whole: copy or download it again",
    );
  }
  return tensors
    .map(({ shape }) => shape?.reduce((product, n) => product * n, 1) ?? 0)
    .reduce((sum, n) => sum + n, 0);
}

/**
 * Picks the files of a model among those of a folder.
 *
 * @param all The files, with the path that they have in the folder.
 * @returns The files by name, and the name of their folder where they have a path.
 * @throws {Error} If one is missing.
 */
export function pickFiles(
  all: readonly File[],
): { name: string | undefined; files: Record<string, Blob> } {
  const paths = all.map((file) => ({
    file,
    path: file.webkitRelativePath || file.name,
  }));
  const depth = (path: string) => path.split("/").length;
  const [config] = paths
    .filter(({ path }) => path.split("/").at(-1) === "config.json")
    .sort((a, b) => depth(a.path) - depth(b.path));
  const folder = config?.path.slice(0, -"config.json".length) ?? "";
  const files: Record<string, Blob> = {};
  for (const name of [...NEEDED, ...OPTIONAL]) {
    const found = paths.find(({ path }) => path === `${folder}${name}`);
    if (found) files[name] = found.file;
  }
  const missing = NEEDED.filter((name) => !(name in files));
  if (missing.length > 0) {
    const isOld = paths.some(({ path }) => /pytorch_model\.bin$/.test(path));
    throw new Error(
      `This is no model folder: ${missing.join(" and ")} ${
        missing.length > 1 ? "are" : "is"
      } not in it. A model folder has ${NEEDED.join(", ")}${
        isOld && missing.includes("model.safetensors")
          ? "; its pytorch_model.bin is an older format: load it in transformers and save it again with save_pretrained"
          : ""
      }`,
    );
  }
  return { name: folder.split("/").at(-2), files };
}

/**
 * Reads a name of the Hub, also out of an address.
 *
 * @param text What the user typed.
 * @returns The name.
 * @throws {Error} If it is none.
 */
export function hubName(text: string): string {
  const name = text.trim().replace(
    /^https?:\/\/(?:www\.)?huggingface\.co\//,
    "",
  )
    .replace(/\/(?:tree|blob|resolve)\/.*$|\/$/, "");
  if (/^[\w.-]+(?:\/[\w.-]+)?$/.test(name) && !name.includes("..")) return name;
  throw new Error(
    `“${text}” is no name of a model on the Hub: names look like google/bert_uncased_L-2_H-128_A-2`,
  );
}

async function fetchFromHub(
  name: string,
  onDownload: OnDownload,
): Promise<Record<string, Blob>> {
  const address = `${HUB}/${name}/resolve/main`;
  const files = await download(address, NEEDED, onDownload, name);
  for (const optional of OPTIONAL) {
    const blob = await cached(`${address}/${optional}`, () => {});
    if (blob) files[optional] = blob;
  }
  return files;
}

async function download(
  folder: string,
  names: readonly string[],
  onDownload: OnDownload,
  hubName?: string,
): Promise<Record<string, Blob>> {
  const files: Record<string, Blob> = {};
  for (const name of names) {
    const address = `${folder}/${name}`;
    const onBytes = (loaded: number, total: number) =>
      onDownload(name, loaded, total);
    const blob = hubName === undefined
      ? await fetchBlob(address, onBytes)
      : await cached(address, onBytes);
    if (blob) files[name] = blob;
    else if (hubName === undefined) {
      throw new Error(`The page is incomplete: ${address} is missing`);
    } else throw new Error(missingOnHub(hubName, name));
  }
  return files;
}

function missingOnHub(hubName: string, file: string): string {
  return file === "config.json"
    ? `The Hub has no model ${hubName} that is open to everyone: check the name, and whether it asks for an account`
    : `${hubName} has no ${file} on the Hub, which this page needs: choose a model that has config.json, tokenizer.json and model.safetensors`;
}

/** The file out of the browser's cache, else from the Hub, and kept there. */
async function cached(
  address: string,
  onBytes: (loaded: number, total: number) => void,
): Promise<Blob | undefined> {
  const cache = await caches.open(CACHE).catch(() => undefined); // private windows may have none
  const known = await cache?.match(address);
  if (known) return known.blob();
  const blob = await fetchBlob(address, onBytes);
  if (blob) {
    await cache?.put(address, new Response(blob)).catch(() => {}); // no space: it is fetched again
  }
  return blob;
}

async function fetchBlob(
  address: string,
  onBytes: (loaded: number, total: number) => void,
): Promise<Blob | undefined> {
  let response: Response;
  try {
    response = await fetch(address);
  } catch {
    throw new Error(
      `${
        new URL(address, location.href).host
      } does not answer: check the connection and try again`,
    );
  }
  if ([401, 403, 404].includes(response.status)) return undefined;
  if (!response.ok) {
    throw new Error(
      `${
        new URL(address, location.href).host
      } answers ${response.status}: try again later`,
    );
  }
  const total = Number(response.headers.get("content-length") ?? 0);
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let loaded = 0;
  for await (const chunk of response.body!) {
    chunks.push(chunk);
    onBytes(loaded += chunk.length, total);
  }
  return new Blob(chunks);
}
