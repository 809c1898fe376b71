import { assertEquals } from "@std/assert";
import { Dataset, DatasetDict, Tokenizer } from "../../../mod.ts";
import {
  warnAboutNames,
  warnAboutRows,
  warnAboutSchedule,
  warnAboutTruncation,
} from "../../../scripts/train/warnings.ts";
import wordPiece from "../../fixtures/word_piece.json" with { type: "json" };
import { printed } from "../../helpers/printed.ts";

/** The lines that a call prints. */
function linesOf(call: () => void): string[] {
  using output = printed();
  call();
  return output.lines;
}

Deno.test("warnAboutSchedule() warns of a rate of 0, and of a warm-up without an end", () => {
  const warn = (learningRate: number, warmup: number, type = "linear") =>
    linesOf(() =>
      warnAboutSchedule(
        { learningRate, lrSchedulerType: type },
        warmup,
        10,
      )
    );
  assertEquals(warn(1e-3, 9), []);
  assertEquals(warn(1e-3, 10), [
    "Warning: the run has 10 steps, and its warm-up 10: it ends before the learning rate is --learning-rate 0.001",
  ]);
  assertEquals(warn(1e-3, 10, "constant"), []); // has no warm-up
  assertEquals(warn(0, 0), ["Warning: --learning-rate 0 changes no weight"]);
});

Deno.test("warnAboutNames() warns of names that look alike", () => {
  const warned = (names: string[]) => linesOf(() => warnAboutNames(names));
  assertEquals(warned(["yes", "no", "a b", "b a"]), []);
  assertEquals(warned(["1,5", "b,c"]), []);
  assertEquals(warned(["0,5", "1,5"]), [
    "Warning: the labels 0,5, 1,5 are text, each a class of its own: numbers have a point, as 0.5, and several labels a row need --label-separator ,",
  ]);
  assertEquals(warned(["1,2,3", "2,3,1"]), []);
  assertEquals(
    warned(["yes", "no", "Yes", " yes", "caf\u00e9", "cafe\u0301"]),
    [
      'Warning: the labels yes, Yes, " yes" are classes of their own, and differ only in case, white space or invisible characters',
      "Warning: the labels caf\u00e9, cafe\u0301 are classes of their own, and differ only in case, white space or invisible characters",
    ],
  );
});

Deno.test("warnAboutRows() warns of one label, and of validation rows among the training rows", () => {
  const split = (source: string, rows: [string, string, number][]) =>
    new Dataset({
      a: rows.map(([a]) => a),
      b: rows.map(([, b]) => b),
      label: rows.map(([, , label]) => label),
    }, { source });
  const warn = (
    train: [string, string, number][],
    validation: [string, string, number][],
    names?: string[],
  ) =>
    linesOf(() =>
      warnAboutRows(
        new DatasetDict({
          train: split("train.tsv", train),
          validation: split("validation.tsv", validation),
        }),
        ["validation"],
        ["a", "b"],
        "label",
        names,
      )
    );
  assertEquals(
    warn([["x", "y", 0], ["x", "z", 1]], [["y", "x", 0], ["q", "z", 1]]),
    [],
  );
  assertEquals(
    warn([["x", "y", 1], ["x", "z", 1]], [["x", "y", 0], ["xy", "", 1]]),
    [
      "Warning: train.tsv has only the label 1: there is nothing to learn",
      "Warning: 1 of 2 rows of validation.tsv are training rows too: scores on them are too good",
    ],
  );
  assertEquals(warn([["x", "y", 1], ["x", "z", 0]], [["q", "y", 0]]), [
    "Warning: validation.tsv has only the label 0: scores on it say nothing about the others",
  ]);
  assertEquals(
    warn([["x", "y", 1], ["x", "z", 0]], [["q", "y", 0]], ["ham", "spam"]),
    [
      "Warning: validation.tsv has only the label ham: scores on it say nothing about the others",
    ],
  );
});

Deno.test("warnAboutTruncation() counts the rows that had more tokens", () => {
  const tokenizer = Tokenizer.fromJson(JSON.stringify(wordPiece.tokenizer));
  const texts = (words: number[]) =>
    new Dataset({ text: words.map((n) => "rain ".repeat(n).trim()) });
  const data = new DatasetDict({
    train: texts([1, 4, 5, 9]),
    validation: texts([4]),
    test: texts([8]),
  });
  const maxLength = 6; // [CLS], [SEP] and four words
  const tokenized = data.map(({ text }) =>
    tokenizer.encode(text, undefined, { maxLength })
  );
  const warn = (length: number) =>
    linesOf(() =>
      warnAboutTruncation(data, tokenized, tokenizer, length, ["text"])
    );
  assertEquals(warn(maxLength), [
    "Warning: 2 of 4 rows of train, 1 of 1 rows of test have more than 6 tokens and were truncated",
  ]);
  assertEquals(warn(12), []);
});
