import { assertEquals, assertThrows } from "@std/assert";
import { Dataset } from "../../lib/data/dataset.ts";
import { DatasetDict } from "../../lib/data/dataset_dict.ts";

const split = (...rows: number[]) =>
  new Dataset({ text: rows.map(String), label: rows, idx: rows });

function example(): DatasetDict {
  return new DatasetDict({
    train: split(1, 2, 3),
    validation: split(4),
    test: split(5, 6),
  });
}

Deno.test("DatasetDict transforms every split", () => {
  const changed = example()
    .map((row, i) => ({ sum: row.label + i }))
    .removeColumns(["text", "idx"])
    .renameColumn("label", "labels");
  assertEquals([...changed.train], [
    { labels: 1, sum: 1 },
    { labels: 2, sum: 3 },
    { labels: 3, sum: 5 },
  ]);
  assertEquals([...changed.validation], [{ labels: 4, sum: 4 }]);
  assertEquals([...changed.test!], [
    { labels: 5, sum: 5 },
    { labels: 6, sum: 7 },
  ]);
});

Deno.test("DatasetDict.test is undefined without a test split", () => {
  const dict = new DatasetDict({ train: split(1), validation: split(2) });
  assertEquals(dict.test, undefined);
  assertEquals(dict.map(() => ({})).test, undefined);
});

Deno.test("DatasetDict returns splits by name, and lists those it has", () => {
  const dict = new DatasetDict({
    train: split(1),
    "validation_matched": split(2, 3),
  });
  assertEquals(dict.names, ["train", "validation_matched"]);
  assertEquals(dict.split("validation_matched").length, 2);
  assertThrows(
    () => dict.validation,
    RangeError,
    'There is no split "validation": the splits are train, validation_matched',
  );
});

Deno.test("DatasetDict.map() counts the progress over all splits", () => {
  const progress: number[][] = [];
  example().map(() => ({}), {
    onProgress: (done, total) => progress.push([done, total]),
  });
  assertEquals(progress, [1, 2, 3, 4, 5, 6].map((done) => [done, 6]));
});

Deno.test("DatasetDict reports how the columns of the splits differ", () => {
  const dict = new DatasetDict({
    train: split(1),
    validation: split(2),
    test: new Dataset({ text: ["a"] }, { source: "test.csv" }),
  });
  const message =
    'Cannot rename column "label" of test.csv: there is no such column; the columns are text; ' +
    "the splits differ: train has text, label, idx; validation has text, label, idx; test has text";
  assertThrows(() => dict.renameColumn("label", "labels"), RangeError, message);
  assertThrows(() => dict.removeColumns(["idx"]), RangeError, "splits differ");

  const error = assertThrows(
    () => example().removeColumns(["nope"]),
    RangeError,
  );
  assertEquals(error.message.includes("splits differ"), false);
});
