import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  AutoModel,
  AutoModelForSequenceClassification,
  DebertaV2Config,
  type DebertaV2ConfigOptions,
  DebertaV2ForSequenceClassification,
  DebertaV2Model,
  HostTensor,
} from "../../../mod.ts";
import {
  logBuckets,
  relativeRows,
} from "../../../lib/models/deberta_v2/log_buckets.ts";
import { device } from "../../helpers/device.ts";
import { needs } from "../../helpers/permissions.ts";
import { assertSameValues, weightsOf } from "../fixture_model.ts";
import fixture from "../fixtures/deberta_v2.json" with { type: "json" };
import ownKeys from "../fixtures/deberta_v2_own_keys.json" with {
  type: "json",
};
// Made by transformers: tests/models/fixtures/make_relative_buckets.py.
import buckets from "../fixtures/relative_buckets.json" with { type: "json" };
import { goldenModel, goldenTensors } from "../golden_fixture.ts";
import { modelFolder, type Tensors } from "../model_folder.ts";

Deno.test("logBuckets() are those of transformers, on both sides of 0", () => {
  for (const { values, ...sizes } of buckets.deberta) {
    const config = new DebertaV2Config(sizes);
    const rowOf = logBuckets(config);
    const { positionBuckets: span } = sizes;
    assertEquals(relativeRows(config), 2 * span);
    values.forEach((bucket, distance) => {
      assertEquals(
        [rowOf(distance), rowOf(-distance)],
        [Math.min(span + bucket, 2 * span - 1), Math.max(span - bucket, 0)],
        `${distance} of ${span}`,
      );
    });
  }
});

Deno.test("logBuckets() without buckets cut distances off", () => {
  const config = new DebertaV2Config({ maxRelativePositions: 3 });
  const rows = [-9, -3, -2, 0, 2, 3, 9].map(logBuckets(config));
  assertEquals(rows, [0, 0, 1, 3, 5, 5, 5]);
  const long = new DebertaV2Config({ maxPositionEmbeddings: 20 });
  assertEquals(relativeRows(long), 40);
});

Deno.test("new DebertaV2Config() has the defaults of transformers", () => {
  // Source: transformers 5.23.0, DebertaV2Config().
  const json = new DebertaV2Config().toJson("DebertaV2Model");
  const expected = {
    "vocab_size": 128100,
    "hidden_size": 1536,
    "num_hidden_layers": 24,
    "num_attention_heads": 24,
    "intermediate_size": 6144,
    "hidden_act": "gelu",
    "max_position_embeddings": 512,
    "type_vocab_size": 0,
    "layer_norm_eps": 1e-7,
    "relative_attention": false,
    "max_relative_positions": -1,
    "pad_token_id": 0,
    "position_biased_input": true,
    "pos_att_type": [],
    "pooler_dropout": 0,
    "pooler_hidden_act": "gelu",
    // Of keys that transformers has no default of, those that it reads as none.
    "embedding_size": 1536,
    "position_buckets": -1,
    "norm_rel_ebd": "none",
    "share_att_key": false,
    "cls_dropout": null,
  };
  for (const [key, value] of Object.entries(expected)) {
    assertEquals(json[key], value, key);
  }
});

Deno.test("DebertaV2Config reads every spelling of its settings", () => {
  const read = (json: Record<string, unknown>) =>
    DebertaV2Config.fromJson({ "relative_attention": true, ...json });
  for (
    const [types, expected] of [
      ["p2c|c2p", ["c2p", "p2c"]],
      ["P2C | c2p", ["c2p", "p2c"]],
      [["p2c"], ["p2c"]],
      ["c2p", ["c2p"]],
      [null, []],
      [[], []],
    ] as const
  ) {
    const config = read({ "pos_att_type": types });
    assertEquals(config.attentionTypes, [...expected]);
    const width = config.hiddenSize / config.numAttentionHeads;
    assertEquals(
      config.attentionScale,
      1 / Math.sqrt(width * (1 + expected.length)),
    );
    const again = DebertaV2Config.fromJson(config.toJson("DebertaV2Model"));
    assertEquals(again.attentionTypes, [...expected]);
  }
  const none = read({ "position_buckets": -1, "max_relative_positions": 0 });
  assertEquals([none.positionBuckets, none.maxRelativePositions], [null, null]);
  assertEquals(read({ "norm_rel_ebd": "LAYER_NORM" }).normRelEbd, "layer_norm");
  // The scale counts the terms, even if distance does not matter.
  const absolute = read({
    "pos_att_type": "c2p",
    "relative_attention": false,
  });
  assertEquals(absolute.attentionTypes, []);
  assertEquals(absolute.attentionScale, 1 / Math.sqrt(64 * 2));
});

