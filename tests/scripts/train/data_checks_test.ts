import { assertEquals, assertThrows } from "@std/assert";
import { BertConfig, Dataset, DatasetDict } from "../../../mod.ts";
import { checkFits, checkLabels } from "../../../scripts/train/data_checks.ts";

/** Splits with one column each. */
function data(name: string, train: unknown[], validation: unknown[]) {
  const split = (values: unknown[], source: string) =>
    new Dataset({ [name]: values }, { source });
  return new DatasetDict({
    train: split(train, "train.tsv"),
    validation: split(validation, "validation.tsv"),
  });
}

Deno.test("checkLabels() names the label that is neither 0 nor 1", async (t) => {
  const cases: [unknown[], string | undefined][] = [
    [[0, 1, 1], undefined],
    [[0, 1, -1], "-1 in row 2"],
    [[0, 0.5, 2], "0.5 in row 1"],
    [[0, null], "null in row 1"],
    [["1", "yes", "0"], '"yes" in row 1'], // one word turns the column into text
    [["1", "0"], '"1" in row 0'],
  ];
  for (const [labels, wrong] of cases) {
    await t.step(JSON.stringify(labels), () => {
      const check = () => checkLabels(data("labels", [0], labels), "labels");
      if (wrong === undefined) return check();
      assertEquals(
        assertThrows(check, RangeError).message,
        `validation.tsv has label ${wrong}, and labels must be the numbers 0 or 1: correct it, or train on labels of your own with deno task classify --data … --text-columns sentence1,sentence2`,
      );
    });
  }
});

Deno.test("checkFits() names a row that does not fit the model", () => {
  const config = new BertConfig({ vocabSize: 9, maxPositionEmbeddings: 3 });
  const check = (...validation: number[][]) =>
    checkFits(data("inputIds", [[2, 8, 3]], validation), config);
  check([2, 8, 3]);
  assertEquals(
    assertThrows(() => check([2], [2, 4, 4, 3]), RangeError).message,
    "validation.tsv has 4 tokens in row 1, and the model takes 3: use --max-length 3",
  );
  assertEquals(
    assertThrows(() => check([2, 9, 3]), RangeError).message,
    "validation.tsv has token 9 in row 0, and the vocabulary of the model has 9: its tokenizer.json belongs to another model",
  );
});
