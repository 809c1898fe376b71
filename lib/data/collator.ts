/**
 * From encoded rows to a batch.
 *
 * @module
 */
import type { Row } from "./dataset.ts";
import { type Batch, HostTensor } from "./host_tensor.ts";
import type { Tokenizer } from "./tokenizer.ts";

/** How {@linkcode dataCollatorWithPadding} pads. */
export interface DataCollatorOptions {
  /**
   * Pads further, to the next multiple of this many tokens.
   *
   * @default 1
   */
  padToMultipleOf?: number;
}

/** The columns that a batch has; `label` becomes `labels`. */
const COLUMNS = [
  "inputIds",
  "tokenTypeIds",
  "attentionMask",
  "labels",
  "label",
];

/**
 * Makes a function that makes a batch of encoded rows: each row is padded, on
 * the right, to the longest of the batch. It never cuts.
 *
 * A row has `inputIds`, and perhaps `attentionMask` (made of ones without it),
 * `tokenTypeIds` (zeros) and `labels` or `label`.
 *
 * @param tokenizer Gives the padding.
 * @param options Whether to pad further.
 * @returns The function, for a `DataLoader`: `B` rows to tensors of `[B, S]` and labels of `[B]`.
 * @throws {RangeError} If `padToMultipleOf` is not a whole number from 1; from
 * the function, if there are no rows, a row has a column that a batch has no
 * place for, or the lengths of its columns differ.
 * @throws {TypeError} From the function, if a row has no `inputIds`, or a label that is no number.
 */
export function dataCollatorWithPadding(
  tokenizer: Pick<Tokenizer, "padTokenId" | "padTokenTypeId">,
  options: DataCollatorOptions = {},
): (features: readonly Row[]) => Batch {
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
    const pad = (name: string, missing: number, padding: number) => {
      const data = new Int32Array(features.length * length).fill(padding); // [B, S]
      features.forEach((feature, row) => {
        const values = feature[name] ?? feature.inputIds.map(() => missing);
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
      batch.labels = HostTensor.from(labels);
    }
    return batch;
  };
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
      `Cannot make a batch: it has no place for the columns ${
        others.join(", ")
      }; leave them out with removeColumns(${JSON.stringify(others)})`,
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

function checkLabel(label: unknown, row: number): void {
  if (label === undefined) {
    throw new RangeError(
      `Cannot make a batch: row ${row} has no label, and others have one`,
    );
  }
  if (typeof label !== "number") {
    throw new TypeError(
      `Cannot make a batch: the label of row ${row} is ${
        JSON.stringify(label)
      }; labels must be numbers, turn them into some with map`,
    );
  }
}
