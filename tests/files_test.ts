import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { removeFolder, writeFile, writeFolder } from "../lib/files.ts";
import { BEFORE, type FileOperation, OPERATIONS } from "./files_operations.ts";
import {
  faultFlags,
  type FaultOptions,
  injectFault,
} from "./helpers/faulty_files.ts";
import { needs, ROOT } from "./helpers/permissions.ts";
import { type TempFolder, tempFolder } from "./helpers/temp_folder.ts";

type Tree = Readonly<Record<string, string>>;

/** Text of every file below a folder, by path; and temporary folders. */
async function treeOf(folder: string, path = ""): Promise<Tree> {
  const tree: Record<string, string> = {};
  for await (const { name, isDirectory } of Deno.readDir(folder + path)) {
    const inner = `${path}/${name}`;
    if (isDirectory) {
      if (name.endsWith(".partial")) tree[inner] = "a folder";
      Object.assign(tree, await treeOf(folder, inner));
    } else tree[inner] = await Deno.readTextFile(folder + inner);
  }
  return tree;
}

/** Asserts that a tree is one of two. */
function assertEither(tree: Tree, a: Tree, b: Tree): void {
  const json = (tree: Tree) => JSON.stringify(Object.entries(tree).sort());
  if (json(tree) !== json(a)) assertEquals(tree, b);
}

/** A folder with the files of {@linkcode BEFORE}. */
async function folderBefore(): Promise<TempFolder> {
  const folder = await tempFolder();
  await Deno.mkdir(`${folder.path}/old/deep`, { recursive: true });
  for (const [name, text] of Object.entries(BEFORE)) {
    await Deno.writeTextFile(folder.path + name, text);
  }
  return folder;
}

/** Checks an operation with a fault; returns whether it failed. */
async function failsWhole(
  { run, after }: FileOperation,
  options: Omit<FaultOptions, "paths">,
): Promise<boolean> {
  await using folder = await folderBefore();
  const { path } = folder;
  let error: Error | undefined;
  {
    using _fault = injectFault({ paths: path, ...options });
    await run(path).catch((reason) => error = reason);
  }
  const tree = await treeOf(path);
  if (!error) {
    assertEquals(tree, after);
    return false;
  }
  assertMatch(error.message, /^Cannot (write|remove) \/.*\(os error (5|28)\)/);
  if (options.fault === "ENOSPC") assertMatch(error.message, /; free space/);
  assertEither(tree, BEFORE, after); // no partial file either
  await run(path);
  assertEquals(await treeOf(path), after);
  return true;
}

for (const [name, operation] of Object.entries(OPERATIONS)) {
  for (const call of ["open", "write", "fsync", "rename", "mkdir"] as const) {
    Deno.test(
      needs(`${name} on a disk that fails in ${call}`, "read", "write"),
      async () => {
        for (const isLasting of [false, true]) {
          for (const fault of ["ENOSPC", "EIO"] as const) {
            const options = { call, fault, isLasting };
            let nth = 1;
            while (await failsWhole(operation, { ...options, nth })) nth++;
          }
        }
      },
    );
  }

  Deno.test(
    needs(`${name} in a process that is killed`, "read", "write", "run"),
    async () => {
      const { run, after } = operation;
      for (let nth = 1;; nth++) {
        await using folder = await folderBefore();
        const { path } = folder;
        const fault = faultFlags({ paths: path, nth, fault: "SIGKILL" });
        const { signal, success } = await runChild(name, path, path, fault);
        const whole = Object.entries(await treeOf(path))
          .filter(([path]) => !path.includes(".partial"));
        assertEither(Object.fromEntries(whole), BEFORE, after);
        // Removes what the process left, unless it was finished.
        await run(path).catch((error) => {
          if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
        });
        assertEquals(await treeOf(path), after);
        if (signal === "SIGKILL") continue;
        assert(success && nth > 2);
        break;
      }
    },
  );
}

/** Runs an operation in a process with permissions for one folder. */
function runChild(
  name: string,
  folder: string,
  permitted: string,
  flags: readonly string[] = [],
): Promise<Deno.CommandOutput> {
  return new Deno.Command("deno", {
    args: [
      "run",
      "--no-prompt",
      `--allow-read=${permitted}`,
      `--allow-write=${permitted}`,
      ...flags,
      new URL("tests/files_operations.ts", ROOT).href,
      name,
      folder,
    ],
  }).output();
}

Deno.test(
  needs("files are on the disk before they get their name", "read", "write"),
  async (t) => {
    const operationsOf = async (name: string) => {
      await using folder = await folderBefore();
      using fault = injectFault({
        paths: folder.path,
        nth: Infinity,
        fault: "EIO",
      });
      await OPERATIONS[name]!.run(folder.path);
      return fault.operations.map((line) => line.replace(folder.path, ""));
    };
    const cases: Record<string, string[]> = {
      "writeFile() over a file": [
        "mkdir /old",
        "open /old/a.partial",
        "write /old/a.partial",
        "write /old/a.partial",
        "fsync /old/a.partial",
        "rename /old/a.partial",
        "fsync /old",
      ],
      "writeFile() in a new folder": [
        "mkdir /new/deep",
        "fsync ",
        "fsync /new",
        "open /new/deep/a.partial",
        "write /new/deep/a.partial",
        "fsync /new/deep/a.partial",
        "rename /new/deep/a.partial",
        "fsync /new/deep",
      ],
      "removeFolder()": ["rename /old", "fsync "],
    };
    for (const [name, operations] of Object.entries(cases)) {
      await t.step(name, async () => {
        assertEquals(await operationsOf(name), operations);
      });
    }
    await t.step("writeFolder()", async () => {
      const operations = await operationsOf("writeFolder()");
      assertEquals(operations.slice(-3), [
        "fsync /new.partial",
        "rename /new.partial",
        "fsync ",
      ]);
    });
  },
);

