import { assertEquals, assertThrows } from "@std/assert";
import { Dataset } from "../../lib/data/dataset.ts";
import { DatasetDict } from "../../lib/data/dataset_dict.ts";
import { findDuplicates } from "../../lib/data/duplicates.ts";

const SPLITS = new DatasetDict({
  train: new Dataset({
    text: ["It rains.", "So", " It\t rains. ", "it rains.", "Caf\u00e9", ""],
    label: [0, 1, 1, 0, 0, 0],
  }, { source: "messages.csv" }),
  test: new Dataset({
    text: ["Cafe\u0301", "It\u00a0rains.\n", "\n", "So."],
    label: [0, 0, 1, 1],
  }),
});

Deno.test("findDuplicates() finds equal texts within and across splits, in order", () => {
  const train = (row: number) => ({ split: "train", row });
  const test = (row: number) => ({ split: "test", row });
  assertEquals(findDuplicates(SPLITS, ["text"]), [
    { values: ["It rains."], rows: [train(0), train(2), test(1)] },
    { values: ["Caf\u00e9"], rows: [train(4), test(0)] },
    { values: [""], rows: [train(5), test(2)] },
  ]);
  assertEquals(findDuplicates(SPLITS, ["text", "label"]), [
    { values: ["It rains.", 0], rows: [train(0), test(1)] },
    { values: ["Caf\u00e9", 0], rows: [train(4), test(0)] },
  ]);
  assertEquals(
    findDuplicates(new DatasetDict({ test: SPLITS.test }), ["text"]),
    [],
  );
});

Deno.test("findDuplicates() does not join columns, nor text and numbers", () => {
  const rows = new Dataset({
    a: ["x y", "x", 1, "1", null, "null"],
    b: ["z", "y z", 2, "2", 0, 0],
  });
  const splits = new DatasetDict({ train: rows });
  assertEquals(findDuplicates(splits, ["a", "b"]), []);
});

Deno.test("findDuplicates() names the columns that there are", () => {
  assertThrows(
    () => findDuplicates(SPLITS, ["sentence"]),
    RangeError,
    'Cannot read column "sentence" of messages.csv: there is no such column; the columns are text, label',
  );
  assertThrows(
    () => findDuplicates(SPLITS, []),
    RangeError,
    "Cannot compare the rows of messages.csv: no column is given; name one or more of text, label",
  );
});
