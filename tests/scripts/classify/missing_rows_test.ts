import { assertEquals, assertThrows } from "@std/assert";
import { Dataset } from "../../../mod.ts";
import {
  missingLabels,
  withoutMissing,
  withoutMissingSets,
} from "../../../scripts/classify/missing_rows.ts";
import { ROW } from "../../../scripts/train/divide.ts";
import { printed } from "../../helpers/printed.ts";

const NO_LABEL =
  "; a row with none of the labels has an empty list, [], in JSON and JSONL, or 0 in a column for each label";

const COLUMNS = { text: ["text"], label: ["label"] };

/** The rows of a file that are kept. */
function kept(
  columns: Record<string, unknown[]>,
  names?: readonly string[],
): number[] {
  const file = new Dataset(columns, {
    source: "m.csv",
    ...names && { labelNames: { label: names } },
  });
  const isMissing = missingLabels([file], "label");
  return withoutMissing(file, COLUMNS, isMissing).column(ROW) as number[];
}

Deno.test("withoutMissing() leaves out rows without a text or a label, and counts them", () => {
  using output = printed();
  const text = ["a", "", "b", null, "c", " \n", NaN, "d", "e", "f", "g"];
  const label = ["x", "y", "", "x", null, "x", "x", " ", NaN, undefined, "y"];
  assertEquals(kept({ id: text.map((_, i) => i), text, label }), [0, 10]);
  assertEquals(output.lines, [
    "m.csv: 9 of 11 rows left out, 4 without text (rows 1, 3, 5, 6), 5 without label (rows 2, 4, 7, 8, 9)",
  ]);
});

Deno.test("withoutMissing() lists the first rows, and nothing if all are kept", () => {
  using output = printed();
  const text = Array.from({ length: 9 }, (_, i) => i < 8 ? "" : "a");
  assertEquals(kept({ text, label: text.map(() => 1) }), [8]);
  assertEquals(kept({ text: ["a"], label: ["x"] }), [0]);
  assertEquals(kept({ text: ["a", ""], label: ["x", "x"] }), [0]);
  assertEquals(output.lines, [
    "m.csv: 8 of 9 rows left out, 8 without text (rows 0, 1, 2, 3, 4, …)",
    "m.csv: 1 of 2 rows left out, 1 without text (row 1)",
  ]);
});

Deno.test("withoutMissing() keeps a pair with one text, and the columns of the task", () => {
  using _output = printed();
  const file = new Dataset(
    { a: ["x", null, ""], b: ["", "y", null], label: [1, 0, 1], id: [7, 8, 9] },
    { source: "m.csv", labelNames: { label: ["no", "yes"], id: ["a"] } },
  );
  const rows = withoutMissing(
    file,
    { text: ["a", "b"], label: ["label"] },
    () => false,
  );
  assertEquals([...rows], [
    { a: "x", b: "", label: 1, [ROW]: 0 },
    { a: "", b: "y", label: 0, [ROW]: 1 },
  ]);
  assertEquals([rows.source, rows.labelNames("label")], ["m.csv", [
    "no",
    "yes",
  ]]);
});

Deno.test("missingLabels() tells words for no number, and hidden labels", () => {
  using _output = printed();
  const text = ["a", "b", "c"];
  assertEquals(kept({ text, label: ["1", "nan", "2"] }), [0, 2]);
  assertEquals(kept({ text, label: ["1", "N/A", "0.5"] }), [0, 2]);
  // A class of that name, among others that are no numbers.
  assertEquals(kept({ text, label: ["yes", "none", "2"] }), [0, 1, 2]);
  assertEquals(kept({ text, label: ["none", "nan", "none"] }), [0, 1, 2]);
  assertEquals(kept({ text, label: [1, -1, 0] }), [0, 1, 2]);
  assertEquals(kept({ text, label: [1, -1, 0] }, ["no", "yes"]), [0, 2]);
});

Deno.test("withoutMissing() says how to write a row with none of several labels", () => {
  using output = printed();
  const keptSets = (label: string[]) =>
    withoutMissing(
      new Dataset({ text: ["x", "y", ""], label }, { source: "m.csv" }),
      COLUMNS,
      (label) => label === "",
      true,
    ).length;
  assertEquals([keptSets(["a", "", "b"]), keptSets(["a", "b", "b"])], [1, 2]);
  assertEquals(output.lines, [
    `m.csv: 2 of 3 rows left out, 1 without text (row 2), 1 without label (row 1)${NO_LABEL}`,
    "m.csv: 1 of 3 rows left out, 1 without text (row 2)",
  ]);
});

Deno.test("withoutMissing() refuses other types, and a file of which nothing is left", () => {
  using _output = printed();
  assertThrows(
    () => kept({ text: ["a", 5], label: [1, 1] }),
    RangeError,
    'm.csv has 5 in column "text" of row 1: it must be text, so correct it or leave the row out',
  );
  assertThrows(
    () => kept({ text: ["", "a"], label: [1, ""] }),
    RangeError,
    "m.csv has no row with a text and a label: 1 without text (row 0), 1 without label (row 1); correct it, or name other columns with --text-columns and --label-column",
  );
});

Deno.test("withoutMissingSets() leaves out empty cells, not empty lists", () => {
  const sets = (columns: Record<string, unknown[]>) => {
    const file = new Dataset(columns, { source: "m.csv" });
    return withoutMissingSets(file, Object.keys(columns)).column(ROW);
  };
  using output = printed();
  assertEquals(sets({ tags: [["a"], [], ["b"]] }), [0, 1, 2]);
  assertEquals(output.lines, []);
  assertEquals(sets({ tags: ["a", "", null, " ", "b"] }), [0, 4]);
  assertEquals(sets({ a: [1, 0, null], b: [0, "", 1] }), [0]);
  assertEquals(output.lines, [
    `m.csv: 3 of 5 rows left out, without label (rows 1, 2, 3)${NO_LABEL}`,
    `m.csv: 2 of 3 rows left out, without label (rows 1, 2)${NO_LABEL}`,
  ]);
  assertThrows(
    () => sets({ tags: ["", null] }),
    RangeError,
    "m.csv has no row with a label: correct it, or name other columns with --label-column",
  );
});
