import { assertEquals, assertRejects } from "@std/assert";
import {
  listFiles,
  readBytes,
  readText,
  writeText,
} from "../../lib/data/files.ts";
import { needs } from "../helpers/permissions.ts";
import { tempFolder } from "../helpers/temp_folder.ts";

Deno.test(
  needs("files are written, listed and read", "read", "write"),
  async () => {
    await using folder = await tempFolder();
    await writeText(`${folder.path}/new/model`, "b.json", "{}");
    await writeText(`${folder.path}/new/model`, "a.txt", "\ufeffäöü");
    await Deno.mkdir(`${folder.path}/new/model/folder`);
    assertEquals(await listFiles(`${folder.path}/new/model`), [
      "a.txt",
      "b.json",
    ]);
    assertEquals(await readText(`${folder.path}/new/model/a.txt`), "äöü");
    assertEquals(
      await readBytes(`${folder.path}/new/model/b.json`),
      new Uint8Array([123, 125]),
    );
  },
);

Deno.test(
  needs("file errors name the problem and the remedy", "read", "write"),
  async (t) => {
    await using folder = await tempFolder();
    const { path } = folder;
    await Deno.writeTextFile(`${path}/empty`, "");
    await Deno.writeFile(`${path}/latin1`, new Uint8Array([228, 246]));
    const cases: [string, () => Promise<unknown>, string][] = [
      [
        "missing",
        () => readBytes(`${path}/none`),
        `Cannot read ${path}/none: there is no such file or folder; check the path`,
      ],
      [
        "missing folder",
        () => listFiles(`${path}/none`),
        `Cannot read ${path}/none: there is no such file or folder; check the path`,
      ],
      [
        "empty",
        () => readText(`${path}/empty`),
        `Cannot read ${path}/empty: the file is empty; write or download it again`,
      ],
      [
        "not UTF-8",
        () => readText(`${path}/latin1`),
        `Cannot read ${path}/latin1: it is not UTF-8 text; save it in that encoding`,
      ],
      [
        "a folder for a file",
        () => readBytes(path),
        `Cannot read ${path}: it is a folder; give the path of a file`,
      ],
      [
        "a file for a folder",
        () => listFiles(`${path}/empty`),
        `Cannot read ${path}/empty: it is a file; give the path of a folder`,
      ],
    ];
    for (const [name, call, message] of cases) {
      await t.step(name, async () => {
        await assertRejects(call, Error, message);
      });
    }
  },
);

Deno.test({
  name: "file errors name the missing permission",
  permissions: { read: false, write: false },
  fn: async () => {
    await assertRejects(
      () => readBytes("/some/train.tsv"),
      Deno.errors.NotCapable,
      "Cannot read /some/train.tsv: this run has no permission to read it; start it with --allow-read=/some/train.tsv",
    );
    await assertRejects(
      () => writeText("/some/model", "a.json", ""),
      Deno.errors.NotCapable,
      "Cannot write /some/model/a.json: this run has no permission to write it; start it with --allow-write=/some/model/a.json",
    );
  },
});
