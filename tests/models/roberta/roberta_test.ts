import { assertEquals, assertThrows } from "@std/assert";
import {
  AdamW,
  AutoModel,
  AutoModelForSequenceClassification,
  CamembertConfig,
  CamembertForSequenceClassification,
  CamembertModel,
  type Device,
  HostTensor,
  RobertaConfig,
  RobertaForSequenceClassification,
  XLMRobertaConfig,
  XLMRobertaForSequenceClassification,
  XLMRobertaModel,
} from "../../../mod.ts";
import { unpadInput } from "../../../lib/models/padding.ts";
import { loadOnnxProto } from "../../../lib/onnx/proto.ts";
import { assertAllClose, GOLDEN_LOGITS } from "../../helpers/all_close.ts";
import { device } from "../../helpers/device.ts";
import { needs } from "../../helpers/permissions.ts";
import {
  assertSameIfSplit,
  type Results,
  smallBindings,
} from "../../helpers/small_bindings.ts";
import { exported } from "../../onnx/exported.ts";
import fixture from "../fixtures/roberta.json" with { type: "json" };
import {
  goldenBatch,
  goldenCheckpoint,
  goldenModel,
} from "../golden_fixture.ts";
import { bytesOf, modelFolder } from "../model_folder.ts";

/** A batch of rows that have no other padding than the given mask. */
function batchOf(ids: number[][], mask = ids.map((row) => row.map(() => 1))) {
  return {
    inputIds: HostTensor.from(ids),
    attentionMask: HostTensor.from(mask),
    tokenTypeIds: HostTensor.from(ids.map((row) => row.map(() => 0))),
  };
}

Deno.test("a RoBERTa counts positions over the tokens that are not padding, from the id after it", () => {
  const config = RobertaConfig.fromJson(fixture.config);
  const { tokens } = unpadInput(
    batchOf(
      [[0, 9, 1, 8, 2, 1, 1], [0, 7, 6, 2, 5, 5, 1]],
      [[1, 1, 1, 1, 1, 0, 0], [1, 0, 1, 1, 1, 0, 0]],
    ),
    config,
  );
  const positions = tokens.filter((_, i) => i % 3 === 1);
  assertEquals([...positions], [2, 3, 1, 4, 5, 2, 4, 5, 6]);
});

Deno.test("a RoBERTa takes as many tokens as it has positions after that of padding", () => {
  const model = goldenModel(RobertaForSequenceClassification, fixture);
  const { maxSeqLength } = model.config;
  assertEquals(maxSeqLength, 38); // of 40 positions
  using _scope = device.scope();
  const row = (length: number) => [Array.from({ length }, () => 9)];
  assertEquals(model.forward(batchOf(row(38))).logits.shape, [1, 3]);
  assertThrows(
    () => model.forward(batchOf(row(39))),
    RangeError,
    "Cannot unpad row 0 of a batch: it has more than the model's 38 positions",
  );
});

Deno.test("RobertaConfig refuses a model without positions after that of padding", () => {
  for (
    const options of [{ padTokenId: null }, { maxPositionEmbeddings: 2 }]
  ) {
    assertThrows(
      () => new RobertaConfig(options),
      RangeError,
      "Cannot make a RobertaConfig: maxPositionEmbeddings is",
    );
  }
  assertEquals(new RobertaConfig().vocabSize, 50265);
  assertEquals(new RobertaConfig().padTokenId, 1);
  // Source: transformers 5.23.0, XLMRobertaConfig() and CamembertConfig().
  for (const Config of [XLMRobertaConfig, CamembertConfig]) {
    assertEquals([new Config().vocabSize, new Config().padTokenId], [30522, 1]);
  }
});

Deno.test(
  needs(
    "XLM-RoBERTa and CamemBERT are RoBERTas under their own model types",
    "read",
    "write",
  ),
  async (t) => {
    for (
      const { type, Model, Base } of [{
        type: "xlm-roberta",
        Model: XLMRobertaForSequenceClassification,
        Base: XLMRobertaModel,
      }, {
        type: "camembert",
        Model: CamembertForSequenceClassification,
        Base: CamembertModel,
      }]
    ) {
      await t.step(type, async () => {
        const { config, weights } = goldenCheckpoint(fixture);
        await using folder = await modelFolder(bytesOf({ weights }), {
          ...config,
          "model_type": type,
        });
        const model = await AutoModelForSequenceClassification
          .fromPretrained(folder.path, { device });
        assertEquals(model.constructor, Model);
        assertEquals(model.loadReport, undefined);
        using _scope = device.scope();
        const [{ batch, logits }] = fixture.cases as [typeof fixture.cases[0]];
        const output = model.forward(goldenBatch(batch));
        assertAllClose(
          await output.logits.toArray(),
          logits.flat(),
          GOLDEN_LOGITS,
        );
        const saved = model.config.toJson(Model.architecture);
        assertEquals(saved.model_type, type);
        const encoder = await AutoModel.fromPretrained(folder.path, { device });
        assertEquals(encoder.constructor, Base);
      });
    }
  },
);

Deno.test(
  needs("a RoBERTa as ONNX needs no token types", "read", "write"),
  async () => {
    const { decode } = await loadOnnxProto();
    const { graph } = decode(await exported(goldenCheckpoint(fixture)));
    assertEquals(graph!.input.map(({ name }) => name), [
      "input_ids",
      "attention_mask",
    ]);
  },
);

const VOCABULARY = 1100;
const SPLIT = await smallBindings(256 * 64 * 4); // 256 rows of the word embeddings

Deno.test("a RoBERTa whose word embeddings are larger than a binding computes the same bits", async (t) => {
  const config = new RobertaConfig({
    vocabSize: VOCABULARY,
    hiddenSize: 64,
    numHiddenLayers: 1,
    numAttentionHeads: 2,
    intermediateSize: 64,
    maxPositionEmbeddings: 10,
    typeVocabSize: 1,
  });
  const batch = {
    ...batchOf(
      [[0, 255, 256, 1099, 2], [0, 511, 1, 512, 1]],
      [[1, 1, 1, 1, 1], [1, 1, 1, 1, 0]],
    ),
    labels: HostTensor.from([0, 1]),
  };
  const train = async (device: Device): Promise<Results> => {
    const model = RobertaForSequenceClassification
      .fromConfig(config, { device }).eval();
    const optimizer = new AdamW(model.parameters(), { lr: 1e-2 });
    for (let step = 0; step < 2; step++) {
      using _step = device.scope();
      model.forward(batch).loss.backward();
      optimizer.step();
      optimizer.zeroGrad();
    }
    const results: Results = new Map();
    for (const [name, parameter] of model.namedParameters()) {
      results.set(name, await parameter.toArray());
    }
    return results;
  };
  await assertSameIfSplit(t, "RoBERTa", SPLIT, train);
});
