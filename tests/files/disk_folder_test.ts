import { assertEquals, assertRejects } from "@std/assert";
import { DiskFolder, openDiskFile } from "../../lib/files/disk_folder.ts";
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

Deno.test("openDiskFile() reports a denied permission with the same error class", async () => {
  const denied = new Deno.errors.PermissionDenied(
    "Permission denied (os error 13)",
  );
  await withFailingStat(denied, async () => {
    const error = await assertRejects(
      () => openDiskFile("m/f", ""),
      Deno.errors.PermissionDenied,
      "Cannot read m/f: the system denies it, check the owner and mode of the file and its folder",
    );
    assertEquals(error.cause, denied);
  });
});

Deno.test("openDiskFile() rethrows an error that is not of the system", async () => {
  const other = new RangeError("No shape fits");
  await withFailingStat(other, async () => {
    const error = await assertRejects(() => openDiskFile("m/f", ""));
    assertEquals(error, other);
  });
});

Deno.test(
  needs("openDiskFile() refuses what is not a regular file", "read", "write"),
  async () => {
    await using folder = await tempFolder();
    await Deno.mkdir(`${folder.path}/model.safetensors`);
    const { message } = await assertRejects(
      () => openDiskFile(`${folder.path}/model.safetensors`, ""),
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
        () => openDiskFile(`${folder.path}/config.json`, ""),
        Error,
        "config.json: it is not a regular file",
      );
    } finally {
      Object.assign(Deno, { stat: original });
    }
  },
);

Deno.test(
  needs("DiskFolder lists, finds and opens files", "read", "write"),
  async () => {
    await using temp = await tempFolder();
    const { path } = temp;
    await Deno.writeTextFile(`${path}/b.json`, "{}");
    await Deno.writeTextFile(`${path}/a.txt`, "abc");
    await Deno.mkdir(`${path}/data`);
    const folder = new DiskFolder(`${path}/`);
    assertEquals(await folder.list(""), {
      files: ["a.txt", "b.json"],
      folders: ["data"],
    });
    assertEquals(folder.pathOf("a.txt"), `${path}/a.txt`);
    using file = await folder.open("a.txt", "");
    assertEquals([...await file.read(1, 2)], [98, 99]);
    await assertRejects(
      () => file.read(2, 2),
      SyntaxError,
      `Cannot read ${path}/a.txt: it ends at byte 3, too early: it is truncated; copy or download it again`,
    );
    assertEquals(await folder.find("none"), undefined);
    await assertRejects(
      () => folder.folder("data").open("x", "; fetch it"),
      Deno.errors.NotFound,
      `Cannot read ${path}/data/x: there is no such file; fetch it`,
    );
    await assertRejects(
      () => folder.folder("none").list!("; fetch it"),
      Deno.errors.NotFound,
      `Cannot read ${path}/none: there is no such file; fetch it`,
    );
    await assertRejects(
      () => new DiskFolder(`${path}/a.txt`).list(""),
      Deno.errors.NotADirectory,
      `Cannot read ${path}/a.txt: it is a file; give the path of a folder`,
    );
  },
);

Deno.test(
  needs("a read that the disk fails names the file", "read", "write"),
  async () => {
    await using temp = await tempFolder();
    const path = `${temp.path}/weights`;
    await Deno.writeTextFile(path, "abc");
    using file = await openDiskFile(path, "");
    const { readSync } = Deno.FsFile.prototype;
    Deno.FsFile.prototype.readSync = () => {
      throw new Error("Input/output error (os error 5)");
    };
    try {
      await assertRejects(
        () => file.read(0, 3),
        Error,
        `Cannot read ${path}: Input/output error (os error 5)`,
      );
    } finally {
      Deno.FsFile.prototype.readSync = readSync;
    }
  },
);
