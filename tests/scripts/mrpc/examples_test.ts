import { assertEquals } from "@std/assert";
import { Dataset, DatasetDict } from "../../../mod.ts";
import {
  describeData,
  scoreWordOverlap,
  suggestNext,
} from "../../../scripts/mrpc/examples.ts";
import type { Options } from "../../../scripts/train/options.ts";
import { printed } from "../../helpers/printed.ts";

/** Pairs that share all their words where the label is 1, and none where it is 0. */
function pairs(labels: readonly number[]): Dataset {
  return new Dataset({
    sentence1: labels.map((_, i) => `It's 7 ferries and ${i}`),
    sentence2: labels.map((label, i) => label ? `${i} and ferries 7` : "Rain"),
    label: labels,
  });
}

const data = new DatasetDict({
  train: pairs([1, 0, 1, 0, 1, 1]),
  validation: pairs([1, 1, 0]),
});

Deno.test("describeData() counts the pairs of each split", () => {
  using output = printed();
  describeData(data, "some/folder");
  assertEquals(output.lines, [
    "Data: some/folder",
    "  train: 6 pairs, 66.7 % of them label 1",
    "  validation: 3 pairs, 66.7 % of them label 1",
  ]);
});

Deno.test("scoreWordOverlap() scores what words alone tell", () => {
  assertEquals(scoreWordOverlap(data), { accuracy: 1, f1: 1 });
  const { train, validation } = data;
  const wrong = validation.map(({ label }) => ({ label: 1 - label }));
  assertEquals(
    scoreWordOverlap(new DatasetDict({ train, validation: wrong })),
    { accuracy: 0, f1: 0 },
  );
});

Deno.test("suggestNext() gives commands that a shell takes as they are", () => {
  const suggest = (options: Partial<Options>) => {
    using output = printed();
    suggestNext("runs/a/model", data.validation, options as Options);
    return output.lines;
  };
  const lines = suggest({});
  assertEquals(lines.slice(0, 2), [
    "The model is in runs/a/model",
    "Label a pair with it:\n  ./denow task predict --model runs/a/model 'It'\\''s 7 ferries and 0' '0 and ferries 7'",
  ]);
  assertEquals(
    lines[2]?.split("\n").slice(0, 2),
    [
      "Train a BERT on MRPC, or on pairs of your own:",
      "  ./denow task train --model MODEL --data DATA",
    ],
  );
  assertEquals(suggest({ model: "m", data: "d" }).length, 2);
});
