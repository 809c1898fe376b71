import { assertEquals, assertThrows } from "@std/assert";
import {
  type Batch,
  type BertForSequenceClassification,
  HostTensor,
  mul,
} from "../../mod.ts";
import { unpadInput } from "../../lib/models/padding.ts";
import holes from "../fixtures/holes.json" with { type: "json" };
import odd from "../fixtures/odd_bert.json" with { type: "json" };
import tiny from "../fixtures/tiny_bert.json" with { type: "json" };
import wide from "../fixtures/wide_bert.json" with { type: "json" };
import { assertAllClose, BATCH_INVARIANCE } from "../helpers/all_close.ts";
import { device } from "../helpers/device.ts";
import {
  batchOf,
  type FixtureBatch,
  gradientsOf,
  modelOf,
} from "./fixture_model.ts";

/** The second row has five tokens, the first five positions and one token. */
const TOO_LONG = {
  ids: [[1, 0, 0, 0, 0], [1, 2, 3, 4, 5]],
  mask: [[1, 0, 0, 0, 0], [1, 1, 1, 1, 1]],
};
const LIMITS = { vocabSize: 10, typeVocabSize: 2, maxSeqLength: 4 };

/** A batch without labels; token types are 0 and the mask is 1 by default. */
function batch(
  inputIds: number[][],
  attentionMask = inputIds.map((row) => row.map(() => 1)),
  tokenTypeIds = inputIds.map((row) => row.map(() => 0)),
): Batch {
  return {
    inputIds: HostTensor.from(inputIds),
    attentionMask: HostTensor.from(attentionMask),
    tokenTypeIds: HostTensor.from(tokenTypeIds),
  };
}

Deno.test("unpadInput() keeps the tokens under the mask, with their positions", () => {
  const unpadded = unpadInput(
    batch(
      [[2, 7, 3, 0], [2, 8, 9, 3], [4, 0, 0, 0]],
      [[1, 1, 1, 0], [1, 0, 1, 1], [1, 0, 0, 0]],
      [[0, 0, 1, 0], [0, 1, 1, 1], [1, 0, 0, 0]],
    ),
    LIMITS,
  );
  const tokens = [
    [2, 0, 0], // id, position, token type
    [7, 1, 0],
    [3, 2, 1],
    [2, 0, 0],
    [9, 2, 1],
    [3, 3, 1],
    [4, 0, 1],
  ];
  assertEquals(unpadded, {
    tokens: Uint32Array.from(tokens.flat()),
    cuSeqlens: [0, 3, 6, 7],
    indices: [0, 1, 2, 4, 6, 7, 8],
  });
});

Deno.test("unpadInput() ignores masked positions", () => {
  const unpadded = unpadInput(
    batch([[2, 3, 99, -1, 5]], [[1, 1, 0, 0, 0]], [[0, 0, 9, 9, 9]]),
    LIMITS,
  );
  assertEquals(unpadded.cuSeqlens, [0, 2]);
});

Deno.test("unpadInput() ignores token types for a model without them", () => {
  const { vocabSize, maxSeqLength } = LIMITS;
  const { tokens } = unpadInput(
    batch([[2, 3]], [[1, 1]], [[1, 9]]),
    { vocabSize, maxSeqLength },
  );
  assertEquals([...tokens], [2, 0, 0, 3, 1, 0]);
});

