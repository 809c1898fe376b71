import { assertEquals, assertThrows } from "@std/assert";
import {
  type InputLine,
  readLines,
  RowParser,
} from "../../../scripts/inference/input_lines.ts";

/** A source that gives pieces of these sizes. */
function reader(bytes: Uint8Array, sizes: () => number) {
  let at = 0;
  return {
    read(buffer: Uint8Array): Promise<number | null> {
      if (at === bytes.length) return Promise.resolve(null);
      const piece = bytes.subarray(at, at + Math.min(sizes(), buffer.length));
      buffer.set(piece);
      at += piece.length;
      return Promise.resolve(piece.length);
    },
  };
}

async function linesOf(
  bytes: Uint8Array,
  sizes = () => bytes.length,
): Promise<InputLine[]> {
  return (await Array.fromAsync(readLines(reader(bytes, sizes)))).flat();
}

const encode = (text: string) => new TextEncoder().encode(text);

Deno.test("readLines() gives the same lines for pieces of any size", async () => {
  const text = "\ufeffa\r\n\n\ufeffb\tc\r\n漢字 é\n\r\nlast";
  const expected = ["a", "", "\ufeffb\tc", "漢字 é", "", "last"]
    .map((text, i) => ({ number: i + 1, text }));
  for (const size of [1, 2, 3, 5, 7, 100]) {
    assertEquals(await linesOf(encode(text), () => size), expected, `${size}`);
  }
});

Deno.test("readLines() has no line after the last line end", async () => {
  assertEquals((await linesOf(encode("a\n"))).length, 1);
  assertEquals((await linesOf(encode("a\n\n"))).length, 2);
  assertEquals(await linesOf(new Uint8Array()), []);
});

Deno.test("readLines() names the lines that are not UTF-8, and reads the others", async () => {
  const bytes = Uint8Array.from([
    ...encode("a\n"),
    0xff,
    0x0a,
    ...encode("é\n").subarray(0, 1),
    0x0a,
    ...encode("b"),
  ]);
  for (const size of [1, 4, 100]) {
    const lines = await linesOf(bytes, () => size);
    assertEquals(lines.map(({ text }) => text), [
      "a",
      undefined,
      undefined,
      "b",
    ]);
    assertEquals(lines.map(({ number }) => number), [1, 2, 3, 4]);
  }
});

Deno.test("readLines() refuses a line of more than 16 MiB, and reads the next", async () => {
  const bytes = new Uint8Array(2 ** 24 + 3).fill(97);
  bytes[2 ** 24 + 1] = 10; // 2^24 + 1 bytes before it
  const lines = await linesOf(bytes);
  assertEquals(lines, [
    { number: 1, problem: "it has more than 16777216 bytes; end its lines" },
    { number: 2, text: "a" },
  ]);
  bytes[2 ** 24] = 10;
  assertEquals((await linesOf(bytes))[0]!.text?.length, 2 ** 24);
});

Deno.test("RowParser names the texts by the first line, and refuses other numbers of fields", () => {
  const parser = new RowParser(undefined);
  const parse = (text: string, number: number) => {
    const { texts, isBlank, problem } = parser.parse({ number, text });
    return [texts, isBlank, problem];
  };
  assertEquals(parse("  ", 1), [[["sentence", ""]], true, undefined]);
  assertEquals(parse("a\tb\tc", 2)[2], problemOf(3));
  assertEquals(
    parse("a\tb", 3),
    [[["sentence1", "a"], ["sentence2", "b"]], false, undefined],
  );
  assertEquals(
    parse("\t", 4),
    [[["sentence1", ""], ["sentence2", ""]], true, undefined],
  );
  assertEquals(
    parse("a", 5)[2],
    "it has 1 field separated by tabs, and line 3 has 2; correct it",
  );
  assertEquals(
    parse("a\t", 6),
    [[["sentence1", "a"], ["sentence2", ""]], false, undefined],
  );
});

const problemOf = (fields: number) =>
  `it has ${fields} fields separated by tabs, and a model takes one text or two; choose those of a header with --text-columns, or give a file with --data`;

Deno.test("RowParser takes the columns of a header", () => {
  const parser = new RowParser(["q", "p"]);
  assertEquals(parser.needsHeader, true);
  parser.readHeader({ number: 1, text: "p\tidx\tq" });
  assertEquals(parser.needsHeader, false);
  assertEquals(
    parser.parse({ number: 2, text: "a\t7\tb" }).texts,
    [["q", "b"], ["p", "a"]],
  );
  assertEquals(
    parser.parse({ number: 3, text: "a\tb" }).problem,
    "it has 2 fields separated by tabs, and line 1 has 3; correct it",
  );
  assertThrows(
    () => new RowParser(["x"]).readHeader({ number: 1, text: "p\tq" }),
    RangeError,
    'standard input has no column "x", only p, q: correct --text-columns',
  );
  assertThrows(
    () => new RowParser(["p"]).readHeader({ number: 1, text: "p\tp" }),
    RangeError,
    'standard input has two columns "p" in its header: rename one',
  );
});
