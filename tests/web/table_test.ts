import { assertEquals, assertRejects } from "@std/assert";
import { guessChoice, readTable, summarize } from "../../web/worker/table.ts";
import { CHOICE, paste, rowsOf } from "./pasted_table.ts";

Deno.test("readTable() reads cells of a spreadsheet, with line ends in quotes", async () => {
  const table = await readTable(
    paste('text\tlabel\n"two\nlines, and ""quotes"""\tx\nplain, text\ty\n'),
  );
  assertEquals(summarize(table), {
    name: "pasted table",
    rows: 2,
    columnNames: ["text", "label"],
    preview: [['two\nlines, and "quotes"', "x"], ["plain, text", "y"]],
  });
});

Deno.test("readTable() reads CSV, JSON Lines and files of these", async () => {
  const csv = "text,label\na b,01\n";
  const jsonl = '{"text": "a b", "label": "01"}\n';
  for (
    const source of [
      paste(csv),
      paste(jsonl),
      { kind: "file", file: new File([csv], "a.CSV") },
      { kind: "file", file: new File([jsonl], "a.jsonl") },
      { kind: "file", file: new File([csv], "a.txt") },
    ] as const
  ) {
    const { rows } = await readTable(source);
    assertEquals(rows.at(0), { text: "a b", label: "01" });
  }
});

Deno.test("readTable() says how to use a workbook, and refuses other files", async () => {
  const file = (name: string) =>
    readTable({ kind: "file", file: new File(["x"], name) });
  await assertRejects(() => file("a.xlsx"), Error, "copy them, and paste them");
  await assertRejects(() => file("a.png"), Error, "a.png is no table");
  await assertRejects(
    () => readTable(paste("text,label\n")),
    Error,
    "no rows below its header",
  );
});

Deno.test("guessChoice() finds the columns, or leaves the choice to the user", async () => {
  const choiceOf = async (text: string) =>
    guessChoice(await readTable(paste(text)));
  assertEquals(await choiceOf(`text\tlabel\n${rowsOf(4)}`), CHOICE);
  assertEquals(
    await choiceOf("a\tb\nsome text\tother text\nmore text\tits text\n"),
    undefined,
  );
});
