import { assertEquals, assertThrows } from "@std/assert";
import { BertConfig, type BertConfigOptions } from "../../../mod.ts";
import odd from "../../fixtures/odd_bert.json" with { type: "json" };
import tiny from "../../fixtures/tiny_bert.json" with { type: "json" };

const ARCHITECTURE = "BertForSequenceClassification";

Deno.test("new BertConfig() has the defaults of transformers", () => {
  // Source: transformers 5.23.0, BertConfig().
  assertEquals({ ...new BertConfig() }, {
    vocabSize: 30522,
    hiddenSize: 768,
    numHiddenLayers: 12,
    numAttentionHeads: 12,
    intermediateSize: 3072,
    hiddenAct: "gelu",
    hiddenDropoutProb: 0.1,
    attentionProbsDropoutProb: 0.1,
    maxPositionEmbeddings: 512,
    typeVocabSize: 2,
    initializerRange: 0.02,
    layerNormEps: 1e-12,
    padTokenId: 0,
    classifierDropout: null,
    id2label: { 0: "LABEL_0", 1: "LABEL_1" },
    problemType: undefined,
  });
});

Deno.test("BertConfig.fromJson() reads what transformers wrote", () => {
  const config = BertConfig.fromJson(odd.config);
  assertEquals({ ...config }, {
    vocabSize: 11,
    hiddenSize: 10,
    numHiddenLayers: 1,
    numAttentionHeads: 2,
    intermediateSize: 7,
    hiddenAct: "gelu",
    hiddenDropoutProb: 0,
    attentionProbsDropoutProb: 0,
    maxPositionEmbeddings: 13,
    typeVocabSize: 2,
    initializerRange: 0.02,
    layerNormEps: 1e-12,
    padTokenId: 0,
    classifierDropout: null,
    id2label: { 0: "LABEL_0", 1: "LABEL_1", 2: "LABEL_2" },
    problemType: undefined,
  });
  assertEquals(config.numLabels, 3);
  assertEquals(BertConfig.fromJson({}), new BertConfig());
});

Deno.test("BertConfig.toJson() writes what transformers wrote, and keys that it does not know", () => {
  assertEquals(
    BertConfig.fromJson(odd.config).toJson(ARCHITECTURE),
    odd.config,
  );
  const other = { ...tiny.config, "_name_or_path": "bert", "custom": [1, {}] };
  const json = BertConfig.fromJson(other).toJson(ARCHITECTURE);
  assertEquals(json, {
    ...other,
    id2label: { 0: "LABEL_0", 1: "LABEL_1" },
    label2id: { "LABEL_0": 0, "LABEL_1": 1 },
  });
  assertEquals(BertConfig.fromJson(json).toJson(ARCHITECTURE), json);
});

Deno.test("BertConfig.toJson() names the class and the kind of labels of this model", () => {
  const file = {
    ...tiny.config,
    architectures: ["BertForPreTraining"],
    dtype: "float16",
    "problem_type": "multi_label_classification",
  };
  const config = BertConfig.fromJson(file, {
    numLabels: 1,
    problemType: "regression",
  });
  const json = config.toJson(ARCHITECTURE);
  assertEquals(json.architectures, [ARCHITECTURE]);
  assertEquals(json.model_type, "bert");
  assertEquals(json.dtype, "float32");
  assertEquals(json.problem_type, "regression");
  assertEquals(json.label2id, { "LABEL_0": 0 });
});

Deno.test("the labels of a BertConfig are those of the caller, the file, or numbered", async (t) => {
  const named = {
    id2label: { 0: "no", 1: "yes" },
    label2id: { no: 0, yes: 1 },
  };
  const numbered = { 0: "LABEL_0", 1: "LABEL_1", 2: "LABEL_2" };
  const cases: [
    string,
    Record<string, unknown>,
    BertConfigOptions,
    Record<number, string>,
  ][] = [
    ["of the file", named, {}, named.id2label],
    ["as many as the file has", named, { numLabels: 2 }, named.id2label],
    ["another number", named, { numLabels: 3 }, numbered],
    ["the caller's", named, { id2label: { 0: "a" } }, { 0: "a" }],
    ["both of the caller", named, {
      numLabels: 1,
      id2label: { 0: "a" },
    }, { 0: "a" }],
    ["none in the file", {}, { numLabels: 3 }, numbered],
  ];
  for (const [name, json, changes, expected] of cases) {
    await t.step(name, () => {
      const config = BertConfig.fromJson(json, changes);
      assertEquals({ ...config.id2label }, expected);
      assertEquals(config.numLabels, Object.keys(expected).length);
      assertEquals(
        config.toJson(ARCHITECTURE).label2id,
        Object.fromEntries(
          Object.entries(expected).map(([id, label]) => [label, Number(id)]),
        ),
      );
    });
  }
});

