/**
 * Collates encoded rows into a padded batch.
 *
 * @module
 */
import { checkOptions, describe, type OptionNames } from "../check_options.ts";
import type { Row } from "./dataset.ts";
import { type Batch, HostTensor, type LabelledBatch } from "./host_tensor.ts";
import type { Tokenizer } from "./tokenizer.ts";

/** Options of {@linkcode dataCollatorWithPadding}. */
export interface DataCollatorOptions {
  /**
   * Pads to the next multiple of this many tokens.
   *
   * @default 1
   */
  padToMultipleOf?: number;
}

const OPTIONS: OptionNames<DataCollatorOptions> = {
  padToMultipleOf: true,
};

/** Columns of a batch; `label` becomes `labels`. */
const COLUMNS = [
  "inputIds",
  "tokenTypeIds",
  "attentionMask",
  "labels",
  "label",
];

/**
 * Makes a function that collates encoded rows into a batch. Each row is padded
 * on the right, to the longest of the batch; none is truncated.
 *
 * A row has `inputIds`, and optionally `attentionMask` (default: ones),
 * `tokenTypeIds` (default: zeros) and `labels` or `label`. A label is a number,
 * or an array with one number per class for multi-label classification.
 *
 * `B` is {@linkcode LabelledBatch} unless the data has no labels:
 * `dataCollatorWithPadding<Batch>(tokenizer)`.
 *
 * @typeParam B The type of the batches.
 * @param tokenizer Provides the padding token.
 * @param options How far to pad.
 * @returns The function, for a `DataLoader`: `B` rows to tensors of `[B, S]`, and
 * labels of `[B]` or, for arrays of `N` numbers, `[B, N]` f32.
 * @throws {RangeError} If `padToMultipleOf` is not a whole number from 1; from
 * the function, if there are no rows, a row has a column that a batch cannot
 * hold, the lengths of its columns differ, or the labels differ in form or length.
 * @throws {TypeError} If an option has an unknown name, or `tokenizer` is not a
 * tokenizer; from the function, if a row has no `inputIds`, or a label
 * is neither a number nor an array of numbers.
 */
export function dataCollatorWithPadding<B extends Batch = LabelledBatch>(
  tokenizer: Pick<Tokenizer, "padTokenId" | "padTokenTypeId">,
  options: DataCollatorOptions = {},
): (features: readonly Row[]) => B {
  checkOptions(
    "make a data collator",
    options,
    OPTIONS,
    "{ padToMultipleOf: 8 }",
  );
  checkTokenizer(tokenizer);
  const { padToMultipleOf = 1 } = options;
  if (!Number.isInteger(padToMultipleOf) || padToMultipleOf < 1) {
    throw new RangeError(
      `Cannot pad to a multiple of ${padToMultipleOf}: padToMultipleOf must be a whole number from 1`,
    );
  }
  return (features) => {
    if (features.length === 0) {
      throw new RangeError("Cannot make a batch of no rows");
    }
    features.forEach(checkFeature);
    const longest = Math.max(
      ...features.map(({ inputIds }) => inputIds.length),
    );
    const length = Math.ceil(longest / padToMultipleOf) * padToMultipleOf;
    const pad = (name: string, fallback: number, padding: number) => {
      const data = new Int32Array(features.length * length).fill(padding); // [B, S]
      features.forEach((feature, row) => {
        const values = feature[name] ?? feature.inputIds.map(() => fallback);
        data.set(values, row * length);
      });
      return new HostTensor(data, [features.length, length]);
    };
    const batch: Batch = {
      inputIds: pad("inputIds", 0, tokenizer.padTokenId),
      tokenTypeIds: pad("tokenTypeIds", 0, tokenizer.padTokenTypeId),
      attentionMask: pad("attentionMask", 1, 0),
    };
    const labels = features.map((feature) => feature.labels ?? feature.label);
    if (labels.some((label) => label !== undefined)) {
      labels.forEach(checkLabel);
      batch.labels = Array.isArray(labels[0])
        ? HostTensor.from(labels, "f32") // [B, N]
        : HostTensor.from(labels); // [B]
    }
    return batch as B;
  };
}

function checkTokenizer(tokenizer: unknown): void {
  if (typeof tokenizer === "object" && tokenizer && "padTokenId" in tokenizer) {
    return;
  }
  throw new TypeError(
    `Cannot make a data collator: its tokenizer is ${
      describe(tokenizer)
    }; pass await Tokenizer.fromPretrained(folder)`,
  );
}

function checkFeature(feature: Row, row: number): void {
  const names = Object.keys(feature);
  if (feature.inputIds === undefined) {
    throw new TypeError(
      `Cannot make a batch: you should supply an encoding that includes inputIds, but row ${row} has ${
        names.join(", ") || "no columns"
      }; map the data set through tokenizer.encode`,
    );
  }
  const others = names.filter((name) => !COLUMNS.includes(name));
  if (others.length > 0) {
    throw new RangeError(
      `Cannot make a batch: it cannot hold the columns ${
        others.join(", ")
      }; remove them with removeColumns(${JSON.stringify(others)})`,
    );
  }
  for (const name of ["tokenTypeIds", "attentionMask"]) {
    const length = feature[name]?.length ?? feature.inputIds.length;
    if (length !== feature.inputIds.length) {
      throw new RangeError(
        `Cannot make a batch: row ${row} has ${feature.inputIds.length} inputIds and ${length} ${name}`,
      );
    }
  }
}

/** Checks that a label is numeric, and of the form and length of that of row 0. */
function checkLabel(label: unknown, row: number, labels: unknown[]): void {
  if (label === undefined) {
    throw new RangeError(
      `Cannot make a batch: row ${row} has no label, and other rows have one`,
    );
  }
  const isNumeric = Array.isArray(label)
    ? label.every((value) => typeof value === "number")
    : typeof label === "number";
  if (!isNumeric) {
    throw new TypeError(
      `Cannot make a batch: the label of row ${row} is ${
        JSON.stringify(label)
      }; labels must be numbers or arrays of numbers, convert them with map`,
    );
  }
  const [form, firstForm] = [label, labels[0]].map(formOf);
  if (form !== firstForm) {
    throw new RangeError(
      `Cannot make a batch: the label of row ${row} is ${form} and that of row 0 ${firstForm}; give every row a number, or an array of one number per class`,
    );
  }
}

function formOf(label: unknown): string {
  return Array.isArray(label)
    ? `an array of length ${label.length}`
    : "a number";
}
