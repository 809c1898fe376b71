import { assertEquals } from "@std/assert";
import { Dataset, DatasetDict } from "../../../mod.ts";
import {
  checkData,
  scoreWordOverlap,
  suggestNext,
} from "../../../scripts/mrpc/console_report.ts";
import type { Options } from "../../../scripts/train/options.ts";
import { printed } from "../../helpers/printed.ts";

/** Pairs that share all words if the label is 1, and none if it is 0. */
function pairs(labels: readonly number[], first = 0): Dataset {
  return new Dataset({
    sentence1: labels.map((_, i) => `It's 7 ferries and ${first + i}`),
    sentence2: labels.map((label, i) =>
      label ? `${first + i} and ferries 7` : "Rain"
    ),
    label: labels,
  });
}

const data = new DatasetDict({
  train: pairs([1, 0, 1, 0, 1, 1]),
  validation: pairs([1, 1, 0], 10),
});
Deno.test("checkData() prints the number of pairs of each split", () => {
  using output = printed();
  checkData(data, "some/folder");
  assertEquals(output.lines, [
    "Data: some/folder",
    "  train: 6 pairs, 66.7 % with label 1",
    "  validation: 3 pairs, 66.7 % with label 1",
  ]);
});

Deno.test("scoreWordOverlap() scores predictions from shared words", () => {
  assertEquals(scoreWordOverlap(data), { accuracy: 1, f1: 1 });
  const { train, validation } = data;
  const wrong = validation.map(({ label }) => ({ label: 1 - label }));
  assertEquals(
    scoreWordOverlap(new DatasetDict({ train, validation: wrong })),
    { accuracy: 0, f1: 0 },
  );
});

Deno.test("suggestNext() quotes texts for a shell", () => {
  const suggest = (options: Partial<Options>) => {
    using output = printed();
    suggestNext("runs/a", "runs/a/model", data.validation, options as Options);
    return output.lines;
  };
  const lines = suggest({});
  assertEquals(lines.slice(0, 3), [
    "The report, a page for the browser, is in runs/a/report.html",
    "The model is in runs/a/model",
    "Label a pair with it:\n  ./denow task predict --model runs/a/model 'It'\\''s 7 ferries and 10' '10 and ferries 7'",
  ]);
  assertEquals(
    lines[3]?.split("\n").slice(0, 2),
    [
      "Train a BERT on MRPC, or on pairs of your own:",
      "  ./denow task train --model MODEL --data DATA",
    ],
  );
  assertEquals(suggest({ model: "m", data: "d" }).length, 3);
});
