/**
 * The rows of a training as the model reads them.
 *
 * @module
 */
import type { Encoding } from "../../mod.ts";
import type { Plan } from "../messages.ts";
import type { Classifier } from "./classifier.ts";
import type { PreparedData } from "./prepared_data.ts";
import { shownTokens } from "./tokens.ts";

/** Rows of the first batch that are shown. */
const SHOWN = 4;

/** An encoded row. */
export interface TrainingRow extends Encoding {
  readonly labels: number;
  readonly [name: string]: unknown;
}

/** Encoded rows. */
export interface TrainingRows {
  readonly rows: readonly TrainingRow[];
  /** Number of rows that were cut. */
  readonly truncated: number;
}

/**
 * Encodes the rows.
 *
 * @param classifier The model and its tokenizer.
 * @param data The rows.
 * @returns The encoded rows.
 */
export function encodeRows(
  classifier: Classifier,
  { train }: PreparedData,
): TrainingRows {
  const { tokenizer, maxLength } = classifier;
  const rows = train.map(({ texts, label }): TrainingRow => ({
    ...classifier.encode(texts),
    labels: label,
  }));
  // Only a row of just as many tokens may have had more.
  const truncated =
    train.filter(({ texts: [first, second] }, i) =>
      rows[i]!.inputIds.length === maxLength &&
      tokenizer.encode(first!, second).inputIds.length > maxLength
    ).length;
  return { rows, truncated };
}

/**
 * Makes the first rows of a batch readable.
 *
 * @param classifier The model and its tokenizer.
 * @param batch The rows.
 * @param classes Names of the classes.
 * @returns Tokens and class of each.
 */
export function shownBatch(
  { tokenizer }: Classifier,
  batch: readonly TrainingRow[],
  classes: readonly string[],
): Plan["batch"] {
  return batch.slice(0, SHOWN).map(({ inputIds, labels }) => ({
    tokens: shownTokens(tokenizer, inputIds),
    label: classes[labels]!,
  }));
}
