import { ROOT, TMP } from "./permissions.ts";

/** A file of the project. */
export interface SourceFile {
  /** Path from the root of the project, with `/`. */
  readonly path: string;
  readonly url: URL;
  readonly text: string;
}

/**
 * Lists the files below a folder with one of the extensions, in the order of their
 * paths; needs the permission read.
 */
export async function sourceFiles(
  folder: string,
  ...extensions: readonly string[]
): Promise<SourceFile[]> {
  const files: SourceFile[] = [];
  for await (
    const { name, isDirectory } of Deno.readDir(new URL(folder, ROOT))
  ) {
    const path = `${folder}${name}`;
    if (isDirectory) {
      const isTemporary = new URL(`${path}/`, ROOT).href === TMP.href;
      if (isTemporary) continue; // copies made by other tests
      files.push(
        ...await sourceFiles(`${path}/`, ...extensions),
      );
    } else if (extensions.some((extension) => name.endsWith(extension))) {
      const url = new URL(path, ROOT);
      files.push({ path, url, text: await Deno.readTextFile(url) });
    }
  }
  return files.sort((a, b) => a.path < b.path ? -1 : 1);
}

/** Removes whole-line comments, such as examples in docs. */
export function withoutComments(text: string): string {
  return text.replaceAll(/^\s*(\/\/|\/\*|\*).*$/gm, "");
}
