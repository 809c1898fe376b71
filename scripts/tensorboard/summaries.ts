/**
 * The events of a run as TensorBoard's. Tags are those of transformers, so that
 * its runs can be shown beside: `train/loss`, `train/learning_rate`,
 * `train/grad_norm`, `eval/loss`, `eval/accuracy`, `eval/SPLIT_accuracy` for
 * several splits.
 *
 * Source: https://github.com/huggingface/transformers/blob/main/src/transformers/integrations/integration_utils.py, rewrite_logs
 *
 * @module
 */
import type { LogEvent } from "../run_folder/event_file.ts";
import type { EventProto, ValueProto } from "./event_proto.ts";
import { histogramOf } from "./histogram.ts";

const STRING = 7; // DataType.DT_STRING

/** Keys of an event that are no scores. */
const PLACE = ["event", "step", "epoch", "split", "trainSeconds"];

/**
 * The first events of a file: its version, and the settings as a text.
 *
 * @param settings The settings, values of JSON.
 * @param start When the run started, in seconds since 1970.
 * @returns The events.
 */
export function headEvents(settings: object, start: number): EventProto[] {
  // Four spaces: a code block of Markdown, in which nothing else has a meaning.
  const text = JSON.stringify(settings, null, 2).replaceAll(/^/gm, "    ");
  const value: ValueProto = {
    tag: "settings",
    tensor: {
      dtype: STRING,
      tensorShape: { dim: [{ size: 1 }] },
      stringVal: [new TextEncoder().encode(text)],
    },
    metadata: { pluginData: { pluginName: "text" } },
  };
  return [
    { wallTime: start, fileVersion: "brain.Event:2" },
    { wallTime: start, summary: { value: [value] } },
  ];
}

/**
 * The scores of an event, and with those of an evaluation a histogram of the
 * gradient norms since the one before.
 *
 * @param event A line of `metrics.jsonl`.
 * @param gradNorms The gradient norms; empty for none.
 * @returns The values; none for events other than steps and evaluations.
 */
export function valuesOf(
  { event, split, ...rest }: LogEvent,
  gradNorms: readonly number[],
): ValueProto[] {
  if (event !== "step" && event !== "eval") return [];
  const prefix = event === "step"
    ? "train/"
    : typeof split === "string"
    ? `eval/${split}_`
    : "eval/";
  const values: ValueProto[] = Object.entries(rest).flatMap(([name, value]) =>
    PLACE.includes(name) || typeof value !== "number"
      ? []
      : [{ tag: `${prefix}${snakeCase(name)}`, simpleValue: value }]
  );
  if (gradNorms.length > 0) {
    const histo = histogramOf(gradNorms);
    values.push({ tag: "train/grad_norm_histogram", histo });
  }
  return values;
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
