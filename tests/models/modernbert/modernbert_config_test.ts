import { assertEquals, assertThrows } from "@std/assert";
import {
  ModernBertConfig,
  type ModernBertConfigOptions,
  ModernBertForSequenceClassification,
} from "../../../mod.ts";
import fixture from "../fixtures/modernbert.json" with { type: "json" };
import variant from "../fixtures/modernbert_variant.json" with { type: "json" };

const { architecture } = ModernBertForSequenceClassification;

Deno.test("new ModernBertConfig() has the defaults of transformers", () => {
  // Source: transformers 5.23.0, ModernBertConfig().
  const config = new ModernBertConfig();
  assertEquals({ ...config }, {
    vocabSize: 50368,
    hiddenSize: 768,
    intermediateSize: 1152,
    numHiddenLayers: 22,
    numAttentionHeads: 12,
    hiddenActivation: "gelu",
    maxPositionEmbeddings: 8192,
    initializerRange: 0.02,
    initializerCutoffFactor: 2,
    normEps: 1e-5,
    normBias: false,
    padTokenId: 50283,
    globalAttnEveryNLayers: 3,
    localAttention: 128,
    globalRopeTheta: 160000,
    localRopeTheta: 10000,
    attentionBias: false,
    attentionDropout: 0,
    embeddingDropout: 0,
    mlpBias: false,
    mlpDropout: 0,
    classifierPooling: "cls",
    classifierDropout: 0,
    classifierBias: false,
    classifierActivation: "gelu",
    id2label: { 0: "LABEL_0", 1: "LABEL_1" },
    problemType: undefined,
  });
  assertEquals(config.layerTypes.slice(0, 4), [
    "full_attention",
    "sliding_attention",
    "sliding_attention",
    "full_attention",
  ]);
  assertEquals(config.layerTypes.length, 22);
});

Deno.test("ModernBertConfig reads what transformers 5 wrote", () => {
  for (const { config: json } of [fixture, variant]) {
    const config = ModernBertConfig.fromJson(json);
    assertEquals(config.layerTypes as string[], json.layer_types);
    const { full_attention: full, sliding_attention: sliding } =
      json.rope_parameters;
    assertEquals(config.globalRopeTheta, full.rope_theta);
    assertEquals(config.localRopeTheta, sliding.rope_theta);
    assertEquals(config.localAttention, json.local_attention);
    assertEquals(config.mlpBias, json.mlp_bias);
    const written = config.toJson(architecture);
    for (const [key, value] of Object.entries(json)) {
      if (key === "initializer_cutoff_factor") continue;
      assertEquals<unknown>(written[key], value, key);
    }
  }
});

Deno.test("ModernBertConfig writes no whole number for a float of transformers", () => {
  const key = "initializer_cutoff_factor";
  const written = (initializerCutoffFactor: number) =>
    new ModernBertConfig({ initializerCutoffFactor }).toJson(architecture)[key];
  assertEquals(written(2), undefined); // the default
  assertEquals(written(2.5), 2.5);
  assertEquals(Math.fround(Number(written(3))), 3);
  assertEquals(Number.isInteger(written(3)), false);
});

Deno.test("ModernBertConfig reads and writes the keys of transformers 4", () => {
  const older = {
    "model_type": "modernbert",
    "num_hidden_layers": 5,
    "global_attn_every_n_layers": 2,
    "global_rope_theta": 5000,
    "local_rope_theta": 300,
  };
  const config = ModernBertConfig.fromJson(older);
  assertEquals(config.globalAttnEveryNLayers, 2);
  assertEquals(config.ropeThetas, {
    "full_attention": 5000,
    "sliding_attention": 300,
  });
  const json = config.toJson(architecture);
  for (const [key, value] of Object.entries(older)) {
    assertEquals<unknown>(json[key], value, key);
  }
  assertEquals(json.rope_parameters, {
    "full_attention": { "rope_theta": 5000, "rope_type": "default" },
    "sliding_attention": { "rope_theta": 300, "rope_type": "default" },
  });
  assertEquals({ ...ModernBertConfig.fromJson(json) }, { ...config });
  const same = { ...older, "local_rope_theta": null };
  assertEquals(ModernBertConfig.fromJson(same).localRopeTheta, 5000);
  assertThrows(
    () => ModernBertConfig.fromJson({ "local_rope_theta": null }),
    RangeError,
    "local_rope_theta must be a number above 0, not null",
  );
});

