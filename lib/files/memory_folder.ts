/**
 * Folders and files in memory, or that a browser hands out.
 *
 * @module
 */
import { describe } from "../check_options.ts";
import {
  type Folder,
  type FolderEntries,
  type InputFiles,
  type OpenFile,
  truncatedFile,
} from "./folder.ts";

/** Bytes as a file; those of a `Blob` are read when they are used. */
export class MemoryFile implements OpenFile {
  readonly path: string;
  readonly size: number;
  readonly #content: Uint8Array | Blob;

  /** Takes a name, for errors, and the content. */
  constructor(path: string, content: Uint8Array | Blob) {
    this.path = path;
    this.size = content instanceof Blob ? content.size : content.length;
    this.#content = content;
  }

  async read(
    offset: number,
    length: number,
  ): Promise<Uint8Array<ArrayBuffer>> {
    if (offset + length > this.size) throw truncatedFile(this.path, this.size);
    const [content, end] = [this.#content, offset + length];
    if (!(content instanceof Blob)) {
      return new Uint8Array(content.subarray(offset, end));
    }
    try {
      return new Uint8Array(await content.slice(offset, end).arrayBuffer());
    } catch (cause) {
      // A file that was changed on the disk after it was chosen.
      throw new Error(
        `Cannot read ${this.path}: ${
          (cause as Error).message
        }; choose the file again`,
        { cause },
      );
    }
  }

  [Symbol.dispose](): void {}
}

/** Bodies of responses, which can be taken only once. */
const bodies = new WeakMap<Response, Promise<Blob>>();

/**
 * Takes the body of a response.
 *
 * @param response The response; it may be given several times.
 * @param path Name or URL, for errors.
 * @returns The body.
 * @throws {Error} If the server answers with an error, or the transfer fails.
 */
export async function bodyOf(response: Response, path: string): Promise<Blob> {
  if (!response.ok) {
    await response.body?.cancel();
    const { status, statusText } = response;
    throw new Error(
      `Cannot read ${path}: the server answers ${
        `${status} ${statusText}`.trim()
      }; check the address`,
    );
  }
  let body = bodies.get(response);
  if (!body) {
    body = response.blob();
    bodies.set(response, body);
  }
  try {
    return await body;
  } catch (cause) {
    throw new Error(
      `Cannot read ${path}: its transfer failed (${
        (cause as Error).message
      }); fetch it again`,
      { cause },
    );
  }
}

/** Files by name, as a folder. */
export class MemoryFolder implements Folder {
  readonly path: string;
  readonly #files: InputFiles;
  /** Name of this folder among the files: empty, or ending in a slash. */
  readonly #prefix: string;

  /** Takes files, and the name of a folder among them. */
  constructor(files: InputFiles, prefix = "") {
    this.path = prefix === "" ? "the given files" : prefix.slice(0, -1);
    this.#files = files;
    this.#prefix = prefix;
  }

  pathOf(name: string): string {
    return this.#prefix + name;
  }

  async open(name: string, ifMissing: string): Promise<OpenFile> {
    const file = await this.find(name);
    if (file) return file;
    const names = Object.keys(this.#files).join(", ") || "there are none";
    throw new Error(
      `Cannot read ${
        this.pathOf(name)
      }: it is not among the given files (${names})${ifMissing}`,
    );
  }

  async find(name: string): Promise<OpenFile | undefined> {
    const path = this.pathOf(name);
    if (!Object.hasOwn(this.#files, path)) return undefined;
    const content: unknown = this.#files[path];
    if (content instanceof Uint8Array || content instanceof Blob) {
      return new MemoryFile(path, content);
    }
    if (content instanceof Response) {
      return new MemoryFile(path, await bodyOf(content, path));
    }
    throw new TypeError(
      `Cannot read ${path}: it is ${
        describe(content)
      }; give a Uint8Array, a Blob, a File or a Response`,
    );
  }

  folder(name: string): Folder {
    return new MemoryFolder(this.#files, `${this.pathOf(name)}/`);
  }

  list(): Promise<FolderEntries> {
    const files: string[] = [];
    const folders = new Set<string>();
    for (const path of Object.keys(this.#files)) {
      if (!path.startsWith(this.#prefix)) continue;
      const [first, ...rest] = path.slice(this.#prefix.length).split("/");
      if (rest.length === 0) files.push(first!);
      else folders.add(first!);
    }
    return Promise.resolve({
      files: files.sort(),
      folders: [...folders].sort(),
    });
  }
}