Deno.test("new BertConfig() says what is out of range", async (t) => {
  const cases: [BertConfigOptions, string][] = [
    [{ hiddenSize: 0 }, "hiddenSize must be a whole number from 1, not 0"],
    [{ vocabSize: 1.5 }, "vocabSize must be a whole number from 1, not 1.5"],
    [
      { numHiddenLayers: -1 },
      "numHiddenLayers must be a whole number from 1, not -1",
    ],
    [
      { hiddenSize: "768" } as unknown as BertConfigOptions,
      'hiddenSize must be a whole number from 1, not "768"',
    ],
    [
      { hiddenSize: 10, numAttentionHeads: 3 },
      "hiddenSize 10 is not a multiple of numAttentionHeads 3",
    ],
    [
      { hiddenAct: "swish" },
      'hiddenAct must be one of "gelu", "gelu_new", "gelu_pytorch_tanh", "relu", not "swish"',
    ],
    [{ numLabels: 0 }, "numLabels must be a whole number from 1, not 0"],
    [{ id2label: {} }, "id2label must name at least one label"],
    [
      { hiddenDropoutProb: 1 },
      "hiddenDropoutProb must be a number from 0 to less than 1, not 1",
    ],
    [
      { attentionProbsDropoutProb: -0.1 },
      "attentionProbsDropoutProb must be a number from 0 to less than 1, not -0.1",
    ],
    [
      { layerNormEps: 0 },
      "layerNormEps must be a number above 0, not 0",
    ],
    [
      { initializerRange: -1 },
      "initializerRange must be a number from 0, not -1",
    ],
    [
      { vocabSize: 5, padTokenId: 5 },
      "padTokenId must be a token id from 0 to 4, not 5",
    ],
    [
      { id2label: { 0: "a", 2: "b" } },
      'id2label must number its 2 labels from 0 to 1, and has the key "2"',
    ],
    [
      { id2label: { no: "a", yes: "b" } as unknown as Record<number, string> },
      'id2label must number its 2 labels from 0 to 1, and has the key "no"',
    ],
    [
      { id2label: { 0: "a", 1: null } as unknown as Record<number, string> },
      "id2label must map numbers to names, and label 1 is null",
    ],
    [{ id2label: { 0: "a", 1: "a" } }, 'id2label names two labels "a"'],
    [
      { numLabels: 3, id2label: { 0: "a", 1: "b" } },
      "id2label names 2 labels, numLabels is 3",
    ],
    [
      { dropout: 0.5 } as BertConfigOptions,
      'there is no setting "dropout"; known are numLabels, id2label, problemType, vocabSize, hiddenSize, numHiddenLayers, numAttentionHeads, intermediateSize, hiddenAct, hiddenDropoutProb, attentionProbsDropoutProb, maxPositionEmbeddings, typeVocabSize, initializerRange, layerNormEps, padTokenId, classifierDropout',
    ],
    [
      { "hidden_size": 8 } as BertConfigOptions,
      'there is no setting "hidden_size"; use hiddenSize',
    ],
    [
      { problemType: "classification" } as unknown as BertConfigOptions,
      'problemType "classification" is unknown: it must be one of regression, single_label_classification, multi_label_classification',
    ],
    [
      { numLabels: 1, problemType: "single_label_classification" },
      'problemType "single_label_classification" needs at least 2 labels; for numbers give problemType "regression"',
    ],
  ];
  for (const [options, reason] of cases) {
    await t.step(reason, () => {
      const error = assertThrows(() => new BertConfig(options), RangeError);
      assertEquals(error.message, `Cannot make a BertConfig: ${reason}`);
    });
  }
});

Deno.test("BertConfig.fromJson() refuses another architecture", async (t) => {
  const cases: [Record<string, unknown>, string][] = [
    [
      { "model_type": "roberta" },
      'its model_type is "roberta", this class reads "bert": name the folder of such a model, or use AutoModelForSequenceClassification',
    ],
    [
      { "position_embedding_type": "relative_key" },
      'position_embedding_type is "relative_key", only "absolute" is supported',
    ],
    [
      { "problem_type": "token_classification" },
      'problem_type is "token_classification": it must be one of regression, single_label_classification, multi_label_classification',
    ],
    [{ "is_decoder": true }, "is_decoder is true, only false is supported"],
    [
      { "add_cross_attention": true },
      "add_cross_attention is true, only false is supported",
    ],
  ];
  for (const [json, reason] of cases) {
    await t.step(reason, () => {
      const error = assertThrows(() => BertConfig.fromJson(json), SyntaxError);
      assertEquals(error.message, `Cannot read config.json: ${reason}`);
    });
  }
});

