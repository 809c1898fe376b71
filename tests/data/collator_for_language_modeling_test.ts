// The semantics are those of DataCollatorForLanguageModeling of transformers.
import {
  assert,
  assertEquals,
  assertNotEquals,
  assertThrows,
} from "@std/assert";
import {
  dataCollatorForLanguageModeling,
  type LanguageModelingCollatorOptions,
} from "../../lib/data/collator_for_language_modeling.ts";
import type { LabelledBatch } from "../../lib/data/host_tensor.ts";

/** 0 is padding, 1 to 3 are special too, 4 is the mask token. */
const tokenizer = {
  padTokenId: 0,
  padTokenTypeId: 0,
  maskTokenId: 4,
  specialTokenIds: new Set([0, 1, 2, 3, 4]),
  vocabSize: 50,
} as const;

/** Pairs of 6 and 4 words, `[CLS] A [SEP] B [SEP]`, and every other row a word shorter. */
const ROWS = Array.from({ length: 1000 }, (_, row) => {
  const words = (count: number, first: number) =>
    Array.from({ length: count }, (_, i) => 5 + (first + 7 * i) % 45);
  const second = words(4 - row % 2, row + 3);
  const inputIds = [2, ...words(6, row), 3, ...second, 3];
  return { inputIds, tokenTypeIds: inputIds.map((_, i) => Number(i > 7)) };
});
const WORDS = ROWS.reduce((sum, { inputIds }) => sum + inputIds.length - 3, 0);

function collate(
  options: LanguageModelingCollatorOptions = {},
  rows: object[] = ROWS,
): LabelledBatch {
  return dataCollatorForLanguageModeling(tokenizer, options)(rows);
}

/** Lists the positions of a batch: original id, id in the input, token type, label. */
function positionsOf(
  { inputIds, tokenTypeIds, labels }: LabelledBatch,
  rows: readonly { inputIds: number[] }[] = ROWS,
): { row: number; id: number; input: number; type: number; label: number }[] {
  const columns = inputIds.shape[1]!;
  return Array.from(inputIds.data, (input, i) => {
    const row = Math.floor(i / columns);
    return {
      row,
      id: rows[row]!.inputIds[i % columns] ?? tokenizer.padTokenId,
      input,
      type: tokenTypeIds.data[i]!,
      label: labels.data[i]!,
    };
  });
}

/** Fails unless a share of `trials` is within five standard deviations of `p`. */
function assertShare(hits: number, trials: number, p: number): void {
  const share = hits / trials;
  const limit = 5 * Math.sqrt(p * (1 - p) / trials);
  assert(Math.abs(share - p) < limit, `${hits} of ${trials}, expected ${p}`);
}

Deno.test("dataCollatorForLanguageModeling() selects 15 % of the tokens: 80 % masked, 10 % replaced, 10 % unchanged", () => {
  const selected = positionsOf(collate()).filter(({ label }) => label !== -100);
  assertShare(selected.length, WORDS, 0.15);
  const masked = selected
    .filter(({ input }) => input === tokenizer.maskTokenId);
  const unchanged = selected.filter(({ input, id }) => input === id);
  // A random token is the mask token, or the same token, in 1 of 50 cases.
  assertShare(masked.length, selected.length, 0.8 + 0.1 / 50);
  assertShare(unchanged.length, selected.length, 0.1 + 0.1 / 50);
  assert(
    selected.some(({ input }) => input < 4),
    "any token of the vocabulary",
  );
  const more = positionsOf(collate({ mlmProbability: 0.4 }));
  assertShare(more.filter((p) => p.label !== -100).length, WORDS, 0.4);
});

Deno.test("dataCollatorForLanguageModeling() labels with the original ids, and changes no other token", () => {
  for (
    const { id, input, label } of positionsOf(collate({ mlmProbability: 0.5 }))
  ) {
    if (label === -100) assertEquals(input, id);
    else assertEquals(label, id);
    if (tokenizer.specialTokenIds.has(id)) assertEquals(label, -100);
  }
});

Deno.test("dataCollatorForLanguageModeling() selects only tokens of the attention mask", () => {
  const rows = [{ inputIds: [2, 9, 9, 3], attentionMask: [1, 0, 1, 1] }];
  const { labels, attentionMask } = collate({ mlmProbability: 1 }, rows);
  assertEquals(labels.data, new Int32Array([-100, -100, 9, -100]));
  assertEquals(attentionMask.data, new Int32Array([1, 0, 1, 1]));
});

Deno.test("dataCollatorForLanguageModeling() draws the same masks for a seed, and others for every batch", () => {
  const make = (seed: number) =>
    dataCollatorForLanguageModeling(tokenizer, { seed });
  const [one, same, other] = [make(7), make(7), make(8)];
  const first = one(ROWS);
  const second = one(ROWS);
  assertEquals(first, same(ROWS));
  assertEquals(second, same(ROWS));
  assertNotEquals(first.labels, second.labels);
  assertNotEquals(first.labels, other(ROWS).labels);
});

