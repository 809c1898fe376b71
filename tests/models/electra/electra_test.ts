import { assertEquals } from "@std/assert";
import {
  AutoModel,
  AutoModelForSequenceClassification,
  ElectraConfig,
  ElectraForSequenceClassification,
  ElectraModel,
  saveSafetensors,
} from "../../../mod.ts";
import { device } from "../../helpers/device.ts";
import { needs } from "../../helpers/permissions.ts";
import { exported } from "../../onnx/exported.ts";
import { assertSameValues, weightsOf } from "../fixture_model.ts";
import fixture from "../fixtures/electra.json" with { type: "json" };
import { goldenModel, goldenTensors } from "../golden_fixture.ts";
import { modelFolder, type Tensors } from "../model_folder.ts";

Deno.test(
  needs(
    "an ELECTRA whose embeddings have the size of the layers has no projection",
    "read",
    "write",
  ),
  async () => {
    const config = new ElectraConfig({
      vocabSize: 20,
      embeddingSize: 16,
      hiddenSize: 16,
      numHiddenLayers: 1,
      numAttentionHeads: 2,
      intermediateSize: 8,
    });
    const model = ElectraForSequenceClassification.fromConfig(config, {
      device,
    });
    const names = [...model.namedParameters()].map(([name]) => name);
    assertEquals(names.filter((name) => /project/.test(name)), []);
    const weights = await weightsOf(model);
    const tensors = Object.fromEntries(
      [...model.namedParameters()].map(([name, { shape }]) => [
        name,
        { dtype: "F32" as const, shape, data: weights[name]! },
      ]),
    );
    // The graph has no projection either.
    await exported({
      config: config.toJson("ElectraForSequenceClassification"),
      weights: saveSafetensors(tensors).toBase64(),
    });
  },
);

Deno.test(
  needs(
    "the checkpoint of a discriminator is loaded without its head",
    "read",
    "write",
  ),
  async () => {
    const tensors: Tensors = {};
    const encoderTensors = goldenTensors(fixture, "electra.");
    for (const [name, tensor] of Object.entries(encoderTensors)) {
      tensors[name.replace(/LayerNorm\.weight$/, "LayerNorm.gamma")] = tensor;
    }
    const one = { dtype: "F32" as const, shape: [1], data: Float32Array.of(1) };
    for (
      const name of [
        "discriminator_predictions.dense.weight",
        "generator_predictions.LayerNorm.weight",
        "generator_lm_head.bias",
        "electra.embeddings.position_ids",
      ]
    ) tensors[name] = one;
    await using folder = await modelFolder(tensors, fixture.config);
    const encoder = await AutoModel.fromPretrained(folder.path, { device });
    assertEquals(encoder.constructor, ElectraModel);
    assertEquals(encoder.loadReport, undefined);
    const { electra } = goldenModel(
      ElectraForSequenceClassification,
      fixture,
    ) as ElectraForSequenceClassification;
    assertSameValues(await weightsOf(encoder), await weightsOf(electra));
    const model = await AutoModelForSequenceClassification
      .fromPretrained(folder.path, { device });
    assertEquals(
      [...model.loadReport!.matchAll(/^(\S+) +\| MISSING$/gm)].length,
      4,
    );
  },
);