Deno.test("BertConfig keeps the problem type of a file, unless the caller gives one", () => {
  const file = { "problem_type": "multi_label_classification" };
  const multi = BertConfig.fromJson(file);
  assertEquals(multi.problemType, "multi_label_classification");
  assertEquals(multi.toJson(ARCHITECTURE).problem_type, file.problem_type);
  const other = BertConfig.fromJson(file, { problemType: "regression" });
  assertEquals(other.toJson(ARCHITECTURE).problem_type, "regression");
  const none = BertConfig.fromJson({ "problem_type": null });
  assertEquals(none.problemType, undefined);
  assertEquals("problem_type" in none.toJson(ARCHITECTURE), false);
});

Deno.test("BertConfig reads num_labels where a file has no label names, as older ones", () => {
  const numbered = { 0: "LABEL_0", 1: "LABEL_1", 2: "LABEL_2" };
  for (const id2label of [null, undefined]) {
    const config = BertConfig.fromJson({ id2label, "num_labels": 3 });
    assertEquals<object>(config.id2label, numbered);
    assertEquals("num_labels" in config.toJson(ARCHITECTURE), false);
  }
  const asked = BertConfig.fromJson({ "num_labels": 3 }, { numLabels: 2 });
  assertEquals(asked.numLabels, 2);
});

Deno.test("BertConfig.fromJson() names the key of a value that is out of range", async (t) => {
  const cases: [Record<string, unknown>, string][] = [
    [
      { "hidden_dropout_prob": 1.5 },
      "hidden_dropout_prob must be a number from 0 to less than 1, not 1.5",
    ],
    [
      { "attention_probs_dropout_prob": "0.1" },
      'attention_probs_dropout_prob must be a number from 0 to less than 1, not "0.1"',
    ],
    [
      { "layer_norm_eps": "1e-12" },
      'layer_norm_eps must be a number above 0, not "1e-12"',
    ],
    [
      { "layer_norm_eps": null },
      "layer_norm_eps must be a number above 0, not null",
    ],
    [
      { "hidden_size": 10, "num_attention_heads": 3 },
      "hidden_size 10 is not a multiple of num_attention_heads 3",
    ],
    [
      { id2label: { 0: "a", 3: "b" } },
      'id2label must number its 2 labels from 0 to 1, and has the key "3"',
    ],
  ];
  for (const [json, reason] of cases) {
    await t.step(reason, () => {
      const error = assertThrows(
        () => BertConfig.fromJson(json, {}, "m/config.json"),
        RangeError,
      );
      assertEquals(
        error.message,
        `Cannot read m/config.json: Cannot make a BertConfig: ${reason}`,
      );
    });
  }
});

Deno.test("BertConfig accepts null where transformers writes it", () => {
  const config = BertConfig.fromJson({
    "classifier_dropout": null,
    "pad_token_id": null,
  });
  assertEquals([config.classifierDropout, config.padTokenId], [null, null]);
});

Deno.test("new BertConfig() takes undefined for not given", () => {
  const options = { hiddenSize: undefined } as unknown as BertConfigOptions;
  assertEquals(new BertConfig(options), new BertConfig());
});

Deno.test("BertConfig.fromJson() keeps the value of a file where a change is undefined", () => {
  const file = { "hidden_size": 24, id2label: { 0: "a", 1: "b", 2: "c" } };
  const changes: object = { hiddenSize: undefined, id2label: undefined };
  const config = BertConfig.fromJson<BertConfig, BertConfigOptions>(
    file,
    changes,
  );
  assertEquals([config.hiddenSize, config.numLabels], [24, 3]);
});

Deno.test("label names of the caller replace a num_labels of the file", () => {
  const id2label = { 0: "no", 1: "yes" };
  const config = BertConfig.fromJson({ "num_labels": 3 }, { id2label });
  assertEquals(config.numLabels, 2);
});

Deno.test("num_labels of a file wins over names of another number, as in transformers", () => {
  const file = { id2label: { 0: "a" }, "num_labels": 2 };
  assertEquals({ ...BertConfig.fromJson(file).id2label }, {
    0: "LABEL_0",
    1: "LABEL_1",
  } as Record<number, string>);
});

Deno.test("labels of the wrong type are refused", () => {
  for (
    const [json, message] of [
      [
        { "num_labels": "3" },
        'num_labels must be a whole number from 1, not "3"',
      ],
      [{ id2label: "abc" }, 'id2label must map numbers to names, not "abc"'],
    ] as const
  ) {
    assertThrows(() => BertConfig.fromJson(json), RangeError, message);
  }
});

Deno.test("an array of label names is written as an object", () => {
  const id2label = ["no", "yes"] as unknown as Record<number, string>;
  const json = new BertConfig({ id2label }).toJson(ARCHITECTURE);
  assertEquals(
    JSON.stringify(json.id2label),
    JSON.stringify({ 0: "no", 1: "yes" }),
  );
});
