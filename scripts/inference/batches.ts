/**
 * Batches of the texts of a table, for a model and its export alike.
 *
 * @module
 */
import {
  type Batch,
  dataCollatorWithPadding,
  DataLoader,
  type Dataset,
  DatasetDict,
  ProgressBar,
  type Row,
  type Tokenizer,
} from "../../mod.ts";
import { delayedStderr } from "../cli/delayed_stderr.ts";
import { checkFits } from "../train/data_checks.ts";
import type { Classifier } from "./classifier.ts";
import { encodeTruncated, textOf, warnOfTruncated } from "./texts.ts";

/** Options of {@linkcode loadBatches}. */
export interface BatchOptions {
  /** The text columns, one or two. */
  readonly columns: readonly string[];
  /** Rows of a batch. */
  readonly batchSize: number;
  /** Tokens after which a row is truncated; undefined for the classifier's maximum. */
  readonly maxLength?: number | undefined;
}

/**
 * Tokenises texts, with a warning if some are truncated, and collates them into
 * batches in order.
 *
 * @param classifier The classifier.
 * @param texts The rows.
 * @param options Columns, batch size and maximum length.
 * @returns The batches.
 * @throws {RangeError} If a row is too long for the model, or a token id is outside its vocabulary.
 * @throws {Error} If a value is not text.
 */
export function loadBatches(
  classifier: Classifier,
  texts: Dataset,
  options: BatchOptions,
): DataLoader<Row, Batch> {
  const { model, tokenizer } = classifier;
  const { columns, batchSize, maxLength = classifier.maxLength } = options;
  const encoded = encodeTexts(texts, columns, tokenizer, maxLength)
    .removeColumns(texts.columnNames);
  checkFits(new DatasetDict({ encoded }), model.config);
  return new DataLoader(encoded, {
    batchSize,
    collateFn: dataCollatorWithPadding<Batch>(tokenizer),
  });
}

/** Adds the tokens of each row's texts. */
function encodeTexts(
  data: Dataset,
  columns: readonly string[],
  tokenizer: Tokenizer,
  maxLength: number,
): Dataset {
  using progress = new ProgressBar(data.length, {
    label: "tokenizing",
    unit: "rows",
    output: delayedStderr(),
  });
  let truncated = 0;
  const encoded = data.map((row) => {
    const { encoding, isTruncated } = encodeTruncated(
      tokenizer,
      columns.map((name) => textOf(row, name)),
      maxLength,
    );
    if (isTruncated) truncated++;
    return encoding;
  }, { onProgress: () => progress.update() });
  progress.pause();
  warnOfTruncated({ truncated, maxLength }, data);
  return encoded;
}