Deno.test(
  needs(
    "writeFile() needs permission for one folder",
    "read",
    "write",
    "run",
  ),
  async () => {
    await using folder = await folderBefore();
    const { path } = folder;
    const { stderr } = await runChild("writeFolder()", path, `${path}/new`);
    assertStringIncludes(
      new TextDecoder().decode(stderr),
      `NotCapable: Cannot write ${path}/new: Deno has no permission to, run it with --allow-write=${path}`,
    );

    const name = "writeFile() in a new folder";
    const { success } = await runChild(name, path, `${path}/new/deep`);
    assert(success);
    assertEquals(await treeOf(path), OPERATIONS[name]!.after);
  },
);

Deno.test(
  needs("writeFolder() and removeFolder() check the path", "read", "write"),
  async () => {
    await using folder = await folderBefore();
    const { path } = folder;
    const write = () => Promise.reject("called");
    await assertRejects(() => writeFolder("", write), RangeError);
    await assertRejects(() => removeFolder(""), RangeError);
    for (const name of ["old", "old/", "old/a"]) {
      await assertRejects(
        () => writeFolder(`${path}/${name}`, write),
        Deno.errors.AlreadyExists,
        `Cannot write ${path}/${
          name.replace(/\/$/, "")
        }: it already exists; name another folder or remove it`,
      );
    }
    await removeFolder(`${path}/none`);
    assertEquals(await treeOf(path), BEFORE);
    await removeFolder(`${path}/old/`);
    assertEquals(await treeOf(path), {});
  },
);

Deno.test(
  needs("writeFolder() keeps the error of its function", "read", "write"),
  async () => {
    await using folder = await folderBefore();
    const { path } = folder;
    const error = await assertRejects(
      () =>
        writeFolder(`${path}/new`, async (partial) => {
          await writeFile(partial, "a", "1");
          throw new RangeError("No shape fits");
        }),
      RangeError,
    );
    assertEquals(error.message, "No shape fits");
    assertEquals(await treeOf(path), BEFORE);
  },
);

Deno.test(
  needs("writeFile() tolerates folders that cannot be synced", "read", "write"),
  async (t) => {
    const denied = new Deno.errors.PermissionDenied("Denied (os error 5)");
    const invalid = Object.assign(new TypeError("Invalid (os error 22)"), {
      code: "EINVAL",
    });
    const { open } = Deno;
    /** Opens files, and folders whose `sync` fails. */
    const openUnsyncable: typeof open = async (path, options) => {
      const file = await open(path, options);
      if (!options) file.sync = () => Promise.reject(invalid);
      return file;
    };
    const cases: Record<string, typeof open> = {
      "as on Windows": (path, options) =>
        options ? open(path, options) : Promise.reject(denied),
      "as on some network file systems": openUnsyncable,
    };
    for (const [name, replacement] of Object.entries(cases)) {
      await t.step(name, async () => {
        await using folder = await tempFolder();
        Deno.open = replacement;
        try {
          await writeFile(folder.path, "a", "text");
        } finally {
          Deno.open = open;
        }
        assertEquals(await treeOf(folder.path), { "/a": "text" });
      });
    }
  },
);

Deno.test(
  needs("two calls never write one name at once", "read", "write"),
  async (t) => {
    await using folder = await folderBefore();
    const { path } = folder;
    const other = "another call writes or removes it; wait for that one to end";
    const fill = (partial: string) => writeFile(partial, "a", "1");
    await t.step("writeFolder()", async () => {
      const first = writeFolder(`${path}/new`, fill);
      const message = `Cannot write ${path}/new: ${other}`;
      await assertRejects(
        () => writeFolder(`${path}/new/`, fill),
        Error,
        message,
      );
      const removed = `Cannot remove ${path}/new: ${other}`;
      await assertRejects(() => removeFolder(`${path}/new`), Error, removed);
      await first;
      assertEquals(await treeOf(path), { ...BEFORE, "/new/a": "1" });
    });
    await t.step("writeFile()", async () => {
      const first = writeFile(path, "b", "first");
      const message = `Cannot write ${path}/b: ${other}`;
      await assertRejects(() => writeFile(path, "b", "2"), Error, message);
      await first;
      assertEquals(await Deno.readTextFile(`${path}/b`), "first");
      await writeFile(path, "b", "third"); // the name is free again
      assertEquals(await Deno.readTextFile(`${path}/b`), "third");
    });
  },
);
