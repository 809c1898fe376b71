import { assertEquals, assertRejects } from "@std/assert";
import { openFile, readJsonObject } from "../../lib/checkpoint/files.ts";
import { needs } from "../helpers/permissions.ts";
import { tempFolder } from "../helpers/temp_folder.ts";

/** Runs `use` with a `Deno.stat` that fails with `error`. */
async function withFailingStat(
  error: Error,
  use: () => Promise<void>,
): Promise<void> {
  const { stat } = Deno;
  Deno.stat = () => Promise.reject(error);
  try {
    await use();
  } finally {
    Deno.stat = stat;
  }
}

Deno.test("openFile() reports a denied permission with the same error class", async () => {
  const denied = new Deno.errors.PermissionDenied(
    "Permission denied (os error 13)",
  );
  await withFailingStat(denied, async () => {
    const error = await assertRejects(
      () => openFile("m", "f", ""),
      Deno.errors.PermissionDenied,
      "Cannot read m/f: the system denies it, check the owner and mode of the file and its folder",
    );
    assertEquals(error.cause, denied);
  });
});

Deno.test("openFile() rethrows an error that is not of the system", async () => {
  const other = new RangeError("No shape fits");
  await withFailingStat(other, async () => {
    const error = await assertRejects(() => openFile("m", "f", ""));
    assertEquals(error, other);
  });
});

Deno.test(
  needs("openFile() refuses what is not a regular file", "read", "write"),
  async () => {
    await using folder = await tempFolder();
    await Deno.mkdir(`${folder.path}/model.safetensors`);
    const { message } = await assertRejects(
      () => openFile(folder.path, "model.safetensors", ""),
      Error,
    );
    assertEquals(
      message,
      `Cannot read ${folder.path}/model.safetensors: it is not a regular file: give a file, not a folder or a pipe`,
    );
    // A pipe without a writer: opening it would never return.
    const original = Deno.stat;
    Object.assign(Deno, { stat: () => Promise.resolve({ isFile: false }) });
    try {
      await assertRejects(
        () => readJsonObject(folder.path, "config.json", ""),
        Error,
        "config.json: it is not a regular file",
      );
    } finally {
      Object.assign(Deno, { stat: original });
    }
  },
);
