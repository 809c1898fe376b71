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
import type { Batch } from "../../lib/data/host_tensor.ts";

/** 0 pads, 1 to 3 are special too, 4 is the mask. */
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
): Batch {
  return dataCollatorForLanguageModeling(tokenizer, options)(rows);
}

/** Every position of a batch: what stood there, what stands there, and its label. */
function positionsOf(
  { inputIds, tokenTypeIds, labels }: Batch,
  rows: readonly { inputIds: number[] }[] = ROWS,
): { row: number; id: number; seen: number; kind: number; label: number }[] {
  const columns = inputIds.shape[1]!;
  return Array.from(inputIds.data, (seen, i) => {
    const row = Math.floor(i / columns);
    return {
      row,
      id: rows[row]!.inputIds[i % columns] ?? tokenizer.padTokenId,
      seen,
      kind: tokenTypeIds.data[i]!,
      label: labels!.data[i]!,
    };
  });
}

/** Fails unless a share of `trials` is within five standard deviations of `p`. */
function assertShare(hits: number, trials: number, p: number): void {
  const share = hits / trials;
  const limit = 5 * Math.sqrt(p * (1 - p) / trials);
  assert(Math.abs(share - p) < limit, `${hits} of ${trials}, expected ${p}`);
}

Deno.test("dataCollatorForLanguageModeling() has 15 % of the words found: 80 % masked, 10 % replaced, 10 % as they are", () => {
  const found = positionsOf(collate()).filter(({ label }) => label !== -100);
  assertShare(found.length, WORDS, 0.15);
  const masked = found.filter(({ seen }) => seen === tokenizer.maskTokenId);
  const kept = found.filter(({ seen, id }) => seen === id);
  // A random token is the mask, or the same again, in 1 of 50.
  assertShare(masked.length, found.length, 0.8 + 0.1 / 50);
  assertShare(kept.length, found.length, 0.1 + 0.1 / 50);
  assert(found.some(({ seen }) => seen < 4), "any token of the vocabulary");
  const more = positionsOf(collate({ mlmProbability: 0.4 }));
  assertShare(more.filter((p) => p.label !== -100).length, WORDS, 0.4);
});

Deno.test("dataCollatorForLanguageModeling() labels what stood there, and leaves all else alone", () => {
  for (
    const { id, seen, label } of positionsOf(collate({ mlmProbability: 0.5 }))
  ) {
    if (label === -100) assertEquals(seen, id);
    else assertEquals(label, id);
    if (tokenizer.specialTokenIds.has(id)) assertEquals(label, -100);
  }
});

Deno.test("dataCollatorForLanguageModeling() leaves alone what the mask leaves out", () => {
  const rows = [{ inputIds: [2, 9, 9, 3], attentionMask: [1, 0, 1, 1] }];
  const { labels, attentionMask } = collate({ mlmProbability: 1 }, rows);
  assertEquals(labels!.data, new Int32Array([-100, -100, 9, -100]));
  assertEquals(attentionMask.data, new Int32Array([1, 0, 1, 1]));
});

Deno.test("dataCollatorForLanguageModeling() gives the same masks for a seed, and others for every batch", () => {
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

Deno.test("dataCollatorForLanguageModeling() masks one of two texts", () => {
  const rows = [...ROWS, { inputIds: [2, 9, 3] }]; // and a row of one text
  const options = { segments: "one", mlmProbability: 1 } as const;
  const kinds = rows.map(() => new Set<number>());
  let found = 0;
  for (
    const { row, kind, label } of positionsOf(collate(options, rows), rows)
  ) {
    if (label === -100) continue;
    kinds[row]!.add(kind);
    found += Number(kind === 0 && row < ROWS.length);
  }
  assert(kinds.every(({ size }) => size === 1));
  assertShare(kinds.filter((set) => set.has(0)).length, rows.length, 0.5);
  assertEquals(found % 6, 0, "all six words of a first text, or none");
});

Deno.test("dataCollatorForLanguageModeling() masks at the rate of each token", () => {
  const maskRate = (id: number) => id < 20 ? 1 : id < 35 ? 0.3 : 0;
  const words = positionsOf(collate({ maskRate })).filter(({ id }) => id > 4);
  for (const [low, high] of [[5, 20], [20, 35], [35, 50]] as const) {
    const alike = words.filter(({ id }) => id >= low && id < high);
    const found = alike.filter(({ label }) => label !== -100).length;
    const rate = maskRate(low);
    if (rate === 0.3) assertShare(found, alike.length, rate);
    else assertEquals(found, rate * alike.length);
  }
});

Deno.test("dataCollatorForLanguageModeling() replaces by what it is told to", () => {
  const replaceWith: LanguageModelingCollatorOptions["replaceWith"] = (
    id,
    random,
  ) => id + 100 + random.below(2);
  const batch = collate({ mlmProbability: 1, replaceWith });
  const words = positionsOf(batch).filter(({ label }) => label !== -100);
  const replaced = words.filter(({ seen }) => seen >= 100);
  assertShare(replaced.length, words.length, 0.1);
  assert(replaced.every(({ id, seen }) => [100, 101].includes(seen - id)));
  assertShare(
    replaced.filter(({ id, seen }) => seen - id === 100).length,
    replaced.length,
    0.5,
  );
});

Deno.test("dataCollatorForLanguageModeling() pads, and keeps the label of the pair", () => {
  const rows = ROWS.slice(0, 3);
  const pairs = rows.map((row, i) => ({ ...row, nextSentenceLabel: i % 2 }));
  const batch = collate({ padToMultipleOf: 8 }, pairs);
  assertEquals(batch.inputIds.shape, [3, 16]);
  assertEquals(batch.labels!.shape, [3, 16]);
  assertEquals(batch.nextSentenceLabel!.data, new Int32Array([0, 1, 0]));
  assertEquals("nextSentenceLabel" in collate({}, rows), false);
});

Deno.test("dataCollatorForLanguageModeling() says what is wrong", async (t) => {
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
      'the labels are those of the words, and the rows have label; leave it out with removeColumns(["label"])',
    ],
  ];
  for (const [name, run, message] of cases) {
    await t.step(name, () => {
      assertThrows(run, RangeError, `Cannot mask words: ${message}`);
    });
  }
});
