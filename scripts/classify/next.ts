/**
 * Messages on the model of a run: before the training, and on the steps after it.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { quotePath, shellQuote } from "../cli/shell_quote.ts";
import type { ClassifyOptions } from "./flags.ts";
import type { WordsComparison } from "./results.ts";

/** A model that is small, and much better than the embedded one. */
const CHECKPOINT = "distilbert/distilbert-base-uncased";

/**
 * Says what a real checkpoint would change, where the model is the embedded one.
 *
 * @param options Settings of the run.
 */
export function warnAboutModel({ model }: ClassifyOptions): void {
  if (model !== undefined) return;
  console.log(
    `The model is the embedded one, which knows few words: it is quick, and a checkpoint that was pretrained on much text labels better: ./denow task fetch --model ${CHECKPOINT}, then --model ${CHECKPOINT}`,
  );
}

/**
 * Says so if the model is no better than words alone, with what may help.
 *
 * @param options Settings of the run.
 * @param comparison The score that decides the best model; undefined if words have none.
 */
export function warnIfWordsAreBetter(
  { model, classWeights }: ClassifyOptions,
  comparison: WordsComparison | undefined,
): void {
  if (comparison === undefined) return;
  const { metric, score, words, isOfClasses } = comparison;
  if (score > words || score === 1) return;
  const remedies = [
    // Weights make F1 better of rare classes, and the accuracy rather worse.
    ...isOfClasses && metric === "f1" && classWeights === undefined
      ? ["--class-weights balanced"]
      : [],
    ...model === undefined
      ? [
        `a checkpoint pretrained on more text: ./denow task fetch --model ${CHECKPOINT}`,
      ]
      : [],
  ];
  console.log(
    `The model is no better than words alone: ${metric} ${
      score.toFixed(4)
    } against ${words.toFixed(4)}${
      remedies.length > 0 ? `; try ${remedies.join(", or ")}` : ""
    }`,
  );
}

/** Characters of a text in a command. */
const SHOWN = 60;

/**
 * Says where the report and the model are, and how to use the model.
 *
 * @param run Folder of the run.
 * @param model Folder of the model.
 * @param texts A text or a pair, as an example.
 */
export function suggestNext(
  run: string,
  model: string,
  texts: readonly string[],
): void {
  const examples = texts.map((text) => shellQuote(shorten(text, SHOWN)));
  console.log(
    `The report, a page for the browser, is in ${run}/report.html`,
  );
  console.log(`The model is in ${model}`);
  console.log(`Label a ${texts.length > 1 ? "pair" : "text"} with it:
  ./denow task predict --model ${quotePath(model)} ${examples.join(" ")}`);
  console.log(`Try it in the browser:
  ./denow task serve --model ${quotePath(model)}`);
}

/** The beginning of a text, in one line; where it is cut, after a word, with an ellipsis. */
function shorten(text: string, length: number): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  return line.length > length
    ? `${line.slice(0, length).replace(/ ?\S*$/, "")}…`
    : line;
}
