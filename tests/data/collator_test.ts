import { assertEquals, assertThrows } from "@std/assert";
import {
  type DataCollatorOptions,
  dataCollatorWithPadding,
} from "../../lib/data/collator.ts";
import type { Batch } from "../../lib/data/host_tensor.ts";
import type { Tokenizer } from "../../lib/data/tokenizer.ts";

/** A padding id that differs from all ids, token types and masks. */
const tokenizer = { padTokenId: 9, padTokenTypeId: 0 } as const;
const collate = dataCollatorWithPadding(tokenizer);

const ROWS = [
  {
    inputIds: [2, 5, 3],
    tokenTypeIds: [0, 0, 1],
    attentionMask: [1, 0, 1],
    label: 1,
  },
  {
    inputIds: [2, 6, 7, 8, 3],
    tokenTypeIds: [0, 0, 0, 1, 1],
    attentionMask: [1, 1, 1, 1, 1],
    label: 0,
  },
];

Deno.test("dataCollatorWithPadding() pads on the right, to the longest row", () => {
  const { inputIds, tokenTypeIds, attentionMask, labels } = collate(ROWS);
  assertEquals(inputIds.shape, [2, 5]);
  assertEquals(inputIds.data, new Int32Array([2, 5, 3, 9, 9, 2, 6, 7, 8, 3]));
  assertEquals(tokenTypeIds.shape, [2, 5]);
  assertEquals(
    tokenTypeIds.data,
    new Int32Array([0, 0, 1, 0, 0, 0, 0, 0, 1, 1]),
  );
  assertEquals(attentionMask.shape, [2, 5]);
  assertEquals(
    attentionMask.data,
    new Int32Array([1, 0, 1, 0, 0, 1, 1, 1, 1, 1]),
  );
  assertEquals(labels.shape, [2]);
  assertEquals(labels.data, new Int32Array([1, 0]));
});

Deno.test("dataCollatorWithPadding() pads to a multiple", () => {
  const width = (padToMultipleOf: number) =>
    dataCollatorWithPadding(tokenizer, { padToMultipleOf })(ROWS).inputIds
      .shape[1];
  // DataCollatorWithPadding: L % k ? (L // k + 1) · k : L, for L = 5
  assertEquals([1, 2, 5, 8].map(width), [5, 6, 5, 8]);
});

Deno.test("dataCollatorWithPadding() makes missing attention masks and token types", () => {
  const collate = dataCollatorWithPadding<Batch>(tokenizer);
  const batch = collate([{ inputIds: [2, 3] }, { inputIds: [2, 4, 3] }]);
  assertEquals(batch.attentionMask.data, new Int32Array([1, 1, 0, 1, 1, 1]));
  assertEquals(batch.tokenTypeIds.data, new Int32Array(6));
  assertEquals("labels" in batch, false);
});

Deno.test("dataCollatorWithPadding() collates whole labels to i32 and others to f32", () => {
  const labels = (...values: number[]) =>
    collate(values.map((labels) => ({ inputIds: [2, 3], labels }))).labels;
  assertEquals(labels(2, 0, -1).data, new Int32Array([2, 0, -1]));
  assertEquals(labels(2, 3.5).data, new Float32Array([2, 3.5]));
});

Deno.test("dataCollatorWithPadding() collates arrays of labels to f32 rows", () => {
  for (const name of ["label", "labels"]) {
    const { labels } = collate([
      { inputIds: [2, 3], [name]: [1, 0, 1] },
      { inputIds: [2, 4, 3], [name]: [0, 0.5, 1] },
    ]);
    assertEquals(labels.shape, [2, 3]);
    assertEquals(labels.data, new Float32Array([1, 0, 1, 0, 0.5, 1]));
  }
  const whole = collate([{ inputIds: [2], labels: [1, 0] }]).labels;
  assertEquals([whole.shape, whole.dtype], [[1, 2], "f32"]);
});

Deno.test("dataCollatorWithPadding() rejects columns and labels that do not fit a batch", async (t) => {
  const cases: [string, object[], ErrorConstructor, string][] = [
    [
      "text",
      [{ sentence1: "a", inputIds: [2], idx: 1, label: 0 }],
      RangeError,
      'Cannot make a batch: it cannot hold the columns sentence1, idx; remove them with removeColumns(["sentence1","idx"])',
    ],
    [
      "no inputIds",
      [{ sentence1: "a", label: 0 }],
      TypeError,
      "Cannot make a batch: you should supply an encoding that includes inputIds, but row 0 has sentence1, label; map the data set through tokenizer.encode",
    ],
    [
      "a mask of another length",
      [{ inputIds: [2, 3] }, { inputIds: [2, 3], attentionMask: [1] }],
      RangeError,
      "Cannot make a batch: row 1 has 2 inputIds and 1 attentionMask",
    ],
    [
      "token types of another length",
      [{ inputIds: [2, 3], tokenTypeIds: [0, 0, 0] }],
      RangeError,
      "row 0 has 2 inputIds and 3 tokenTypeIds",
    ],
    [
      "a label in one row only",
      [{ inputIds: [2], label: 1 }, { inputIds: [2] }],
      RangeError,
      "Cannot make a batch: row 1 has no label, and other rows have one",
    ],
    [
      "fewer labels in a row",
      [0, 1].map((row) => ({ inputIds: [2], labels: [1, 0, 1].slice(row) })),
      RangeError,
      "Cannot make a batch: the label of row 1 is an array of length 2 and that of row 0 an array of length 3; give every row a number, or an array of one number per class",
    ],
    [
      "an array and a number",
      [{ inputIds: [2], label: [1] }, { inputIds: [2], label: 1 }],
      RangeError,
      "Cannot make a batch: the label of row 1 is a number and that of row 0 an array of length 1;",
    ],
    [
      "an array of text",
      [{ inputIds: [2], label: [1, 0] }, { inputIds: [2], label: [1, "no"] }],
      TypeError,
      'Cannot make a batch: the label of row 1 is [1,"no"]; labels must be numbers or arrays of numbers, convert them with map',
    ],
    [
      "a label of text",
      [{ inputIds: [2], label: "yes" }],
      TypeError,
      'Cannot make a batch: the label of row 0 is "yes"; labels must be numbers',
    ],
    ["no rows", [], RangeError, "Cannot make a batch of no rows"],
  ];
  for (const [name, rows, Error, message] of cases) {
    await t.step(name, () => {
      assertThrows(() => collate(rows), Error, message);
    });
  }
  await t.step("a bad multiple", () => {
    for (const padToMultipleOf of [0, -8, 1.5]) {
      assertThrows(
        () => dataCollatorWithPadding(tokenizer, { padToMultipleOf }),
        RangeError,
        `Cannot pad to a multiple of ${padToMultipleOf}: padToMultipleOf must be a whole number from 1`,
      );
    }
  });
});

Deno.test("dataCollatorWithPadding() refuses what is no tokenizer", () => {
  const promise: unknown = Promise.resolve({ padTokenId: 0 });
  assertThrows(
    () => dataCollatorWithPadding(promise as Tokenizer),
    TypeError,
    "Cannot make a data collator: its tokenizer is a promise; pass await Tokenizer.fromPretrained(folder)",
  );
  const padding: unknown = true;
  assertThrows(
    () =>
      dataCollatorWithPadding(
        { padTokenId: 0, padTokenTypeId: 0 },
        padding as DataCollatorOptions,
      ),
    TypeError,
    "its options are the boolean true, not an object; pass { padToMultipleOf: 8 }",
  );
});
