import { assertEquals, assertRejects } from "@std/assert";
import { readCsv, readTsv } from "../../lib/data/csv.ts";

Deno.test("readCsv() reads quotes, with commas and newlines inside them", async () => {
  const dataset = await readCsv(
    "text,label\n" +
      '"Yes, it is",1\n' +
      '"He said ""no""",0\n' +
      '"two\nlines",1\n' +
      '"two\r\nlines",1\n' +
      "plain,0\n" +
      '"",1',
    "a.csv",
  );
  assertEquals(dataset.column("text"), [
    "Yes, it is",
    'He said "no"',
    "two\nlines",
    "two\r\nlines",
    "plain",
    "",
  ]);
  assertEquals(dataset.column("label"), [1, 0, 1, 1, 0, 1]);
});

Deno.test("readCsv() accepts CRLF, LF, both, and no newline at the end", async () => {
  for (
    const text of [
      "a,b\r\nx,1\r\ny,2\r\n",
      "a,b\nx,1\ny,2",
      "a,b\r\nx,1\ny,2\n",
    ]
  ) {
    assertEquals([...await readCsv(text, "a.csv")], [
      { a: "x", b: 1 },
      { a: "y", b: 2 },
    ]);
  }
});

Deno.test("readTsv() gives quotes no special meaning", async () => {
  const dataset = await readTsv(
    'sentence1\tsentence2\tlabel\r\n"Open\t he "" said\t1\r\nx"\t"\t0\r\n',
    "a.tsv",
  );
  assertEquals([...dataset], [
    { sentence1: '"Open', sentence2: ' he "" said', label: 1 },
    { sentence1: 'x"', sentence2: '"', label: 0 },
  ]);
});

Deno.test("readCsv() reads a column of numbers as numbers", async () => {
  const dataset = await readCsv(
    "label,score,code,id,mixed,empty\n" +
      "1,5.000,007,12345678901234567890,1,\n" +
      "-1,1e-3,008,1,x,2\n",
    "a.csv",
  );
  assertEquals([...dataset], [
    {
      label: 1,
      score: 5,
      code: "007",
      id: "12345678901234567890",
      mixed: "1",
      empty: "",
    },
    { label: -1, score: 0.001, code: "008", id: "1", mixed: "x", empty: "2" },
  ]);
});

Deno.test("readCsv() and readTsv() name the file and line of an error", async (t) => {
  const cases = [
    {
      name: "too many fields, after a record of two lines",
      read: () => readCsv('a,b\n"1\n1",2\n4,5,6\n', "bad.csv"),
      message:
        "Cannot read bad.csv, line 4: Invalid Record Length: expect 2, got 3",
    },
    {
      name: "too few fields",
      read: () => readTsv("a\tb\n1\t2\n3\n", "bad.tsv"),
      message:
        "Cannot read bad.tsv, line 3: Invalid Record Length: expect 2, got 1",
    },
    {
      name: "an open quote",
      read: () => readCsv('a,b\n"1,2\n', "bad.csv"),
      message: "Cannot read bad.csv, line 2: Quote Not Closed",
    },
    {
      name: "text after a quote",
      read: () => readCsv('a,b\n"1"x,2\n', "bad.csv"),
      message: "Cannot read bad.csv, line 2: Invalid Closing Quote",
    },
    {
      name: "two columns of one name",
      read: () => readCsv("a,b,a\n1,2,3\n", "bad.csv"),
      message: 'Cannot read bad.csv, line 1: two columns are named "a"',
    },
  ];
  for (const { name, read, message } of cases) {
    await t.step(name, async () => {
      await assertRejects(read, SyntaxError, message);
    });
  }
});

Deno.test("readCsv() keeps the name of the file, and reads a header alone as no rows", async () => {
  const dataset = await readCsv("a,b\n", "empty.csv");
  assertEquals(dataset.length, 0);
  assertEquals(dataset.columnNames, ["a", "b"]);
  assertEquals(dataset.source, "empty.csv");
});

Deno.test("readTsv() takes column names from the caller if there is no header", async () => {
  const seen: (readonly string[])[] = [];
  const read = (text: string, names?: string[]) =>
    readTsv(text, "some.tsv", {
      columnNames: (record) => {
        seen.push(record);
        return names;
      },
    });
  // Duplicate words in the first record: it cannot be a header.
  const rows = await read("so\tso\nso\tla\n", ["a", "b"]);
  assertEquals([...rows], [{ a: "so", b: "so" }, { a: "so", b: "la" }]);
  const named = await read("a\tb\nso\tla\n");
  assertEquals([...named], [{ a: "so", b: "la" }]);
  assertEquals(seen, [["so", "so"], ["a", "b"]]);
});
