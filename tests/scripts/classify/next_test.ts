import { assertEquals } from "@std/assert";
import type { ClassifyOptions } from "../../../scripts/classify/flags.ts";
import {
  suggestNext,
  warnIfWordsAreBetter,
} from "../../../scripts/classify/next.ts";
import { printed } from "../../helpers/printed.ts";

/** The lines of these example texts. */
function linesOf(texts: readonly string[], model = "runs/a/model"): string[] {
  using output = printed();
  suggestNext("runs/a", model, texts);
  return output.lines;
}

Deno.test("suggestNext() names the report and the model, and commands with it", () => {
  assertEquals(linesOf(["It's\nlate"]), [
    "The report, a page for the browser, is in runs/a/report.html",
    "The model is in runs/a/model",
    "Label a text with it:\n  ./denow task predict --model runs/a/model 'It'\\''s late'",
    "Try it in the browser:\n  ./denow task serve --model runs/a/model",
  ]);
});

Deno.test("suggestNext() gives both texts of a pair, the beginning of long ones", () => {
  const [, , command] = linesOf(["word ".repeat(20), "b"], "my runs/model");
  const words = Array.from({ length: 12 }, () => "word").join(" ");
  assertEquals(
    command,
    `Label a pair with it:\n  ./denow task predict --model 'my runs/model' '${words}…' 'b'`,
  );
});

Deno.test("warnIfWordsAreBetter() says so, with remedies that are left", () => {
  const warned = (
    options: Partial<ClassifyOptions>,
    comparison?: Parameters<typeof warnIfWordsAreBetter>[1],
  ) => {
    using output = printed();
    warnIfWordsAreBetter(options as ClassifyOptions, comparison);
    return output.lines.join("\n");
  };
  const f1 = { metric: "f1", score: 0.7685, words: 0.9017, isOfClasses: true };
  const lost =
    "The model is no better than words alone: f1 0.7685 against 0.9017";
  const fetch =
    "a checkpoint pretrained on more text: ./denow task fetch --model distilbert/distilbert-base-uncased";
  const weights = "--class-weights balanced";
  assertEquals(warned({}, f1), `${lost}; try ${weights}, or ${fetch}`);
  assertEquals(warned({ model: "m" }, f1), `${lost}; try ${weights}`);
  assertEquals(
    warned({ classWeights: "balanced" }, f1),
    `${lost}; try ${fetch}`,
  );
  assertEquals(warned({ model: "m", classWeights: "1,2" }, f1), lost);
  assertEquals(
    warned({}, { ...f1, isOfClasses: false }),
    `${lost}; try ${fetch}`,
  );
  assertEquals(
    warned({ model: "m" }, { ...f1, metric: "accuracy" }),
    lost.replace("f1", "accuracy"),
  );
  assertEquals(
    warned({ model: "m", classWeights: "1,2" }, { ...f1, score: 0.9017 }),
    lost.replace("0.7685", "0.9017"),
  );
  assertEquals(warned({}, { ...f1, score: 0.91 }), "");
  assertEquals(warned({}, { ...f1, score: 1, words: 1 }), "");
  assertEquals(warned({}, undefined), "");
});
