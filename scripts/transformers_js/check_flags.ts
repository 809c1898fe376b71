/**
 * Flags of `check_onnx.ts`. Without any package, so that `--help` downloads none.
 *
 * @module
 */
import {
  BATCH_SIZE,
  describeFlags,
  type FlagTable,
  LABELLED_ROWS,
  MODEL,
} from "../cli/flag_help.ts";

/** The settings of a run. */
export interface CheckOptions {
  /** The model. */
  readonly model: string;
  /** The data: a folder, or a file. */
  readonly data: string;
  /** The split of a folder; validation by default. */
  readonly split?: string;
  /** The text columns. */
  readonly textColumns?: string;
  /** The label column. */
  readonly labelColumn?: string;
  /** Delimiter of CSV and TSV. */
  readonly delimiter?: string;
  /** Number format of the ONNX file. */
  readonly dtype: string;
  /** Rows of a batch. */
  readonly batchSize: number;
}

/** The defaults that `--help` shows. */
export const CHECK_DEFAULTS = {
  dtype: "fp32",
  batchSize: 32,
};

/** The flags. */
export const CHECK_FLAGS: FlagTable = {
  model: { ...MODEL, help: "the model, with its ONNX file in onnx/" },
  ...LABELLED_ROWS,
  dtype: {
    value: "NAME",
    help: "number format of the ONNX file",
    choices: ["fp32", "fp16", "q8"],
  },
  batchSize: BATCH_SIZE,
};

/**
 * Formats `--help`.
 *
 * @returns The text.
 */
export function checkHelp(): string {
  return [
    "Compares an exported model in transformers.js with the model itself.",
    "",
    "./denow task check-onnx --model DIR [flags]",
    "",
    ...describeFlags(CHECK_FLAGS, CHECK_DEFAULTS),
    "",
    "Fails if a logit of an fp32 file differs by more than 1e-4, or a label differs.",
    "The last line has everything as JSON. The first run downloads 480 MB.",
  ].join("\n");
}