Deno.test("dataCollatorForLanguageModeling() goes on with its masks from a saved state", () => {
  const make = (seed: number) =>
    dataCollatorForLanguageModeling(tokenizer, { seed });
  const one = make(7);
  one(ROWS);
  const state = JSON.parse(JSON.stringify(one.stateDict()));
  const second = one(ROWS);
  const third = one(ROWS);
  const resumed = make(8);
  resumed.loadStateDict(state);
  assertEquals(resumed(ROWS), second);
  assertEquals(resumed(ROWS), third);
  assertEquals(resumed.stateDict(), one.stateDict());
  assertThrows(
    () => one.loadStateDict([0, 0, 0, 2]),
    RangeError,
    "Cannot restore a generator: ",
  );
  one.loadStateDict(state); // back in the same one
  assertEquals(one(ROWS), second);
});

Deno.test("dataCollatorForLanguageModeling() masks one text of a pair", () => {
  const rows = [...ROWS, { inputIds: [2, 9, 3] }]; // and a row of one text
  const options = { segments: "one", mlmProbability: 1 } as const;
  const types = rows.map(() => new Set<number>());
  let selected = 0;
  for (
    const { row, type, label } of positionsOf(collate(options, rows), rows)
  ) {
    if (label === -100) continue;
    types[row]!.add(type);
    selected += Number(type === 0 && row < ROWS.length);
  }
  assert(types.every(({ size }) => size === 1));
  assertShare(types.filter((set) => set.has(0)).length, rows.length, 0.5);
  assertEquals(selected % 6, 0, "all six words of a first text, or none");
});

Deno.test("dataCollatorForLanguageModeling() applies maskRate to each token", () => {
  const maskRate = (id: number) => id < 20 ? 1 : id < 35 ? 0.3 : 0;
  const words = positionsOf(collate({ maskRate })).filter(({ id }) => id > 4);
  for (const [low, high] of [[5, 20], [20, 35], [35, 50]] as const) {
    const group = words.filter(({ id }) => id >= low && id < high);
    const selected = group.filter(({ label }) => label !== -100).length;
    const rate = maskRate(low);
    if (rate === 0.3) assertShare(selected, group.length, rate);
    else assertEquals(selected, rate * group.length);
  }
});

Deno.test("dataCollatorForLanguageModeling() draws replacements with replaceWith", () => {
  const replaceWith: LanguageModelingCollatorOptions["replaceWith"] = (
    id,
    random,
  ) => id + 100 + random.below(2);
  const batch = collate({ mlmProbability: 1, replaceWith });
  const words = positionsOf(batch).filter(({ label }) => label !== -100);
  const replaced = words.filter(({ input }) => input >= 100);
  assertShare(replaced.length, words.length, 0.1);
  assert(replaced.every(({ id, input }) => [100, 101].includes(input - id)));
  assertShare(
    replaced.filter(({ id, input }) => input - id === 100).length,
    replaced.length,
    0.5,
  );
});

Deno.test("dataCollatorForLanguageModeling() pads, and keeps the next-sentence label", () => {
  const rows = ROWS.slice(0, 3);
  const pairs = rows.map((row, i) => ({ ...row, nextSentenceLabel: i % 2 }));
  const batch = collate({ padToMultipleOf: 8 }, pairs);
  assertEquals(batch.inputIds.shape, [3, 16]);
  assertEquals(batch.labels.shape, [3, 16]);
  assertEquals(batch.nextSentenceLabel!.data, new Int32Array([0, 1, 0]));
  assertEquals("nextSentenceLabel" in collate({}, rows), false);
});

Deno.test("dataCollatorForLanguageModeling() rejects bad options, and rows with labels", async (t) => {
  const cases: [string, () => unknown, string][] = [
    [
      "no mask token",
      () =>
        dataCollatorForLanguageModeling({
          ...tokenizer,
          maskTokenId: undefined,
        }),
      "the tokenizer has no mask token; name one as mask_token in tokenizer_config.json",
    ],
    [
      "a probability above 1",
      () => collate({ mlmProbability: 15 }),
      "mlmProbability must be from 0 to 1, not 15",
    ],
    [
      "labels of rows",
      () => collate({}, [{ inputIds: [2, 3], label: 1 }]),
      'the labels are the ids of the masked tokens, and the rows have a column label already; remove it with removeColumns(["label"])',
    ],
  ];
  for (const [name, run, message] of cases) {
    await t.step(name, () => {
      assertThrows(run, RangeError, `Cannot mask tokens: ${message}`);
    });
  }
});
