import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  readBytes as bytesOf,
  readText as textOf,
  readTextPieces,
} from "../../lib/data/files.ts";
import { openDiskFile } from "../../lib/files/disk_folder.ts";
import { MemoryFile } from "../../lib/files/memory_folder.ts";
import { needs } from "../helpers/permissions.ts";
import { tempFolder } from "../helpers/temp_folder.ts";

const open = (path: string) => openDiskFile(path, "; check the path");
const readBytes = async (path: string) => await bytesOf(await open(path));
const readText = async (path: string) => await textOf(await open(path));

Deno.test(
  needs("files are read", "read", "write"),
  async () => {
    await using folder = await tempFolder();
    await Deno.writeTextFile(`${folder.path}/b.json`, "{}");
    await Deno.writeTextFile(`${folder.path}/a.txt`, "\ufeffäöü");
    assertEquals(await readText(`${folder.path}/a.txt`), "äöü");
    assertEquals(
      await readBytes(`${folder.path}/b.json`),
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
    await Deno.writeFile(`${path}/gzip`, Uint8Array.of(0x1f, 0x8b, 8, 0));
    const cases: [string, () => Promise<unknown>, string][] = [
      [
        "missing",
        () => readBytes(`${path}/none`),
        `Cannot read ${path}/none: there is no such file; check the path`,
      ],
      [
        "empty",
        () => readText(`${path}/empty`),
        `Cannot read ${path}/empty: the file is empty; write or download it again`,
      ],
      [
        "not UTF-8",
        () => readText(`${path}/latin1`),
        `Cannot read ${path}/latin1: it is not UTF-8 text in line 1; save it in that encoding, in Excel as "CSV UTF-8"`,
      ],
      [
        "gzip",
        () => readText(`${path}/gzip`),
        `Cannot read ${path}/gzip: it is compressed with gzip; decompress it first`,
      ],
      [
        "a folder for a file",
        () => readBytes(path),
        `Cannot read ${path}: it is not a regular file: give a file, not a folder or a pipe`,
      ],
    ];
    for (const [name, call, message] of cases) {
      await t.step(name, async () => {
        await assertRejects(call, Error, message);
      });
    }
  },
);

Deno.test(
  needs("readTextPieces() reads whole characters", "read", "write"),
  async () => {
    await using folder = await tempFolder();
    const path = `${folder.path}/text`;
    for (const text of ["\ufeffä東🚀\ufeffx", "x", "é".repeat(50), "\ufeff"]) {
      await Deno.writeTextFile(path, text);
      for (let size = 1; size <= 12; size++) {
        const pieces: string[] = [];
        for await (const piece of readTextPieces(await open(path), size)) {
          pieces.push(piece);
        }
        assertEquals(pieces.join(""), text.replace(/^\ufeff/, ""), `${size}`);
        assert(pieces.every((piece) => piece.isWellFormed()), `${size}`);
        if (text.length > 40) assert(pieces.length >= text.length / size);
      }
    }
  },
);

Deno.test(
  needs("readTextPieces() names the line of a bad byte", "read", "write"),
  async (t) => {
    await using folder = await tempFolder();
    const path = `${folder.path}/text`;
    const latin1 = (text: string) =>
      Uint8Array.from(text, (character) => character.charCodeAt(0));
    const cases: [string, Uint8Array, string][] = [
      ["LF", latin1("ab\nc\n\xe4d\n"), "UTF-8 text in line 3"],
      ["CRLF", latin1("ab\r\nc\r\nd\xe4"), "UTF-8 text in line 3"],
      ["CR", latin1("ab\rc\r\xe4d\re"), "UTF-8 text in line 3"],
      ["cut off", latin1("a\nb\xc3"), "UTF-8 text in line 2"],
      ["cut off by a line end", latin1("a\nb\xe2\x82\nc"), "in line 2"],
      ["too long", latin1("a\n\xc0\xaf\n"), "UTF-8 text in line 2"],
      ["a surrogate", latin1("\n\n\xed\xa0\x80"), "UTF-8 text in line 3"],
      ["UTF-16", latin1("\xff\xfea\0\n\0b"), "UTF-16 text in line 2"],
    ];
    for (const [name, bytes, message] of cases) {
      await t.step(name, async () => {
        await Deno.writeFile(path, bytes);
        for (let size = 1; size <= 12; size++) {
          await assertRejects(
            async () =>
              await Array.fromAsync(readTextPieces(await open(path), size)),
            SyntaxError,
            message,
          );
        }
      });
    }
  },
);

Deno.test({
  name: "file errors name the missing permission",
  permissions: { read: false },
  fn: async () => {
    await assertRejects(
      () => readBytes("/some/train.tsv"),
      Deno.errors.NotCapable,
      "Cannot read /some/train.tsv: Deno has no permission to, run it with --allow-read=/some",
    );
  },
});

Deno.test("readTextPieces() reads bytes and Blobs", async () => {
  const text = "ä東🚀\nx";
  for (const content of [new TextEncoder().encode(text), new Blob([text])]) {
    const file = new MemoryFile("a.txt", content);
    const pieces = await Array.fromAsync(readTextPieces(file, 3));
    assertEquals(pieces.join(""), text);
    assert(pieces.length > 3);
  }
  const bad = new MemoryFile("a.csv", Uint8Array.of(10, 228, 10));
  await assertRejects(
    () => Array.fromAsync(readTextPieces(bad)),
    SyntaxError,
    "Cannot read a.csv: it is not UTF-8 text in line 2",
  );
});
