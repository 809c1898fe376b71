import { assertEquals, assertThrows } from "@std/assert";
import {
  AutoModel,
  HostTensor,
  MPNetConfig,
  MPNetForSequenceClassification,
  MPNetModel,
} from "../../../mod.ts";
import { relativePositionBucket } from "../../../lib/models/mpnet/mpnet_config.ts";
import { device } from "../../helpers/device.ts";
import { needs } from "../../helpers/permissions.ts";
import { weightsOf } from "../fixture_model.ts";
import fixture from "../fixtures/mpnet.json" with { type: "json" };
// Made by transformers: tests/models/fixtures/make_relative_buckets.py.
import buckets from "../fixtures/relative_buckets.json" with { type: "json" };
import { goldenModel, goldenTensors } from "../golden_fixture.ts";
import { modelFolder } from "../model_folder.ts";

Deno.test("relativePositionBucket() is that of transformers", () => {
  const longest = (buckets.mpnet.length + 1) / 2;
  buckets.mpnet.forEach((bucket, i) => {
    const distance = i + 1 - longest;
    assertEquals(relativePositionBucket(distance), bucket, `${distance}`);
  });
});

Deno.test("new MPNetConfig() has the defaults of transformers", () => {
  // Source: transformers 5.23.0, MPNetConfig().
  const json = new MPNetConfig().toJson("MPNetModel");
  assertEquals(
    [json.vocab_size, json.pad_token_id, json.relative_attention_num_buckets],
    [30527, 1, 32],
  );
  assertEquals(json.layer_norm_eps, 1e-12);
  assertEquals("type_vocab_size" in json, false);
  assertEquals(new MPNetConfig().maxSeqLength, 510);
});

Deno.test("MPNetConfig refuses what transformers cannot compute", () => {
  for (
    const [options, message] of [
      [{ padTokenId: 0 }, "padTokenId is 0, and MPNet pads with 1"],
      [
        { relativeAttentionNumBuckets: 31 },
        "relativeAttentionNumBuckets is 31, and distances have 32 buckets",
      ],
      [
        { maxPositionEmbeddings: 2 },
        "maxPositionEmbeddings is 2, and positions begin at 2",
      ],
    ] as const
  ) {
    assertThrows(
      () => new MPNetConfig(options),
      RangeError,
      `Cannot make an MPNetConfig: ${message}`,
    );
  }
});

Deno.test("an MPNet may have more buckets than distances use", () => {
  using _scope = device.scope();
  const config = new MPNetConfig({
    vocabSize: 20,
    hiddenSize: 16,
    numHiddenLayers: 1,
    numAttentionHeads: 2,
    intermediateSize: 8,
    maxPositionEmbeddings: 8,
    relativeAttentionNumBuckets: 40,
  });
  const model = MPNetModel.fromConfig(config, { device });
  const { lastHiddenState } = model.encode({
    inputIds: HostTensor.from([[0, 9, 2]]),
    tokenTypeIds: HostTensor.from([[0, 0, 1]]), // ignored
    attentionMask: HostTensor.from([[1, 1, 1]]),
  });
  assertEquals(lastHiddenState.shape, [3, 16]);
});

Deno.test("an MPNet refuses rows with masked tokens between others", () => {
  using _scope = device.scope();
  const model = goldenModel(MPNetForSequenceClassification, fixture);
  assertThrows(
    () =>
      model.forward({
        inputIds: HostTensor.from([[0, 9, 2]]),
        tokenTypeIds: HostTensor.from([[0, 0, 0]]),
        attentionMask: HostTensor.from([[1, 0, 1]]),
      }),
    RangeError,
    "Cannot encode row 0 of a batch: its mask has a zero before its last token",
  );
});

Deno.test(
  needs(
    "the checkpoint of a pre-trained MPNet is loaded without pooler and head",
    "read",
    "write",
  ),
  async () => {
    const tensors = goldenTensors(fixture, "mpnet.");
    const one = { dtype: "F32" as const, shape: [1], data: Float32Array.of(1) };
    for (
      const name of [
        "lm_head.dense.weight",
        "mpnet.pooler.dense.weight",
        "mpnet.embeddings.position_ids",
      ]
    ) tensors[name] = one;
    await using folder = await modelFolder(tensors, fixture.config);
    const encoder = await AutoModel.fromPretrained(folder.path, { device });
    assertEquals(encoder.constructor, MPNetModel);
    assertEquals(encoder.loadReport, undefined);
    assertEquals(
      Object.keys(await weightsOf(encoder)).length,
      Object.keys(fixture.parameters).length - 4,
    );
  },
);
