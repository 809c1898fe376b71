import { TMP } from "./permissions.ts";

/** An empty folder below `tests/tmp`, removed at the end of its scope. */
export interface TempFolder extends AsyncDisposable {
  /** The path of the folder, without a trailing slash. */
  readonly path: string;
  /** The URL of the folder, with a trailing slash. */
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