Deno.test("DebertaV2Config refuses what the model does not have", () => {
  const refused = (json: Record<string, unknown>, message: string) =>
    assertThrows(() => DebertaV2Config.fromJson(json), Error, message);
  refused(
    { "conv_kernel_size": 3 },
    "Cannot read config.json: conv_kernel_size is 3, only 0 is supported",
  );
  refused(
    { "pooler_hidden_size": 96 },
    "pooler_hidden_size is 96, and only 1536 is supported where hiddenSize is 1536",
  );
  refused(
    { "attention_head_size": 32 },
    "attention_head_size is 32, and only 64 is supported",
  );
  refused(
    { "pos_att_type": "p2p" },
    'pos_att_type must be one of "", "c2p", "p2c", "c2p|p2c", "p2c|c2p", not "p2p"',
  );
  refused(
    { "type_vocab_size": -1 },
    "type_vocab_size must be a whole number from 0, not -1",
  );
  for (
    const [buckets, greatest] of [[1, 512], [16, 9], [16, 4]] as const
  ) {
    refused(
      {
        "relative_attention": true,
        "position_buckets": buckets,
        "max_relative_positions": greatest,
      },
      `positionBuckets is ${buckets} and the greatest distance ${greatest}; there must be`,
    );
  }
});

const TINY: DebertaV2ConfigOptions = {
  vocabSize: 20,
  hiddenSize: 16,
  numHiddenLayers: 1,
  numAttentionHeads: 2,
  intermediateSize: 8,
  maxPositionEmbeddings: 8,
};

Deno.test("a DeBERTa-v2 without relative attention has neither a table of distances nor their projections", () => {
  for (const posAttType of ["", "c2p|p2c"]) {
    const config = new DebertaV2Config({ ...TINY, posAttType });
    const model = DebertaV2Model.fromConfig(config, { device });
    const names = [...model.namedParameters()].map(([name]) => name);
    assertEquals(names.filter((name) => /rel_|pos_\w+_proj/.test(name)), []);
  }
});

Deno.test("a DeBERTa-v2 with relative attention and no terms of it keeps the table, which nothing reads", () => {
  using _scope = device.scope();
  const config = new DebertaV2Config({ ...TINY, relativeAttention: true });
  const model = DebertaV2Model.fromConfig(config, { device });
  const ids = HostTensor.from([[5, 6, 7]]);
  const ones = HostTensor.from([[1, 1, 1]]);
  const { lastHiddenState } = model.encode({
    inputIds: ids,
    tokenTypeIds: HostTensor.from([[0, 1, 1]]), // ignored
    attentionMask: ones,
  });
  lastHiddenState.backward(lastHiddenState);
  assertEquals(model.encoder.relEmbeddings!.weight.hasGrad, false);
});

Deno.test("a DeBERTa-v2 refuses rows with masked tokens between others", () => {
  using _scope = device.scope();
  const model = goldenModel(DebertaV2ForSequenceClassification, fixture);
  const batch = (...mask: number[][]) => ({
    inputIds: HostTensor.from(mask.map((row) => row.map(() => 9))),
    tokenTypeIds: HostTensor.from(mask.map((row) => row.map(() => 0))),
    attentionMask: HostTensor.from(mask),
  });
  assertThrows(
    () => model.forward(batch([1, 1, 0, 0], [1, 0, 1, 0])),
    RangeError,
    "Cannot encode row 1 of a batch: its mask has a zero before its last token, and attention by distance needs tokens without gaps; mask only the end of a row",
  );
  assertEquals(
    model.forward(batch([1, 1, 0, 0], [1, 1, 1, 0])).logits.shape,
    [2, 3],
  );
});

Deno.test(
  needs(
    "the checkpoint of a pre-trained DeBERTa is loaded without its heads",
    "read",
    "write",
  ),
  async () => {
    const tensors: Tensors = {};
    const encoderTensors = goldenTensors(fixture, "deberta.");
    for (const [name, tensor] of Object.entries(encoderTensors)) {
      tensors[name.replace(/LayerNorm\.weight$/, "LayerNorm.gamma")] = tensor;
    }
    const one = { dtype: "F32" as const, shape: [1], data: Float32Array.of(1) };
    for (
      const name of [
        "lm_predictions.lm_head.dense.weight",
        "mask_predictions.dense.weight",
        "cls.predictions.bias",
        "deberta.embeddings.position_embeddings.weight",
      ]
    ) tensors[name] = one;
    await using folder = await modelFolder(tensors, {
      ...fixture.config,
      "pos_att_type": "p2c|c2p", // as the published ones have it
    });
    const encoder = await AutoModel.fromPretrained(folder.path, { device });
    assertEquals(encoder.constructor, DebertaV2Model);
    assertEquals(encoder.loadReport, undefined);
    const { deberta } = goldenModel(
      DebertaV2ForSequenceClassification,
      fixture,
    ) as DebertaV2ForSequenceClassification;
    assertSameValues(await weightsOf(encoder), await weightsOf(deberta));
    const model = await AutoModelForSequenceClassification
      .fromPretrained(folder.path, { device });
    assertEquals(
      [...model.loadReport!.matchAll(/^(\S+) +\| MISSING$/gm)].length,
      4,
    );
  },
);

Deno.test(
  needs("the first DeBERTa is another, unknown architecture", "read", "write"),
  async () => {
    await using folder = await modelFolder({}, {
      ...ownKeys.config,
      "model_type": "deberta",
    });
    const error = await assertRejects(
      () => AutoModel.fromPretrained(folder.path, { device }),
      SyntaxError,
      '"deberta"',
    );
    assert(error.message.includes('"deberta-v2"'), error.message);
  },
);
