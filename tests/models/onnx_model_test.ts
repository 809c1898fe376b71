// The golden values are PyTorch's and transformers': see the fixtures' programs.
// The files run in tests/onnx/interpreter.ts.
import { assertEquals, assertRejects } from "@std/assert";
import { type OnnxDtype, OnnxModel } from "../../mod.ts";
import { loadOnnxProto } from "../../lib/onnx/proto.ts";
import distilBert from "../fixtures/distilbert.json" with { type: "json" };
import holes from "../fixtures/holes.json" with { type: "json" };
import tiny from "../fixtures/tiny_bert.json" with { type: "json" };
import variants from "../fixtures/bert_variants.json" with { type: "json" };
import {
  assertAllClose,
  ONNX_FP16,
  ONNX_FP32,
  ONNX_Q8,
} from "../helpers/all_close.ts";
import { needs } from "../helpers/permissions.ts";
import { batchOf, type FixtureBatch } from "./fixture_model.ts";
import { bytesOf, MODEL_TYPES, modelFolder, renamed } from "./model_folder.ts";
import { exported, type Fixture, logitsOf } from "../onnx/exported.ts";

/** A model, a batch and its logits. */
interface Golden {
  readonly name: string;
  readonly fixture: Fixture;
  readonly batch: FixtureBatch;
  readonly logits: number[][];
}

const BERT: Golden = {
  name: "a BERT",
  fixture: tiny,
  batch: tiny.batches[0]!,
  logits: tiny.firstBatch.logits,
};
const DISTILBERT: Golden = {
  name: "a DistilBERT",
  fixture: distilBert,
  batch: distilBert.batches[0]!,
  logits: distilBert.firstBatches[0]!.logits,
};

Deno.test(
  needs("OnnxModel writes a model that gives its logits", "read", "write"),
  async (t) => {
    const activations = Object.entries(variants.activations).map((
      [activation, { logits }],
    ): Golden => ({
      name: `a BERT with one token type and ${activation}`,
      fixture: {
        ...variants,
        config: { ...variants.config, "hidden_act": activation },
      },
      batch: variants.batch,
      logits,
    }));
    const masked = { ...BERT, ...holes, name: "a mask with holes" };
    for (const golden of [BERT, DISTILBERT, masked, ...activations]) {
      const { name, fixture, batch, logits } = golden;
      await t.step(name, async () => {
        const actual = await logitsOf(await exported(fixture), batchOf(batch));
        assertAllClose(actual, logits.flat(), ONNX_FP32);
      });
    }
    for (
      const [dtype, tolerance] of [["fp16", ONNX_FP16], [
        "q8",
        ONNX_Q8,
      ]] as const
    ) {
      for (const { name, fixture, batch, logits } of [BERT, DISTILBERT]) {
        await t.step(`${name} in ${dtype}`, async () => {
          const file = await exported(fixture, dtype);
          const actual = await logitsOf(file, batchOf(batch));
          assertAllClose(actual, logits.flat(), tolerance);
        });
      }
    }
  },
);

Deno.test(
  needs(
    "OnnxModel names inputs and outputs as transformers does",
    "read",
    "write",
  ),
  async () => {
    const { decode } = await loadOnnxProto();
    const describe = async (fixture: Fixture, dtype: OnnxDtype) => {
      const { irVersion, opsetImport, graph } = decode(
        await exported(fixture, dtype),
      );
      assertEquals([irVersion, opsetImport], [8, [{
        domain: "",
        version: 17,
      }]]);
      return [...graph!.input, ...graph!.output].map(({ name, type }) => {
        const { elemType, shape } = type.tensorType;
        return [name, elemType, ...shape.dim];
      });
    };
    const [FLOAT, INT64] = [1, 7]; // TensorProto.DataType
    const free = [
      { dimParam: "batch_size" },
      { dimParam: "sequence_length" },
    ];
    for (const dtype of ["fp32", "fp16", "q8"] as const) {
      assertEquals(await describe(tiny, dtype), [
        ["input_ids", INT64, ...free],
        ["attention_mask", INT64, ...free],
        ["token_type_ids", INT64, ...free],
        ["logits", FLOAT, free[0], { dimValue: 2 }],
      ]);
      assertEquals(await describe(distilBert, dtype), [
        ["input_ids", INT64, ...free],
        ["attention_mask", INT64, ...free],
        ["logits", FLOAT, free[0], { dimValue: 3 }],
      ]);
    }
  },
);

Deno.test(
  needs(
    "OnnxModel keeps the weights in the type that was asked for",
    "read",
    "write",
  ),
  async () => {
    const { decode } = await loadOnnxProto();
    const bytes = async (dtype: OnnxDtype) => {
      const { graph } = decode(await exported(tiny, dtype));
      const { rawData } = graph!.initializer!.find(({ name }) =>
        name.startsWith("bert.encoder.layer.0.intermediate.dense.weight")
      )!;
      return rawData!.length;
    };
    const { hidden_size: H, intermediate_size: I } = tiny.config;
    assertEquals(await bytes("fp32"), 4 * H * I);
    assertEquals(await bytes("fp16"), 2 * H * I);
    assertEquals(await bytes("q8"), H * I);
  },
);

