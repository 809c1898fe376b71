/**
 * Digests of the files that decide what a run computes.
 *
 * @module
 */

/** Files of a model or a data set that decide what a run computes. */
const DIGESTED =
  /^((config|tokenizer|tokenizer_config)\.json|model(-\d+-of-\d+)?\.safetensors|(train|validation|test)(_\w+)?(-\d+-of-\d+)?\.(arrow|parquet|tsv|csv|jsonl|json))$/;

/**
 * Hashes the files of a model or a data set with SHA-256.
 *
 * @param folder The folder, or a data set's only file.
 * @returns Hexadecimal digests by file name, sorted by name.
 */
export async function digests(
  folder: string | URL,
): Promise<Record<string, string>> {
  const path = folder instanceof URL
    ? decodeURIComponent(folder.pathname).replace(/\/+$/, "")
    : folder;
  if ((await Deno.stat(path)).isFile) {
    return { [path.slice(path.lastIndexOf("/") + 1)]: await digestOf(path) };
  }
  const names = await listDigested(path, "");
  // A data set of the Hub may have its only configuration in a folder below.
  if (names.length === 0) {
    for await (const { name, isDirectory } of Deno.readDir(path)) {
      if (isDirectory) names.push(...await listDigested(path, `${name}/`));
    }
  }
  const result: Record<string, string> = {};
  for (const name of names.sort()) {
    result[name] = await digestOf(`${path}/${name}`);
  }
  return result;
}

async function digestOf(path: string): Promise<string> {
  const bytes = await Deno.readFile(path);
  const hash = await crypto.subtle.digest("SHA-256", bytes);
  return new Uint8Array(hash).toHex();
}

async function listDigested(path: string, inner: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(`${path}/${inner}`)) {
    if (DIGESTED.test(name)) names.push(`${inner}${name}`);
  }
  return names;
}
