import { assertEquals, assertThrows } from "@std/assert";
import { prepare } from "../../web/worker/prepared_data.ts";
import { readTable } from "../../web/worker/table.ts";
import { CHOICE, paste, rowsOf } from "./pasted_table.ts";

Deno.test("prepare() counts what it leaves out, and what is odd", async () => {
  const table = await readTable(paste(
    `text\tlabel\n${rowsOf(20)}\ta\nno class\t\nsame  text\ta\nsame text\tb\n`,
  ));
  const { summary, train, heldOut, classes } = prepare(table, CHOICE);
  assertEquals(classes, ["a", "b"]);
  assertEquals(summary, {
    choice: CHOICE,
    classes: [{ name: "a", count: 11 }, { name: "b", count: 11 }],
    trainRows: 17,
    heldOutRows: 5,
    withoutText: 1,
    withoutLabel: 1,
    undrawn: 0,
    duplicates: 2,
    contradictions: 2,
    words: { median: 3, longest: 3 },
  });
  const all = [...train, ...heldOut].sort((a, b) => a.row - b.row);
  assertEquals(all.map(({ row }) => row), [...Array(20).keys(), 22, 23]);
  assertEquals(all[1], { row: 1, texts: ["text number 1"], label: 1 });
});

Deno.test("prepare() holds out the share of each class, the same each time", async () => {
  const table = await readTable(paste(`text\tlabel\n${rowsOf(40)}`));
  const { heldOut } = prepare(table, { ...CHOICE, heldOut: 0.3 });
  assertEquals(heldOut.filter(({ label }) => label === 0).length, 6);
  assertEquals(heldOut.length, 12);
  assertEquals(prepare(table, { ...CHOICE, heldOut: 0.3 }).heldOut, heldOut);
});

Deno.test("prepare() keeps rows with the same text on one side", async () => {
  const table = await readTable(
    paste(`text\tlabel\n${rowsOf(20)}${rowsOf(20)}`),
  );
  const { train, heldOut } = prepare(table, CHOICE);
  const known = new Set(train.map(({ texts }) => texts[0]));
  assertEquals(heldOut.filter(({ texts }) => known.has(texts[0])), []);
  assertEquals(heldOut.length, 8);
});

Deno.test("prepare() orders classes as numbers, and refuses columns that are none", async () => {
  const numbers = Array.from({ length: 30 }, (_, i) => `t ${i}\t${i % 11}\n`);
  const table = await readTable(paste(`text\tlabel\n${numbers.join("")}`));
  const { classes } = prepare(table, CHOICE);
  assertEquals(classes, [..."0123456789"].concat("10"));
  assertThrows(
    () => prepare(table, { ...CHOICE, text: ["label"], label: "text" }),
    Error,
    "“text” has 30 different values in 30 rows",
  );
  const one = await readTable(paste("text\tlabel\na b\tx\nc d\tx\n"));
  assertThrows(() => prepare(one, CHOICE), Error, "the same value in “label”");
  const none = await readTable(paste("text\tlabel\n\tx\n"));
  assertThrows(() => prepare(none, CHOICE), Error, "No row has both");
});

Deno.test("prepare() draws rows of each class by its share where there are too many", async () => {
  const rows = Array.from(
    { length: 60_000 },
    (_, i) => `text ${i}\t${i % 5 === 0 ? "a" : "b"}\n`,
  );
  const table = await readTable(paste(`text\tlabel\n${rows.join("")}`));
  const { summary } = prepare(table, CHOICE);
  assertEquals([summary.trainRows, summary.heldOutRows], [40_000, 10_000]);
  assertEquals(summary.undrawn, 10_000);
  assertEquals(summary.classes, [
    { name: "a", count: 10_000 },
    { name: "b", count: 40_000 },
  ]);
});
