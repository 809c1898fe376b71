/**
 * The files of the page: scripts bundled from `web/`, the embedded model, the samples.
 *
 * @module
 */
/// <reference lib="deno.unstable" />
import { META_POLICY } from "./security.ts";

const ROOT = new URL("../../", import.meta.url);

/** Path on the site, and in the project, of each file that is copied. */
const COPIED: Readonly<Record<string, string>> = {
  "style.css": "web/style.css",
  "icon.svg": "web/icon.svg",
  "samples/intents.tsv": "web/samples/intents.tsv",
  "samples/pairs.arrow": "data/pairs/train.arrow",
  "model/config.json": "data/model/config.json",
  "model/tokenizer.json": "data/model/tokenizer.json",
  "model/tokenizer_config.json": "data/model/tokenizer_config.json",
  "model/model.safetensors": "data/model/model.safetensors",
};

/** Files by their path on the site. */
export type Site = ReadonlyMap<string, Uint8Array<ArrayBuffer>>;

/**
 * Makes the site. Needs permission to read the project; Deno fetches its bundler,
 * esbuild, and the packages of the page once.
 *
 * @returns Its files.
 * @throws {Error} If a script cannot be bundled.
 */
export async function makeSite(): Promise<Site> {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  const page = await Deno.readTextFile(new URL("web/index.html", ROOT));
  const html = page.replace('content="CSP"', () => `content="${META_POLICY}"`);
  files.set("index.html", new TextEncoder().encode(html));
  for (const [path, bytes] of await bundle()) files.set(path, bytes);
  for (const [path, source] of Object.entries(COPIED)) {
    files.set(path, await Deno.readFile(new URL(source, ROOT)));
  }
  return files;
}

/** Bundles page and worker; what both need, and what is loaded later, has files of its own. */
async function bundle(): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
  const folder = decodeURIComponent(new URL("web/", ROOT).pathname);
  const { success, errors, outputFiles = [] } = await Deno.bundle({
    entrypoints: [`${folder}main.ts`, `${folder}worker.ts`],
    outputDir: `${folder}dist`,
    platform: "browser",
    format: "esm",
    codeSplitting: true,
    minify: true,
    write: false,
  });
  if (!success) {
    throw new Error(
      `Cannot bundle the page: ${errors.map(({ text }) => text).join("; ")}`,
    );
  }
  return new Map(outputFiles.map(({ path, contents }) => {
    const name = path.slice(`${folder}dist/`.length);
    return [name, contents! as Uint8Array<ArrayBuffer>];
  }));
}
