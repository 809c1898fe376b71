import { assertEquals } from "@std/assert";
import {
  dataCollatorWithPadding,
  type LabelledBatch,
  Tokenizer,
} from "../../../mod.ts";
import { inspect } from "../../../scripts/train/first_batch.ts";
import { printed } from "../../helpers/printed.ts";
import wordPiece from "../../fixtures/word_piece.json" with { type: "json" };

/** Lines on the rows of a batch with these labels. */
function linesOf(
  labels: (number | number[])[],
  names?: readonly string[],
): string[] {
  const tokenizer = Tokenizer.fromJson(JSON.stringify(wordPiece.tokenizer));
  const rows = labels.map((labels) => ({ ...tokenizer.encode("a b"), labels }));
  using output = printed();
  const batch = dataCollatorWithPadding(tokenizer)(rows) as LabelledBatch;
  inspect(batch, tokenizer, names);
  return output.lines.slice(1).filter((line) => !line.includes("padding"));
}

Deno.test("inspect() names the labels of a row", () => {
  const row = (lines: string[]) =>
    lines.filter((line) => line.startsWith("  row"));
  assertEquals(row(linesOf([1, 0])), ["  row 0, label 1", "  row 1, label 0"]);
  assertEquals(row(linesOf([1, 0], ["no", "yes"])), [
    "  row 0, label yes",
    "  row 1, label no",
  ]);
  assertEquals(row(linesOf([[1, 0, 1], [0, 0, 0]], ["a", "b", "c"])), [
    "  row 0, labels a, c",
    "  row 1, no label",
  ]);
  assertEquals(row(linesOf([0.1, 2])), [
    "  row 0, label 0.1",
    "  row 1, label 2",
  ]);
});

Deno.test("inspect() has no second segment of a single text", () => {
  assertEquals(
    linesOf([1]).filter((line) => line.includes("segment")).length,
    1,
  );
});