Deno.test("unpadInput() names the row and the reason of a bad batch", async (t) => {
  const cases: [string, Batch, string][] = [
    [
      "a masked first position",
      batch([[2, 3], [0, 3]], [[1, 1], [0, 1]]),
      "row 1 of a batch: its first position is masked; each row must start with a token",
    ],
    [
      "a row that is too long",
      batch(TOO_LONG.ids, TOO_LONG.mask),
      "row 1 of a batch: it has more than the model's 4 positions; encode it with { truncation: true }",
    ],
    [
      "an id out of range",
      batch([[2, 3], [2, 10]]),
      "row 1 of a batch: inputIds has 10, the model takes 0 to 9; use the tokenizer of the model",
    ],
    [
      "an id below 0",
      batch([[2, -1]]),
      "row 0 of a batch: inputIds has -1, the model takes 0 to 9; use the tokenizer of the model",
    ],
    [
      "a token type out of range",
      batch([[2, 3]], [[1, 1]], [[0, 2]]),
      "row 0 of a batch: tokenTypeIds has 2, the model takes 0 to 1; use the tokenizer of the model",
    ],
    [
      "a mask of another shape",
      batch([[2, 3]], [[1, 1, 1]]),
      "a batch: attentionMask is [1,3], inputIds is [1,2]",
    ],
    [
      "token types of another shape",
      batch([[2, 3]], [[1, 1]], [[0], [0]]),
      "a batch: tokenTypeIds is [2,1], inputIds is [1,2]",
    ],
    [
      "one row without its dimension",
      batch(...[[2, 3], [1, 1], [0, 0]] as unknown as [number[][]]),
      "a batch: inputIds must be [B, S] with at least one token, not [2]",
    ],
    [
      "no rows",
      batch([]),
      "a batch: inputIds must be [B, S] with at least one token, not [0]",
    ],
  ];
  for (const [name, wrong, message] of cases) {
    await t.step(name, () => {
      const error = assertThrows(() => unpadInput(wrong, LIMITS), RangeError);
      assertEquals(error.message, `Cannot unpad ${message}`);
    });
  }
});

/** One row of the batch, without padding. */
function alone(batch: FixtureBatch, row: number): FixtureBatch {
  const length = batch.attentionMask[row]!.lastIndexOf(1) + 1;
  return mapRows(batch, [row], (values) => values.slice(0, length));
}

/** The batch with more padding; ids in the padding are not 0, and must not matter. */
function paddedMore(batch: FixtureBatch): FixtureBatch {
  const rows = batch.inputIds.map((_, row) => row);
  const padded = mapRows(
    batch,
    rows,
    (values) => [...values, ...new Array(9).fill(0)],
  );
  const inputIds = padded.inputIds.map((ids, row) =>
    ids.map((id, i) => padded.attentionMask[row]![i] ? id : 6)
  );
  return { ...padded, inputIds };
}

function mapRows(
  batch: FixtureBatch,
  rows: readonly number[],
  change: (values: number[]) => number[],
): FixtureBatch {
  const of = (columns: number[][]) => rows.map((row) => change(columns[row]!));
  return {
    inputIds: of(batch.inputIds),
    tokenTypeIds: of(batch.tokenTypeIds),
    attentionMask: of(batch.attentionMask),
    labels: rows.map((row) => batch.labels[row]!),
  };
}

/** Logits of the batches one after the other, and the gradients of the mean over all their rows. */
async function run(
  model: BertForSequenceClassification,
  batches: readonly FixtureBatch[],
): Promise<{ logits: number[]; gradients: Record<string, Float32Array> }> {
  const rows = batches.reduce((sum, { labels }) => sum + labels.length, 0);
  using _scope = device.scope();
  const logits: number[] = [];
  for (const batch of batches) {
    const output = model.forward(batchOf(batch));
    mul(output.loss!, batch.labels.length / rows).backward();
    logits.push(...await output.logits.toArray());
  }
  const gradients = await gradientsOf(model);
  for (const parameter of model.parameters()) parameter.grad = undefined;
  return { logits, gradients };
}

Deno.test("rows alone, in a padded batch and padded more give the same logits and gradients", async (t) => {
  const cases = [
    { name: "tiny_bert", model: tiny, batch: tiny.batches[0]! },
    { name: "holes", model: tiny, batch: holes.batch },
    { name: "odd_bert", model: odd, batch: odd.batch },
    { name: "wide_bert: 512 tokens and one", model: wide, batch: wide.batch },
  ];
  for (const { name, model: fixture, batch } of cases) {
    await t.step(name, async () => {
      const model = modelOf(fixture);
      const expected = await run(model, [batch]);
      const rows = batch.labels.map((_, row) => alone(batch, row));
      const others = { alone: rows, "padded more": [paddedMore(batch)] };
      for (const [how, batches] of Object.entries(others)) {
        const { logits, gradients } = await run(model, batches);
        assertAllClose(
          logits,
          expected.logits,
          BATCH_INVARIANCE,
          `logits ${how}`,
        );
        for (const [name, gradient] of Object.entries(gradients)) {
          assertAllClose(
            gradient,
            expected.gradients[name]!,
            BATCH_INVARIANCE,
            `${name} ${how}`,
          );
        }
      }
    });
  }
});
