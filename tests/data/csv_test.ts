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
      { a: "x", b: "1" },
      { a: "y", b: "2" },
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

Deno.test("readCsv() keeps text as it is written, and reads labels as numbers", async () => {
  const text = "a,b,c,label,labels\n" +
    '1.50,007,"1",1,-1.5\n' +
    "1e5,NaN,true,-1,1e-3\n";
  const rows = [
    { a: "1.50", b: "007", c: "1", label: 1, labels: -1.5 },
    { a: "1e5", b: "NaN", c: "true", label: -1, labels: 0.001 },
  ];
  assertEquals([...await readCsv(text, "a.csv")], rows);
  const tsv = text.replaceAll(",", "\t").replaceAll('"', "");
  assertEquals([...await readTsv(tsv, "a.tsv")], rows);
  const all = await readCsv(text, "a.csv", { labelColumns: [] });
  assertEquals(all.at(0), { ...rows[0], label: "1", labels: "-1.5" });
  const named = await readCsv(text, "a.csv", { labelColumns: ["a", "none"] });
  assertEquals(named.at(0), { ...all.at(0), a: 1.5 });
});

Deno.test("readCsv() keeps labels as text if one is no number that a double holds", async () => {
  for (
    const other of [
      "007",
      "12345678901234567890",
      "",
      "0x1",
      "yes",
      "1e5",
      "1e999",
    ]
  ) {
    const { label } = (await readCsv(`label,x\n1,a\n${other},b\n`, "a.csv"))
      .at(0);
    assertEquals(label, "1", other);
  }
});

Deno.test("readCsv() reads a last line that is cut between CR and LF", async () => {
  for (const end of ["\r\n", "\r", ""]) {
    const text = `x,label\r\na,1\r\n"b",0${end}`;
    const { label } = (await readCsv(text, "a.csv")).at(1);
    assertEquals(label, 0, JSON.stringify(end));
  }
});

Deno.test("readCsv() reads a column of digits, quoted or not", async () => {
  const dataset = await readCsv(
    'question,answer,label\nhow many,12,1\nwhen,"1990",0\n',
    "a.csv",
  );
  assertEquals(dataset.column("answer"), ["12", "1990"]);
});

