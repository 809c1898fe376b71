import { assertEquals, assertRejects } from "@std/assert";
import {
  type InputFiles,
  loadDataFile,
  loadDataset,
  readArrow,
  readCsv,
  readJsonl,
  readParquet,
  readTsv,
} from "../../mod.ts";
import { needs } from "../helpers/permissions.ts";
import arrow from "./fixtures/arrow.json" with { type: "json" };
import parquet from "./fixtures/parquet.json" with { type: "json" };

const CSV = 'text,label\n"Good, really",1\nBäd,0\n';
const ROWS = [{ text: "Good, really", label: 1 }, { text: "Bäd", label: 0 }];
const bytesOf = (text: string) => new TextEncoder().encode(text);
const utf16 = (text: string) =>
  new Uint8Array(
    Uint16Array.from("\ufeff" + text, (c) => c.charCodeAt(0)).buffer,
  );

Deno.test("readCsv(), readTsv() and readJsonl() read text, bytes and Blobs", async () => {
  const tsv = CSV.replaceAll(/,(?=\w+\n)/g, "\t").replaceAll('"', "");
  const jsonl = ROWS.map((row) => JSON.stringify(row)).join("\n");
  for (const toSource of [String, bytesOf, utf16]) {
    for (
      const wrap of [
        <T>(x: T) => x,
        (x: string | Uint8Array<ArrayBuffer>) => new Blob([x]),
      ]
    ) {
      const source = (text: string) => wrap(toSource(text));
      assertEquals([...await readCsv(source(CSV), "a.csv")], ROWS);
      assertEquals([...await readTsv(source(tsv), "a.tsv")], ROWS);
      assertEquals([...await readJsonl(source(jsonl), "a.jsonl")], ROWS);
    }
  }
  await assertRejects(
    () => readCsv(Uint8Array.of(97, 10, 228, 10), "a.csv"),
    SyntaxError,
    'Cannot read a.csv: it is not UTF-8 text in line 2; save it in that encoding, in Excel as "CSV UTF-8"',
  );
  await assertRejects(
    () => readCsv(new Blob(), "a.csv"),
    Error,
    "Cannot read a.csv: the file is empty; write or download it again",
  );
});

Deno.test("the readers refuse what is neither text nor bytes", async () => {
  const response = new Response(CSV);
  const remedy = "or the file itself to loadDataFile";
  for (const read of [readCsv, readTsv, readJsonl]) {
    await assertRejects(
      () => read(response as unknown as string, "a.txt"),
      TypeError,
      `Cannot read a.txt: it is a Response; give text, a Uint8Array or a Blob, ${remedy}`,
    );
    await assertRejects(
      () => read(response.clone().body as unknown as string, "a.txt"),
      TypeError,
      `Cannot read a piece of a.txt: it is a Uint8Array; give text,`,
    );
  }
  for (const read of [readArrow, readParquet]) {
    await assertRejects(
      () => read("a.arrow" as unknown as Blob, "a.arrow"),
      TypeError,
      `Cannot read a.arrow: its contents are the string "a.arrow"; give a Uint8Array or a Blob, ${remedy}`,
    );
  }
});

Deno.test("readArrow() and readParquet() read bytes and Blobs", async () => {
  const arrowBytes = Uint8Array.fromBase64(arrow.huggingFace);
  const parquetBytes = Uint8Array.fromBase64(parquet.files.zstd);
  const [a, b] = [
    await readArrow(arrowBytes, "a.arrow"),
    await readArrow(new Blob([arrowBytes]), "a.arrow"),
  ];
  assertEquals([...a], [...b]);
  const [c, d] = [
    await readParquet(parquetBytes, "a.parquet"),
    await readParquet(new Blob([parquetBytes]), "a.parquet"),
  ];
  assertEquals([...c], [...d]);
  assertEquals([a.length > 0, c.length > 0], [true, true]);
});

Deno.test("loadDataFile() and loadDataset() take a File", async () => {
  const file = new File([CSV], "messages.csv");
  const dataset = await loadDataFile(file);
  assertEquals([...dataset], ROWS);
  assertEquals(dataset.source, "messages.csv");
  const { train } = await loadDataset(file);
  assertEquals([...train], ROWS);
  await assertRejects(
    () => loadDataFile(new File([CSV], "messages.xlsx")),
    RangeError,
    "Cannot read messages.xlsx: its extension must be one of .arrow",
  );
});

Deno.test("loadDataset() takes files by name, also below a folder", async () => {
  for (const folder of ["", "data/"]) {
    const splits = await loadDataset({
      [`${folder}train.csv`]: bytesOf(CSV),
      [`${folder}validation.csv`]: new Response(CSV),
      "README.md": new Blob(["#"]),
    });
    assertEquals(splits.names, ["train", "validation"]);
    assertEquals([...splits.validation], ROWS);
    assertEquals(splits.train.source, `${folder}train.csv`);
  }
  const cases: [InputFiles, string][] = [
    [
      { "train.csv": bytesOf(CSV) },
      "Cannot load the given files: it has no validation split; looked for",
    ],
    [
      { "train.csv": bytesOf(CSV), "validation.csv": bytesOf("text,label\n") },
      "Cannot read validation.csv: it has no rows",
    ],
  ];
  for (const [files, message] of cases) {
    await assertRejects(() => loadDataset(files), Error, message);
  }
});

Deno.test(
  needs("loadDataFile() and loadDataset() take the URL of a file", "net"),
  async () => {
    await using server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      (request) =>
        new URL(request.url).pathname === "/train.csv"
          ? new Response(CSV)
          : new Response(null, { status: 404 }),
    );
    const url = `http://127.0.0.1:${server.addr.port}/train.csv?download=true`;
    assertEquals([...await loadDataFile(url)], ROWS);
    assertEquals([...(await loadDataset(new URL(url))).train], ROWS);
    const none = url.replace("train", "test");
    await assertRejects(
      () => loadDataset(none),
      Error,
      `Cannot read ${none}: there is no such file or folder; check the path`,
    );
  },
);