Deno.test("ModernBertConfig finds the distance of full attention in layer_types", async (t) => {
  const [F, S] = ["full_attention", "sliding_attention"];
  const cases: [types: string[], every: number, older?: number][] = [
    [[F!, S!, S!, F!], 3],
    [[F!, F!], 1],
    [[F!, S!, S!], 3],
    [[F!, S!, S!], 5, 5], // the older key, where both agree
    [[F!, S!, F!], 2, 3], // layer_types, where they do not
  ];
  for (const [types, every, older] of cases) {
    await t.step(`${types} is every ${every}`, () => {
      const json = {
        "layer_types": types,
        ...older && { "global_attn_every_n_layers": older },
      };
      const changes = { numHiddenLayers: types.length };
      const config = ModernBertConfig.fromJson(json, changes);
      assertEquals(config.globalAttnEveryNLayers, every);
      assertEquals(config.layerTypes as string[], types);
    });
  }
  for (const types of [[S!, F!], [F!, S!, F!, F!], ["chunked_attention"]]) {
    await t.step(`${types} is refused`, () => {
      assertThrows(
        () => ModernBertConfig.fromJson({ "layer_types": types }),
        SyntaxError,
        `Cannot read config.json: layer_types is ${
          JSON.stringify(types)
        }; only`,
      );
    });
  }
});

Deno.test("ModernBertConfig refuses scaled rotary frequencies", () => {
  const yarn = { "rope_type": "yarn", "rope_theta": 1e4 };
  assertThrows(
    () =>
      ModernBertConfig.fromJson({
        "rope_parameters": { "full_attention": yarn },
      }),
    SyntaxError,
    'Cannot read config.json: rope_type of full_attention in rope_parameters is "yarn", only rotary frequencies that are not scaled are supported',
  );
  assertThrows(
    () => ModernBertConfig.fromJson({ "rope_scaling": { factor: 2 } }),
    SyntaxError,
    'rope_scaling is {"factor":2}, only rotary frequencies',
  );
  const linear = { "type": "linear", "factor": 2, "rope_theta": 1e4 };
  assertThrows(
    () =>
      ModernBertConfig.fromJson({
        "rope_parameters": { "sliding_attention": linear },
      }),
    SyntaxError,
    'rope_type of sliding_attention in rope_parameters is "linear", only',
  );
  assertThrows(
    () => ModernBertConfig.fromJson({ "rope_parameters": linear }),
    SyntaxError,
    'Cannot read config.json: rope_parameters has the key "type"; only those by type of layer',
  );
});

Deno.test("a ModernBertConfig says what is wrong in its own words", async (t) => {
  const cases: [ModernBertConfigOptions, string][] = [
    [
      { hiddenActivation: "relu" },
      'hiddenActivation must be one of "gelu", "gelu_new", "gelu_pytorch_tanh", not "relu"',
    ],
    [
      { classifierPooling: "max" as "mean" },
      'classifierPooling must be one of "cls", "mean", not "max"',
    ],
    [
      { mlpBias: 1 as unknown as boolean },
      "mlpBias must be one of true, false, not 1",
    ],
    [
      { hiddenSize: 60 },
      "hiddenSize 60 gives each of 12 heads 5 elements; rotary positions need an even number",
    ],
    [
      { vocabSize: 100 },
      "padTokenId must be a token id from 0 to 99, not 50283",
    ],
  ];
  for (const [options, reason] of cases) {
    await t.step(reason, () => {
      const { message } = assertThrows(
        () => new ModernBertConfig(options),
        RangeError,
      );
      assertEquals(message, `Cannot make a ModernBertConfig: ${reason}`);
    });
  }
});

Deno.test("a ModernBertConfig takes BERT's names of its settings", () => {
  const options = {
    hiddenDropoutProb: 0.1,
    attentionProbsDropoutProb: 0.2,
    hiddenAct: "gelu_new",
  } as ModernBertConfigOptions;
  const config = new ModernBertConfig(options);
  assertEquals(
    [config.mlpDropout, config.attentionDropout, config.hiddenActivation],
    [0.1, 0.2, "gelu_new"],
  );
  assertEquals(config.embeddingDropout, 0.1);
  const changed = ModernBertConfig.fromJson(fixture.config, options);
  assertEquals([changed.embeddingDropout, changed.mlpDropout], [0.1, 0.1]);
});