Deno.test("readCsv() and readTsv() name the file and line of an error", async (t) => {
  const cases = [
    {
      name: "too many fields, after a record of two lines",
      read: () => readCsv('a,b\n"1\n1",2\n4,5,6\n', "bad.csv"),
      message:
        "Cannot read bad.csv, line 4: it has 3 fields and the first line has 2; correct that line",
    },
    {
      name: "too few fields",
      read: () => readTsv("a\tb\n1\t2\n3\n", "bad.tsv"),
      message:
        "Cannot read bad.tsv, line 3: it has 1 field and the first line has 2; correct that line",
    },
    {
      name: "an open quote",
      read: () => readCsv('a,b\n"1,2\n', "bad.csv"),
      message: "Cannot read bad.csv, line 2: a quote is not closed; close it",
    },
    {
      name: "text after a quote",
      read: () => readCsv('a,b\n"1"x,2\n', "bad.csv"),
      message:
        "Cannot read bad.csv, line 2: text follows the quote that closes field 1; double a quote inside a quoted field",
    },
    {
      name: "a quote inside a field, after a field of two lines",
      read: () => readCsv('a,b\n"1\n1",x"y\n', "bad.csv"),
      message:
        "Cannot read bad.csv, line 3: a quote is inside a field without quotes; put the field in quotes, and double the quote inside it",
    },
    {
      name: "an open quote, after a field of two lines",
      read: () => readCsv('a,b\n"1\r\n1","x\n', "bad.csv"),
      message: "Cannot read bad.csv, line 3: a quote is not closed; close it",
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

/** Yields text in pieces of a few characters, none inside a surrogate pair. */
async function* inPieces(text: string, size: number): AsyncGenerator<string> {
  const characters = [...text];
  for (let i = 0; i < characters.length; i += size) {
    yield await Promise.resolve(characters.slice(i, i + size).join(""));
  }
}

Deno.test("readCsv() reads the same from pieces of any size", async () => {
  const text = 'text,label\r\n"a ""b"" 🚀,\r\n\nc",1\r\n\r\n"",0\r\nÄ東,1';
  const whole = await readCsv(text, "a.csv");
  assertEquals([...whole], [
    { text: 'a "b" 🚀,\r\n\nc', label: 1 },
    { text: "", label: 0 },
    { text: "Ä東", label: 1 },
  ]);
  for (let size = 1; size <= 20; size++) {
    const pieces = await readCsv(inPieces(text, size), "a.csv");
    assertEquals([...pieces], [...whole], `pieces of ${size}`);
  }
});

Deno.test("readCsv() and readTsv() read lines that end in CR if the first does", async () => {
  const rows = [{ a: "1", b: "x" }, { a: "2", b: "y" }, { a: "3", b: "z" }];
  for (const text of ["a,b\r1,x\r2,y\r3,z", "a,b\r\r1,x\r\n2,y\r\r\n3,z\r"]) {
    const tsv = text.replaceAll(",", "\t");
    assertEquals([...await readCsv(text, "a.csv")], rows);
    assertEquals([...await readTsv(tsv, "a.tsv")], rows);
    assertEquals([...await readCsv(inPieces(text, 1), "a.csv")], rows);
  }
  // Else a CR alone is a character of its field.
  for (const end of ["\n", "\r\n"]) {
    const table = await readTsv(`a\tb${end}1\rx\ty\r\r\n`, "a.tsv");
    assertEquals([...table], [{ a: "1\rx", b: "y\r" }]);
  }
  await assertRejects(
    () => readCsv("a,b\r1,2\r3,4\n5,6\r", "a.csv"),
    SyntaxError,
    "Cannot read a.csv, line 3: it has a line feed, and the first line ends in a carriage return; end every line alike, or quote the field",
  );
  await assertRejects(
    () => readCsv("a,b\r1,2\r3\r", "a.csv"),
    SyntaxError,
    "Cannot read a.csv, line 3: it has 1 field and the first line has 2",
  );
});

Deno.test("readCsv() and readTsv() take a delimiter, and readTsv() names one that another stands for", async () => {
  await assertRejects(
    () => readTsv("text,label\nIt rains,1\n", "a.tsv"),
    SyntaxError,
    'give the delimiter (--delimiter in the scripts) "," if that separates them, or "\\t" if it is one column',
  );
  const read = async (delimiter: string) => [
    ...await readCsv('text;label\n"a;b";1\n', "a.csv", { delimiter }),
  ];
  assertEquals(await read(";"), [{ text: "a;b", label: 1 }]);
  const oneColumn = { delimiter: "," };
  assertEquals([...await readCsv("a;b\nx;y\n", "a.csv", oneColumn)], [
    { "a;b": "x;y" },
  ]);
  // A text is no header.
  const columnNames = () => ["text"];
  assertEquals([...await readCsv("so; la\n", "a.csv", { columnNames })], [
    { text: "so; la" },
  ]);
  for (const delimiter of ["", ";;", '"', "\n"]) {
    await assertRejects(
      () => read(delimiter),
      RangeError,
      `Cannot read a.csv with the delimiter ${
        JSON.stringify(delimiter)
      }: it must be one character, and neither a quote nor a line end`,
    );
  }
});

Deno.test("readCsv() leaves out a byte-order mark, and refuses a record without end", async () => {
  const dataset = await readCsv("\ufeffa,b\n\ufeff1,2\n", "a.csv");
  assertEquals([...dataset], [{ a: "\ufeff1", b: "2" }]);
  async function* endless() {
    yield 'a,b\n1,2\n"';
    for (let i = 0; i < 6; i++) {
      yield await Promise.resolve("x,\n".repeat(2 ** 22));
    }
    throw new Error("it is still read");
  }
  await assertRejects(
    () => readCsv(endless(), "a.csv"),
    SyntaxError,
    "Cannot read a.csv, line 3: a record that starts here does not end; close its quote",
  );
});
