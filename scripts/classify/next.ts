/**
 * Messages on the model of a run: before the training, and on the steps after it.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import type { ClassifyOptions } from "./flags.ts";

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
 * Says where the model is, and how to use it.
 *
 * @param folder Folder of the model.
 * @param options Settings of the run.
 */
export function suggestNext(folder: string, { task }: ClassifyOptions): void {
  console.log(`The model is in ${folder}`);
  if (task !== undefined) return;
  console.log(`Label texts with it:
  ./denow task predict --model ${folder} 'a text'`);
}
