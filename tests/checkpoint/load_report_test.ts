import { assertEquals, assertThrows } from "@std/assert";
import {
  formatLoadReport,
  type LoadReport,
  matchParameters,
} from "../../lib/checkpoint/load_report.ts";
import type { StoredTensor } from "../../lib/checkpoint/weights.ts";

const OPTIONS = {
  baseModelPrefix: "bert",
  keysToIgnoreOnLoadUnexpected: [/^cls\./, /(^|\.)position_ids$/],
};
type Shapes = Record<string, number[]>;

/** Matches tensors and parameters given by name and shape. */
function match(tensors: Shapes, parameters: Shapes): LoadReport {
  const infos = Object.entries(tensors).map(
    ([name, shape]): [string, StoredTensor] => [
      name,
      {
        dtype: "F32",
        shape,
        offset: 0,
        byteLength: 0,
        fileName: "model.safetensors",
      },
    ],
  );
  return matchParameters(
    { path: "models/x", tensors: new Map(infos) },
    Object.entries(parameters).map(([name, shape]) => [name, { shape }]),
    OPTIONS,
  );
}

Deno.test("matchParameters() matches equal names, and reports missing and unexpected ones", () => {
  const report = match(
    { "bert.a": [2], "bert.other": [1], "bert.b": [3, 4] },
    { "bert.a": [2], "bert.b": [3, 4], "classifier.weight": [2, 3] },
  );
  assertEquals(report, {
    sources: new Map([["bert.a", "bert.a"], ["bert.b", "bert.b"]]),
    missing: ["classifier.weight"],
    unexpected: ["bert.other"],
  });
});

Deno.test("matchParameters() adds the prefix of the base model", () => {
  const report = match(
    { "pooler.dense.bias": [2] },
    { "bert.pooler.dense.bias": [2], "classifier.bias": [2] },
  );
  assertEquals(report, {
    sources: new Map([["bert.pooler.dense.bias", "pooler.dense.bias"]]),
    missing: ["classifier.bias"],
    unexpected: [],
  });
});

Deno.test("matchParameters() removes the prefix of the base model", () => {
  const report = match(
    {
      "bert.pooler.dense.bias": [2],
      "bart.pooler.dense.bias": [2],
      "classifier.bias": [2],
    },
    { "pooler.dense.bias": [2] },
  );
  assertEquals(report, {
    sources: new Map([["pooler.dense.bias", "bert.pooler.dense.bias"]]),
    missing: [],
    unexpected: ["bart.pooler.dense.bias", "classifier.bias"],
  });
});

Deno.test("matchParameters() maps LayerNorm gamma and beta to weight and bias", () => {
  const report = match(
    {
      "bert.embeddings.LayerNorm.gamma": [2],
      "embeddings.LayerNorm.beta": [2],
      "bert.gamma": [2],
    },
    {
      "bert.embeddings.LayerNorm.weight": [2],
      "bert.embeddings.LayerNorm.bias": [2],
      "bert.weight": [2],
    },
  );
  assertEquals(report, {
    sources: new Map([
      ["bert.embeddings.LayerNorm.weight", "bert.embeddings.LayerNorm.gamma"],
      ["bert.embeddings.LayerNorm.bias", "embeddings.LayerNorm.beta"],
    ]),
    missing: ["bert.weight"],
    unexpected: ["bert.gamma"],
  });
});

Deno.test("matchParameters() does not report ignored tensors", () => {
  const report = match(
    {
      "bert.a": [2],
      "cls.predictions.bias": [9],
      "cls.predictions.transform.LayerNorm.gamma": [9],
      "embeddings.position_ids": [1, 9],
      "bert.embeddings.position_ids": [1, 9],
      "bert.cls.x": [1],
      "my_position_ids": [1],
    },
    { "bert.a": [2] },
  );
  assertEquals(report.unexpected, ["bert.cls.x", "my_position_ids"]);
});

Deno.test("matchParameters() refuses mismatched shapes, and names three", () => {
  const shapes = (size: number) =>
    Object.fromEntries(
      ["a", "b", "c", "d", "e"].map((name) => [`bert.${name}`, [size]]),
    );
  assertThrows(
    () => match(shapes(2), shapes(3)),
    RangeError,
    "bert.c is [2] in model.safetensors and [3] in the model; and 2 more: make",
  );
  assertThrows(
    () =>
      match(
        { "bert.a": [2], "classifier.weight": [2, 8], "classifier.bias": [2] },
        { "bert.a": [2], "classifier.weight": [3, 8], "classifier.bias": [3] },
      ),
    RangeError,
    "Cannot load models/x: classifier.weight is [2,8] in model.safetensors and [3,8] in the model; " +
      "classifier.bias is [2] in model.safetensors and [3] in the model: " +
      "make the model with the sizes of the checkpoint (config.json has them, numLabels those of a classifier), or load another checkpoint",
  );
});

Deno.test("matchParameters() refuses two tensors for one parameter", () => {
  assertThrows(
    () => match({ "a": [2], "bert.a": [2] }, { "bert.a": [2] }),
    RangeError,
    'Cannot load models/x: its tensors "a" and "bert.a" both match bert.a',
  );
});

Deno.test("matchParameters() refuses a checkpoint of another architecture", () => {
  assertThrows(
    () => match({ "h.0.attn.weight": [2] }, { "bert.a": [2], "bert.b": [2] }),
    RangeError,
    "Cannot load models/x: none of its 1 tensors matches this model, which has bert.a and 1 more",
  );
});

Deno.test("formatLoadReport() lists missing and unexpected names in one block", () => {
  const report = match(
    { "bert.a": [2], "seq_relationship.bias": [2] },
    {
      "bert.a": [2],
      "bert.encoder.layer.2.output.dense.bias": [2],
      "bert.encoder.layer.10.output.dense.bias": [2],
      "bert.encoder.layer.11.attention.output.dense.bias": [2],
      "classifier.weight": [2, 8],
      "classifier.bias": [2],
    },
  );
  assertEquals(
    formatLoadReport(report, "BertForSequenceClassification", "models/x"),
    `\
BertForSequenceClassification LOAD REPORT from: models/x
Key                                               | Status
--------------------------------------------------+-----------
seq_relationship.bias                             | UNEXPECTED
bert.encoder.layer.{2, 10}.output.dense.bias      | MISSING
bert.encoder.layer.11.attention.output.dense.bias | MISSING
classifier.weight                                 | MISSING
classifier.bias                                   | MISSING

Notes:
- UNEXPECTED: can be ignored when loading from different task/architecture; not ok if you expect identical arch.
- MISSING: those params were newly initialized because missing from the checkpoint. Consider training on your downstream task.`,
  );
  const complete = match({ "bert.a": [2] }, { "bert.a": [2] });
  assertEquals(formatLoadReport(complete, "BertModel", "models/x"), undefined);
});