Deno.test(
  needs(
    "OnnxModel puts each file where transformers.js looks for it",
    "read",
    "write",
  ),
  async () => {
    await using folder = await modelFolder(bytesOf(tiny));
    using model = await OnnxModel.fromPretrained(folder.path);
    for (const dtype of ["fp32", "fp16", "q8"] as const) {
      await model.savePretrained(`${folder.path}/`, { dtype });
    }
    const names = Array.fromAsync(
      Deno.readDir(`${folder.path}/onnx`),
      ({ name }) => name,
    );
    assertEquals(
      (await names).sort(),
      ["model.onnx", "model_fp16.onnx", "model_quantized.onnx"],
    );
  },
);

Deno.test(
  needs(
    "OnnxModel writes the same bytes for the same weights, whatever their names",
    "read",
    "write",
  ),
  async () => {
    await using folder = await modelFolder(
      renamed((name) => name.replace(/LayerNorm\.weight$/, "LayerNorm.gamma")),
    );
    using model = await OnnxModel.fromPretrained(folder.path);
    const file = await model.savePretrained(folder.path);
    assertEquals(await Deno.readFile(file), await exported(tiny));
  },
);

Deno.test(
  needs(
    "OnnxModel refuses weights that do not fit config.json",
    "read",
    "write",
  ),
  async (t) => {
    const cases = [{
      name: "an unknown architecture",
      config: { ...tiny.config, "model_type": "gpt2" },
      error: SyntaxError,
      message:
        `its model_type "gpt2" is unknown; supported are ${MODEL_TYPES}: name the folder of such a model`,
    }, {
      name: "no architecture",
      config: { ...tiny.config, "model_type": undefined },
      error: SyntaxError,
      message: "it has no model_type",
    }, {
      name: "another number of labels",
      config: {
        ...tiny.config,
        "id2label": { 0: "a", 1: "b", 2: "c" },
        "label2id": { a: 0, b: 1, c: 2 },
      },
      error: RangeError,
      message: "classifier.weight is [2,32] in model.safetensors and [3,32]",
    }, {
      name: "fewer layers",
      config: { ...tiny.config, "num_hidden_layers": 1 },
      error: RangeError,
      message:
        "its weights have bert.encoder.layer.1.attention.output.LayerNorm.bias and 15 more, which the model of its config.json does not have",
    }, {
      name: "more layers",
      config: { ...tiny.config, "num_hidden_layers": 3 },
      error: RangeError,
      message:
        "its weights lack bert.encoder.layer.2.attention.self.query.weight and 15 more: train the model first, or correct its config.json",
    }];
    for (const { name, config, error, message } of cases) {
      await t.step(name, async () => {
        await using folder = await modelFolder(bytesOf(tiny), config);
        await assertRejects(
          () => OnnxModel.fromPretrained(folder.path),
          error,
          message,
        );
      });
    }
    await t.step("no head", async () => {
      await using folder = await modelFolder(
        renamed((name) => name.startsWith("classifier") ? undefined : name),
      );
      await assertRejects(
        () => OnnxModel.fromPretrained(folder.path),
        RangeError,
        "its weights lack classifier.weight and 1 more",
      );
    });
  },
);

Deno.test(
  needs(
    "OnnxModel leaves no partial file",
    "read",
    "write",
  ),
  async (t) => {
    const scaled = (factor: number) => {
      const tensors = renamed((name) => name);
      const { data } = tensors["bert.pooler.dense.weight"]!;
      (data as Float32Array)[5]! *= factor;
      return tensors;
    };
    const empty = async (path: string) => {
      const names = await Array.fromAsync(Deno.readDir(`${path}/onnx`));
      assertEquals(names, []);
    };
    await t.step("a weight beyond f16", async () => {
      await using folder = await modelFolder(scaled(1e9));
      using model = await OnnxModel.fromPretrained(folder.path);
      await assertRejects(
        () => model.savePretrained(folder.path, { dtype: "fp16" }),
        RangeError,
        "is not within ±65504: export fp32 or q8",
      );
      await empty(folder.path);
    });
    for (const dtype of ["fp32", "fp16", "q8"] as const) {
      await t.step(`a weight that is infinite, ${dtype}`, async () => {
        await using folder = await modelFolder(scaled(Infinity));
        using model = await OnnxModel.fromPretrained(folder.path);
        await assertRejects(
          () => model.savePretrained(folder.path, { dtype }),
          RangeError,
          `Cannot export ${folder.path}: bert.pooler.dense.weight has values that are NaN or infinite`,
        );
        await empty(folder.path);
      });
    }
    await t.step("an interruption", async () => {
      await using folder = await modelFolder(bytesOf(tiny));
      using model = await OnnxModel.fromPretrained(folder.path);
      const signal = AbortSignal.abort();
      await assertRejects(() => model.savePretrained(folder.path, { signal }));
      await empty(folder.path);
    });
  },
);
