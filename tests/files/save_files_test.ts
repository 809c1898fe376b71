import { assertEquals, assertRejects } from "@std/assert";
import {
  type OutputFiles,
  saveFolder,
  writeFile,
} from "../../lib/files/save_files.ts";
import { needs } from "../helpers/permissions.ts";
import { tempFolder } from "../helpers/temp_folder.ts";

/** Chunks in one buffer, as a stream may reuse it. */
function* reused(): Generator<Uint8Array> {
  const buffer = new Uint8Array(2);
  for (const byte of [1, 3]) {
    buffer.set([byte, byte + 1]);
    yield buffer;
  }
}

Deno.test("writeFile() saves text and chunks into an object", async () => {
  const files: OutputFiles = {};
  await writeFile(files, "a.txt", "ä");
  await writeFile(files, "onnx/b", reused());
  assertEquals(Object.keys(files), ["a.txt", "onnx/b"]);
  assertEquals(await files["a.txt"]!.text(), "ä");
  assertEquals([...await files["onnx/b"]!.bytes()], [1, 2, 3, 4]);
});

Deno.test("writeFile() leaves an object as it was where the content fails", async () => {
  const files: OutputFiles = { a: new Blob(["old"]) };
  await assertRejects(
    () =>
      writeFile(
        files,
        "a",
        (function* () {
          yield Uint8Array.of(1);
          throw new Error("the values cannot be read");
        })(),
      ),
    Error,
    "the values cannot be read",
  );
  assertEquals(await files.a!.text(), "old");
});

Deno.test("saveFolder() fills an empty object at the end, or not at all", async () => {
  const files: OutputFiles = {};
  await assertRejects(
    () =>
      saveFolder(files, async (partial) => {
        await writeFile(partial, "a", "a");
        throw new Error("b cannot be saved");
      }),
    Error,
    "b cannot be saved",
  );
  assertEquals(files, {});
  await saveFolder(files, async (partial) => {
    await writeFile(partial, "a", "a");
    assertEquals(files, {});
  });
  assertEquals(Object.keys(files), ["a"]);
  await assertRejects(
    () => saveFolder(files, () => Promise.resolve()),
    RangeError,
    "Cannot save into an object with files: it has a; give an empty one, {}",
  );
});

Deno.test(
  needs("writeFile() and saveFolder() write to a path", "read", "write"),
  async () => {
    await using folder = await tempFolder();
    const path = `${folder.path}/new`;
    await saveFolder(path, (partial) => writeFile(partial, "x/a", "a"));
    assertEquals(await Deno.readTextFile(`${path}/x/a`), "a");
  },
);
