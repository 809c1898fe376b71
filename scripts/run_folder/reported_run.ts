/**
 * A run, as its report shows it.
 *
 * @module
 */
import type { Value } from "../cli/flag_help.ts";
import type { LogEvent } from "./event_file.ts";

/** A run, as its report shows it. */
export interface ReportedRun {
  /** Name of its folder. */
  readonly name: string;
  /** Its task: `train`, or `classify`. */
  readonly task: string;
  /** Lines of `metrics.jsonl`. */
  readonly events: readonly LogEvent[];
  /** Content of `config.json`. */
  readonly config: Readonly<Record<string, unknown>>;
  /** The flags that it began with, by the name of their setting. */
  readonly flags: Readonly<Record<string, Value>>;
  /** Steps of the weights that were evaluated. */
  readonly step: number;
}
