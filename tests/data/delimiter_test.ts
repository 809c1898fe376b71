import { assertEquals, assertRejects } from "@std/assert";
import { readCsv, readTsv } from "../../lib/data/csv.ts";
import { UnicodeDecoder } from "../../lib/data/unicode_decoder.ts";
// Written by Python's csv and json modules and pandas: see make_delimited.py in the same folder.
import fixtures from "./fixtures/delimited.json" with { type: "json" };

/** Yields the text of bytes in pieces. */
async function* decoded(bytes: Uint8Array, size: number) {
  const decoder = new UnicodeDecoder("x.csv");
  for (let at = 0; at <= bytes.length; at += size) {
    const piece = bytes.subarray(at, at + size);
    yield await Promise.resolve(decoder.decode(piece, piece.length < size));
  }
}

Deno.test("readCsv() reads what csv.writer writes, with any delimiter, encoding and line end", async () => {
  const rows = fixtures.rows.map(([text, label]) => ({ text, label }));
  for (const { name, bytes } of fixtures.delimited) {
    for (const size of [1, 7, 2 ** 16]) {
      const pieces = decoded(Uint8Array.fromBase64(bytes), size);
      const table = await readCsv(pieces, "x.csv");
      assertEquals([...table], rows, `${name}, pieces of ${size}`);
    }
  }
});

Deno.test("readCsv() reads odd text as the csv module does, or refuses it as its strict mode", async () => {
  for (const { text, rows } of fixtures.odd) {
    const read = () => readCsv(text, "x.csv");
    if (rows === null) {
      await assertRejects(read, SyntaxError, "Cannot read x.csv, line 2", text);
      continue;
    }
    const table = await read();
    const columns = table.columnNames.map((name) => table.column(name));
    assertEquals(
      [
        table.columnNames,
        ...Array.from(
          { length: table.length },
          (_, i) => columns.map((column) => column[i]),
        ),
      ],
      rows,
      JSON.stringify(text),
    );
  }
});

Deno.test("readCsv() and readTsv() take the delimiter of Excel's line sep=", async () => {
  const rows = [{ text: "a,b", label: 1 }];
  for (
    const text of [
      'sep=;\r\ntext;label\r\n"a,b";1\r\n',
      'SEP=;\n\ntext;label\n"a,b";1\n',
      '"sep=;"\ntext;label\na,b;1',
      "sep=;\rtext;label\ra,b;1\r",
      '\ufeffsep=,\ntext,label\n"a,b",1\n',
    ]
  ) {
    assertEquals([...await readCsv(text, "a.csv")], rows, text);
  }
  const tsv = "sep=|\ntext|label\na,b|1\n";
  assertEquals([...await readTsv(tsv, "a.tsv")], rows);
  // The delimiter of the caller is the stronger one.
  const given = { delimiter: "|" };
  assertEquals([...await readCsv("sep=;\na|b\n1;|2\n", "a.csv", given)], [
    { a: "1;", b: "2" },
  ]);
  await assertRejects(
    () => readCsv("sep=;\r\na;b\r\n1;2;3\r\n", "a.csv"),
    SyntaxError,
    'Cannot read a.csv, line 3: it has 3 fields and the first line has 2; correct that line, or put the field that contains ";" in quotes',
  );
  for (const text of ["sep=;", "sep=;\n"]) {
    assertEquals((await readCsv(text, "a.csv")).columnNames, []);
  }
  // It is a column where it is not the first line, or more follows.
  assertEquals((await readCsv("\nsep=;\n1;2\n", "a.csv")).columnNames, [
    "sep=",
    "",
  ]);
  assertEquals((await readCsv("sep=;b\n1;2\n", "a.csv")).columnNames, [
    "sep=",
    "b",
  ]);
});

Deno.test("readCsv() divides a header by the only delimiter that does, and else names --delimiter", async () => {
  const columnsOf = async (text: string) =>
    (await readCsv(text, "a.csv")).columnNames;
  assertEquals(await columnsOf("text;label\nIt rains, again;1\n"), [
    "text",
    "label",
  ]);
  assertEquals(await columnsOf('"a;b";"c,d"\n1;2\n'), ["a;b", "c,d"]);
  assertEquals(await columnsOf('\n"a\nb"|c\n1|2\n'), ["a\nb", "c"]);
  assertEquals(await columnsOf("a|b"), ["a", "b"]);
  assertEquals(await columnsOf("a;b,c\nx;y,z\n"), ["a;b", "c"]);
  // A delimiter in quotes divides nothing.
  assertEquals(await columnsOf('"a;b"\nx\n'), ["a;b"]);
  await assertRejects(
    () => readCsv("\na;b|c\n1;2|3\n", "a.csv"),
    SyntaxError,
    'Cannot read a.csv, line 2: "," separates the columns of such a file, but the header is "a;b|c"; give the delimiter (--delimiter in the scripts) ";" or "|" if that separates them, or "," if it is one column',
  );
  // A wrong guess is found at the first record.
  await assertRejects(
    () => readCsv("text; more\nIt rains\n", "a.csv"),
    SyntaxError,
    'Cannot read a.csv, line 2: it has 1 field and the first line has 2; correct that line, or give the delimiter (--delimiter in the scripts) if ";" does not separate the columns',
  );
  await assertRejects(
    () => readCsv("text, all;label\nIt rains;1\n", "a.csv"),
    SyntaxError,
    'give the delimiter (--delimiter in the scripts) if "," does not separate the columns',
  );
});

Deno.test("readCsv() leaves out columns without a name and values, as Excel writes them", async () => {
  const table = await readCsv("text;label;;\nSo;1;;\nLa;0;;\n", "a.csv");
  assertEquals([...table], [{ text: "So", label: 1 }, {
    text: "La",
    label: 0,
  }]);
  const index = await readCsv(",text,\n0,So,\n", "a.csv");
  assertEquals([...index], [{ "": "0", text: "So" }]);
  await assertRejects(
    () => readCsv("text,,\nSo,1,2\n", "a.csv"),
    SyntaxError,
    "Cannot read a.csv: two columns have no name; give them one in the first line",
  );
});

Deno.test("readCsv() refuses a header without end", async () => {
  async function* endless() {
    yield '"a;b';
    for (let i = 0; i < 40; i++) {
      yield await Promise.resolve("x,\n".repeat(2 ** 20));
    }
    throw new Error("it is still read");
  }
  await assertRejects(
    () => readCsv(endless(), "a.csv"),
    SyntaxError,
    "Cannot read a.csv, line 1: a record that starts here does not end; close its quote",
  );
});
