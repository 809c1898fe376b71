import { TMP } from "./permissions.ts";

/** An empty folder below `tests/tmp` that is removed with its scope. */
export interface TempFolder extends AsyncDisposable {
  /** The folder's path, without a slash at its end. */
  readonly path: string;
  /** The same as a URL, with a slash at its end. */
  readonly url: URL;
}

/**
 * Makes a folder; needs the permissions read and write.
 *
 *     await using folder = await tempFolder();
 */
export async function tempFolder(): Promise<TempFolder> {
  await Deno.mkdir(TMP, { recursive: true });
  const url = new URL(`${crypto.randomUUID()}/`, TMP);
  await Deno.mkdir(url);
  return {
    path: url.pathname.replace(/\/$/, ""),
    url,
    [Symbol.asyncDispose]: () => Deno.remove(url, { recursive: true }),
  };
}
