import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  AlbertConfig,
  AlbertForSequenceClassification,
  AlbertModel,
  AutoModel,
  noGrad,
  OnnxModel,
} from "../../../mod.ts";
import { assertAllClose, ONNX_FP32 } from "../../helpers/all_close.ts";
import { device } from "../../helpers/device.ts";
import { needs } from "../../helpers/permissions.ts";
import { tempFolder } from "../../helpers/temp_folder.ts";
import { logitsOf } from "../../onnx/exported.ts";
import { weightsOf } from "../fixture_model.ts";
import fixture from "../fixtures/albert.json" with { type: "json" };
import {
  goldenBatch,
  goldenTensors,
  goldenWeights,
} from "../golden_fixture.ts";
import { modelFolder, type Tensors } from "../model_folder.ts";

Deno.test("AlbertConfig divides layers among groups as transformers does", () => {
  // int(i / (layers / groups))
  for (
    const [numHiddenLayers, numHiddenGroups, groups] of [
      [5, 2, [0, 0, 0, 1, 1]],
      [4, 1, [0, 0, 0, 0]],
      [3, 3, [0, 1, 2]],
      [7, 3, [0, 0, 0, 1, 1, 2, 2]],
    ] as const
  ) {
    const config = new AlbertConfig({ numHiddenLayers, numHiddenGroups });
    const actual = Array.from(groups, (_, i) => config.groupOf(i));
    assertEquals(actual, [...groups]);
  }
});

Deno.test("AlbertConfig has the defaults of transformers", () => {
  const json = new AlbertConfig().toJson("AlbertModel");
  assertEquals([json.hidden_act, json.hidden_size, json.vocab_size], [
    "gelu_new",
    4096,
    30000,
  ]);
  assertEquals(json.classifier_dropout_prob, 0.1);
  assertEquals(new AlbertConfig().classifierDropout, 0.1);
  assert(!("classifier_dropout" in json));
});

Deno.test("the parameters of an ALBERT grow with its groups, not with its layers", () => {
  const sizes = { vocabSize: 10, hiddenSize: 8, numAttentionHeads: 2 };
  const count = (numHiddenLayers: number, numHiddenGroups: number) =>
    [
      ...AlbertForSequenceClassification.fromConfig(
        new AlbertConfig({
          ...sizes,
          intermediateSize: 8,
          numHiddenLayers,
          numHiddenGroups,
        }),
        { device },
      ).parameters(),
    ].length;
  assertEquals(count(12, 1), count(2, 1));
  assertEquals(count(12, 2) - count(12, 1), 16);
});

Deno.test(
  needs(
    "the checkpoint of a pretrained ALBERT is loaded without its heads",
    "read",
    "write",
  ),
  async () => {
    const weights = goldenWeights(fixture);
    const tensors: Tensors = {};
    const encoderTensors = goldenTensors(fixture, "albert.");
    for (const [name, tensor] of Object.entries(encoderTensors)) {
      tensors[name.replace(/LayerNorm\.bias$/, "LayerNorm.beta")] = tensor;
    }
    for (
      const name of [
        "predictions.bias",
        "predictions.decoder.weight",
        "sop_classifier.classifier.bias",
      ]
    ) tensors[name] = { dtype: "F32", shape: [1], data: Float32Array.of(1) };
    await using folder = await modelFolder(tensors, fixture.config);
    const encoder = await AutoModel.fromPretrained(folder.path, { device });
    assertEquals(encoder.constructor, AlbertModel);
    assertEquals(encoder.loadReport, undefined);
    const [name] = Object.keys(weights);
    const loaded = await weightsOf(encoder);
    assertEquals(loaded[name!.slice("albert.".length)], weights[name!]);

    await Deno.writeTextFile(
      `${folder.path}/config.json`,
      JSON.stringify({ ...fixture.config, "num_hidden_groups": 3 }),
    );
    await assertRejects(
      () => AutoModel.fromPretrained(folder.path, { device }),
      RangeError,
      "its weights lack encoder.albert_layer_groups.2.",
    );
  },
);

Deno.test(
  needs(
    "an ALBERT with embeddings of the hidden size projects them, as ONNX too",
    "read",
    "write",
  ),
  async () => {
    const [{ batch }] = fixture.cases as [typeof fixture.cases[0]];
    const config = AlbertConfig.fromJson(fixture.config, {
      embeddingSize: fixture.config.hidden_size,
    });
    const model = AlbertForSequenceClassification
      .fromConfig(config, { device }).eval();
    await using folder = await tempFolder();
    await model.savePretrained(folder.path);
    using onnx = await OnnxModel.fromPretrained(folder.path);
    const file = await Deno.readFile(await onnx.savePretrained(folder.path));
    using _noGrad = noGrad();
    using _scope = device.scope();
    const { logits } = model.forward(goldenBatch(batch));
    assertAllClose(
      await logitsOf(file, goldenBatch(batch)),
      await logits.toArray(),
      ONNX_FP32,
    );
  },
);
