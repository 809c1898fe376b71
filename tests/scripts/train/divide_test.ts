import { assertEquals, assertThrows } from "@std/assert";
import { Dataset } from "../../../mod.ts";
import {
  divide,
  type DivideOptions,
  ROW,
} from "../../../scripts/train/divide.ts";
import { printed } from "../../helpers/printed.ts";

const OPTIONS: DivideOptions = { seed: 3, textColumns: ["text"] };

Deno.test("divide() gives each class its share of validation and test, and keeps row numbers", () => {
  using output = printed();
  const label = Array.from({ length: 100 }, (_, i) => i % 10 === 0 ? "b" : "a");
  const text = label.map((_, i) => `text ${i}`);
  const file = new Dataset({ text, label }, {
    source: "m.csv",
    labelNames: { label: ["a", "b"] },
  });
  const splits = divide(file, "m.csv", {
    ...OPTIONS,
    validationSplit: 0.2,
    testSplit: 0.1,
    stratifyBy: "label",
  });
  assertEquals(splits.names, ["train", "validation", "test"]);
  const counts = splits.names.map((name) => {
    const labels = splits.split(name).column("label");
    return [labels.length, labels.filter((label) => label === "b").length];
  });
  assertEquals(counts, [[70, 7], [20, 2], [10, 1]]);
  const rows = splits.names
    .flatMap((name) => splits.split(name).column(ROW) as number[]);
  assertEquals(rows.toSorted((a, b) => a - b), text.map((_, i) => i));
  for (const row of splits.validation) {
    assertEquals(row.text, text[row[ROW]]);
  }
  assertEquals(splits.validation.source, "m.csv, validation rows,");
  assertEquals(splits.validation.labelNames("label"), ["a", "b"]);
  assertEquals(output.lines, [
    "m.csv: 70 rows for training, 20 for validation, 10 for testing",
  ]);
});

Deno.test("divide() keeps rows with the same text in one split, and counts them", () => {
  using output = printed();
  // Row numbers that the rows have already, as after some were left out.
  const text = Array.from({ length: 40 }, (_, i) => `text ${i % 30}`);
  const file = new Dataset({ text, [ROW]: text.map((_, i) => 2 * i) });
  const { train, validation } = divide(file, "m.csv", OPTIONS);
  assertEquals([train.length, validation.length], [36, 4]);
  const texts = new Set(train.column("text"));
  assertEquals(validation.column("text").filter((text) => texts.has(text)), []);
  assertEquals(
    validation.column(ROW).every((row) => Number(row) % 2 === 0),
    true,
  );
  assertEquals(output.lines, [
    "m.csv: 36 rows for training, 4 for validation",
    "20 of the rows have the text of another: rows with the same text are in one split",
  ]);
});

Deno.test("divide() refuses a file with too few rows", () => {
  const file = new Dataset({ text: ["a", "b", "c"] });
  const cases: [Partial<DivideOptions>, string][] = [
    [
      { validationSplit: 0 },
      "--data m.csv is one file of 3 rows, and --validation-split 0 of them is 0: it needs rows for training and for validation",
    ],
    [
      { validationSplit: 0.9 },
      "--validation-split 0.9 of them is 3: it needs",
    ],
    [
      { validationSplit: 0.4, testSplit: 0.1 },
      "--validation-split 0.4 of them is 2 and --test-split 0.1 1: it needs",
    ],
  ];
  for (const [more, message] of cases) {
    assertThrows(
      () => divide(file, "m.csv", { ...OPTIONS, ...more }),
      RangeError,
      message,
    );
  }
});

Deno.test("divide() refuses rows whose texts are too alike to hold one out", () => {
  const divided = (more: Partial<DivideOptions>) => () =>
    divide(
      new Dataset({
        text: Array.from({ length: 20 }, (_, i) => i < 10 ? "a" : "b"),
        other: Array(20).fill("c"),
        label: Array.from({ length: 20 }, (_, i) => i < 10 ? 0 : 1),
      }),
      "m.csv",
      { ...OPTIONS, ...more },
    );
  const start =
    "--data m.csv cannot be divided, and rows with the same text stay together: ";
  assertThrows(
    divided({ stratifyBy: "label" }),
    RangeError,
    `${start}without those of any one text, a label of column "label" has no row left to train; add other texts, or give a folder with train and validation`,
  );
  assertThrows(
    divided({ textColumns: ["other"] }),
    RangeError,
    `${start}all rows have the same text; add`,
  );
});
