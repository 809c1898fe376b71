/** Operations of `lib/files.ts` that a test repeats with each fault, or that a child process runs. */
import { removeFolder, writeFile, writeFolder } from "../lib/files.ts";

/** An operation, and the files that it makes of {@linkcode BEFORE}. */
export interface FileOperation {
  /** Runs it in a folder; may be repeated if it fails. */
  run(folder: string): Promise<void>;
  /** Text of each file afterwards. */
  readonly after: Readonly<Record<string, string>>;
}

/** Text of each file before an operation. */
export const BEFORE = { "/old/a": "old", "/old/deep/b": "old" };

/** The operations by name. */
export const OPERATIONS: Readonly<Record<string, FileOperation>> = {
  "writeFile() over a file": {
    run: (folder) => writeFile(`${folder}/old`, "a", chunks("new", " text")),
    after: { ...BEFORE, "/old/a": "new text" },
  },
  "writeFile() in a new folder": {
    run: (folder) => writeFile(`${folder}/new/deep`, "a", "text"),
    after: { ...BEFORE, "/new/deep/a": "text" },
  },
  "writeFolder()": {
    run: (folder) =>
      writeFolder(`${folder}/new`, async (partial) => {
        await writeFile(partial, "a", "1");
        await writeFile(`${partial}/deep`, "b", chunks("2", "3"));
      }),
    after: { ...BEFORE, "/new/a": "1", "/new/deep/b": "23" },
  },
  "removeFolder()": {
    run: (folder) => removeFolder(`${folder}/old`),
    after: {},
  },
};

async function* chunks(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield await new Blob([text]).bytes();
}

if (import.meta.main) {
  const [name, folder] = Deno.args;
  await OPERATIONS[name!]!.run(folder!);
}
