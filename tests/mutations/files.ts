import type { FileMutations } from "./mutation.ts";

/** Mutations of files that are read and saved, wherever they are. */
export const LIB_FILES: readonly FileMutations[] = [
  {
    file: "lib/files/disk_folder.ts",
    tests: [
      "tests/files/disk_folder_test.ts",
      "tests/checkpoint/hugging_face_test.ts",
    ],
    changes: [
      ["if (!isFile) {", "if (false) {"],
      ["done += count;", "done = length;"],
      ['throw explain(error, "read", this.path);', "throw error;"],
      ["this.#file.seekSync(offset, Deno.SeekMode.Start);", ""],
      ["if (error instanceof Deno.errors.NotFound) return undefined;", ""],
      ["(isDirectory ? folders : files)", "files"],
    ],
  },
  {
    file: "lib/files/disk_folder.ts",
    tests: ["tests/files/open_folder_test.ts"],
    changes: [
      ['if (typeof Deno !== "undefined") return;', "return;"],
    ],
  },
  {
    file: "lib/files/memory_folder.ts",
    tests: ["tests/files/memory_folder_test.ts"],
    changes: [
      ["offset + length > this.size", "false"],
      [
        "new Uint8Array(content.subarray(offset, end))",
        "content.subarray(offset, end)",
      ],
      ["bodies.set(response, body);", ""],
      ["if (!response.ok) {", "if (false) {"],
      ["if (!path.startsWith(this.#prefix)) continue;", ""],
      ["return this.#prefix + name;", "return name;"],
    ],
  },
  {
    file: "lib/files/open_files.ts",
    tests: [
      "tests/checkpoint/tensor_file_test.ts",
      "tests/checkpoint/weights_test.ts",
    ],
    changes: [
      ["file[Symbol.dispose]();", ""],
      ["this.#files = [];", ""],
    ],
  },
  {
    file: "lib/files/open_folder.ts",
    tests: ["tests/files/open_folder_test.ts"],
    changes: [
      [
        'checkFileSystem("read", path, REMEDY);\n    return new',
        "return new",
      ],
      [
        'checkFileSystem("read", path, REMEDY);\n    return await',
        "return await",
      ],
      ["&& !(source instanceof Blob)", ""],
      ["decodeURIComponent(url.pathname)", "url.pathname"],
      ['url?.protocol === "file:" ? undefined : url', "url"],
    ],
  },
  {
    file: "lib/files/save_files.ts",
    tests: ["tests/files/save_files_test.ts"],
    changes: [
      [
        "new Blob([chunk as Uint8Array<ArrayBuffer>])",
        "chunk as unknown as Blob",
      ],
      ["if (name !== undefined) {", "if (false) {"],
      ["await save(files);", "await save(target);"],
    ],
  },
  {
    file: "lib/files/url_folder.ts",
    tests: ["tests/files/open_folder_test.ts"],
    changes: [
      ["response.status === NOT_FOUND", "false"],
      ["(response.ok && isPage(response))", "false"],
      ["(response.ok && isPage(response))", "isPage(response)"],
      ['.replace(/\\/+$/, "")', ""],
      [
        "const url = new URL(this.#url);",
        "const url = new URL(this.#url.origin + this.#url.pathname);",
      ],
    ],
  },
];
