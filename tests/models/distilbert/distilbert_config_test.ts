import { assertEquals, assertThrows } from "@std/assert";
import {
  DistilBertConfig,
  type DistilBertConfigOptions,
} from "../../../mod.ts";
import fixture from "../../fixtures/distilbert.json" with { type: "json" };

const ARCHITECTURE = "DistilBertForSequenceClassification";

Deno.test("new DistilBertConfig() has the defaults of transformers", () => {
  // Source: transformers 5.23.0, DistilBertConfig().
  assertEquals({ ...new DistilBertConfig() }, {
    vocabSize: 30522,
    maxPositionEmbeddings: 512,
    nLayers: 6,
    nHeads: 12,
    dim: 768,
    hiddenDim: 3072,
    dropout: 0.1,
    attentionDropout: 0.1,
    activation: "gelu",
    initializerRange: 0.02,
    seqClassifDropout: 0.2,
    padTokenId: 0,
    id2label: { 0: "LABEL_0", 1: "LABEL_1" },
    problemType: undefined,
  });
});

Deno.test("DistilBertConfig reads and writes what transformers wrote", () => {
  const config = DistilBertConfig.fromJson(fixture.config);
  assertEquals({ ...config }, {
    vocabSize: 60,
    maxPositionEmbeddings: 32,
    nLayers: 2,
    nHeads: 3,
    dim: 24,
    hiddenDim: 40,
    dropout: 0,
    attentionDropout: 0,
    activation: "gelu",
    initializerRange: 0.02,
    seqClassifDropout: 0,
    padTokenId: 0,
    id2label: { 0: "LABEL_0", 1: "LABEL_1", 2: "LABEL_2" },
    problemType: undefined,
  });
  assertEquals(config.numLabels, 3);
  assertEquals(config.toJson(ARCHITECTURE), fixture.config);
  const changed = DistilBertConfig.fromJson(fixture.config, {
    numLabels: 1,
    problemType: "regression",
  });
  assertEquals(changed.toJson(ARCHITECTURE).problem_type, "regression");
  assertEquals(changed.toJson(ARCHITECTURE).label2id, { "LABEL_0": 0 });
});

Deno.test("a DistilBertConfig says what is wrong in its own words", async (t) => {
  const cases: [DistilBertConfigOptions, string][] = [
    [{ dim: 0 }, "dim must be a whole number from 1, not 0"],
    [{ dim: 10, nHeads: 3 }, "dim 10 is not a multiple of nHeads 3"],
    [
      { activation: "mish" },
      'activation must be one of "gelu", "gelu_new", "gelu_pytorch_tanh", "relu", not "mish"',
    ],
    [
      { numLabels: 3, id2label: { 0: "a", 1: "b" } },
      "id2label names 2 labels, numLabels is 3",
    ],
  ];
  for (const [options, reason] of cases) {
    await t.step(reason, () => {
      const message = `Cannot make a DistilBertConfig: ${reason}`;
      const made = assertThrows(
        () => new DistilBertConfig(options),
        RangeError,
      );
      assertEquals(made.message, message);
      const read = assertThrows(
        () => DistilBertConfig.fromJson({}, options, "x/config.json"),
        RangeError,
      );
      assertEquals(read.message, `Cannot read x/config.json: ${message}`);
    });
  }
  const other = assertThrows(
    () => DistilBertConfig.fromJson({ "model_type": "bert" }),
    SyntaxError,
  );
  assertEquals(
    other.message,
    'Cannot read config.json: its model_type is "bert", this class reads "distilbert": name the folder of such a model, or use AutoModelForSequenceClassification',
  );
});

Deno.test("a DistilBertConfig has and takes BERT's names of its settings", () => {
  const config = new DistilBertConfig({
    dim: 8,
    nHeads: 2,
    numHiddenLayers: 2,
    hiddenDropoutProb: 0.3,
    classifierDropout: 0.4,
  } as DistilBertConfigOptions);
  assertEquals(
    [config.hiddenSize, config.nLayers, config.dropout],
    [8, 2, 0.3],
  );
  assertEquals(config.seqClassifDropout, 0.4);
  assertEquals(config.hiddenDropoutProb, 0.3);
  assertEquals(Object.hasOwn({ ...config }, "hiddenSize"), false);
});

Deno.test("a DistilBertConfig refuses two names of one setting", () => {
  const options = { dropout: 0.2, hiddenDropoutProb: 0.3 };
  assertThrows(
    () => new DistilBertConfig(options),
    RangeError,
    "dropout and hiddenDropoutProb are two names of one setting: give one of them",
  );
  // A change under one name replaces the value of the file under the other.
  const changes = { hiddenDropoutProb: 0.3 } as DistilBertConfigOptions;
  const config = DistilBertConfig.fromJson({ dropout: 0.2 }, changes);
  assertEquals(config.dropout, 0.3);
});
