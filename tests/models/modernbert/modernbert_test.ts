import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  HostTensor,
  ModernBertConfig,
  ModernBertForSequenceClassification,
  ModernBertModel,
} from "../../../mod.ts";
import { device } from "../../helpers/device.ts";

const CONFIG = new ModernBertConfig({
  vocabSize: 200,
  hiddenSize: 64,
  intermediateSize: 96,
  numHiddenLayers: 8,
  numAttentionHeads: 4,
  padTokenId: 0,
});

Deno.test("a ModernBERT starts from the deviations of transformers, cut off at two of them", async () => {
  const model = ModernBertForSequenceClassification.fromConfig(CONFIG, {
    device,
  });
  // σ of N(0, 1) without what is beyond 2: √(1 - 4·φ(2) / (2Φ(2) - 1))
  const shrunk = 0.8796;
  const residual = 0.02 / Math.sqrt(2 * 8);
  const expected: [pattern: RegExp, deviation: number][] = [
    [/tok_embeddings\.weight$/, 0.02],
    [/(Wqkv|Wi)\.weight$/, 0.02],
    [/(Wo|head\.dense)\.weight$/, residual],
    [/^classifier\.weight$/, 64 ** -0.5],
  ];
  for (const [name, parameter] of model.namedParameters()) {
    const values = [...await parameter.toArray()];
    const found = expected.find(([pattern]) => pattern.test(name));
    if (!found) {
      const value = name.endsWith("bias") ? 0 : 1;
      assert(values.every((v) => v === value), name);
      continue;
    }
    const [, sigma] = found;
    const { length } = values;
    assert(Math.max(...values.map(Math.abs)) <= 2.0001 * sigma, name);
    const deviation = Math.sqrt(values.reduce((s, v) => s + v * v, 0) / length);
    const error = deviation / (sigma * shrunk) - 1;
    // Five standard errors; the embedding of the padding is 0.
    assert(Math.abs(error) < 0.01 + 5 / Math.sqrt(2 * length), name);
  }
});

Deno.test("a ModernBERT refuses a seed that is not a whole number from 0", () => {
  assertThrows(
    () => ModernBertModel.fromConfig(CONFIG, { device, seed: -1 }),
    RangeError,
    "Cannot make a model with seed -1: it must be a whole number from 0",
  );
});

Deno.test("a ModernBERT refuses a mask with a hole", () => {
  using _scope = device.scope();
  const model = ModernBertModel.fromConfig(CONFIG, { device });
  const attentionMask = HostTensor.from([[1, 1, 1, 0], [1, 0, 1, 1]]);
  const ids = HostTensor.from([[5, 6, 7, 0], [5, 6, 7, 8]]);
  assertThrows(
    () => model.forward({ inputIds: ids, tokenTypeIds: ids, attentionMask }),
    RangeError,
    "Cannot encode row 1 of a batch: its mask has a zero before its last token, and attention by distance needs tokens without gaps; mask only the end of a row",
  );
});

Deno.test("the layers of a ModernBERT are all of it, from the input to the top", () => {
  const model = ModernBertModel.fromConfig(CONFIG, { device });
  const layers = model.layersInOrder;
  assertEquals(layers.length, 1 + 8);
  const listed = layers.flat().flatMap((part) => [...part.parameters()]);
  assertEquals(new Set(listed), new Set(model.parameters()));
  assertEquals(layers.at(-1), [model.layers.at(-1)!, model.finalNorm]);
});
