import {
  assertEquals,
  assertNotEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import {
  AutoModelForSequenceClassification,
  BertConfig,
  type BertConfigOptions,
  BertForSequenceClassification,
  BertModel,
  type FromPretrainedOptions,
  loadSafetensors,
} from "../../mod.ts";
import odd from "../fixtures/odd_bert.json" with { type: "json" };
import tiny from "../fixtures/tiny_bert.json" with { type: "json" };
import { assertAllClose, GOLDEN_LOGITS } from "../helpers/all_close.ts";
import { device } from "../helpers/device.ts";
import { needs } from "../helpers/permissions.ts";
import { type TempFolder, tempFolder } from "../helpers/temp_folder.ts";
import {
  assertSameValues,
  batchOf,
  modelOf,
  tensorsOf,
  weightsOf,
} from "./fixture_model.ts";
import { bytesOf, modelFolder, renamed, type Tensors } from "./model_folder.ts";

const fromPretrained = (
  path: string,
  options: FromPretrainedOptions<BertConfigOptions>,
) => BertForSequenceClassification.fromPretrained(path, options);

async function oddLogitsOf(
  model: BertForSequenceClassification,
): Promise<Float32Array> {
  using _scope = device.scope();
  return await model.forward(batchOf(odd.batch)).logits.toArray();
}

Deno.test(
  needs(
    "savePretrained() writes what loads as the same model",
    "read",
    "write",
  ),
  async () => {
    await using first = await modelFolder(bytesOf(odd), odd.config);
    await using second = await tempFolder();
    const model = await fromPretrained(first.path, { device });
    assertEquals(model.training, false);
    assertEquals(model.bert.training, false);
    assertEquals(model.loadReport, undefined);
    const logits = await oddLogitsOf(model);
    assertAllClose(logits, odd.logits.flat(), GOLDEN_LOGITS);

    const read = (path: string) =>
      Promise.all([
        Deno.readFile(`${path}/model.safetensors`),
        Deno.readTextFile(`${path}/config.json`),
      ]);
    await model.savePretrained(second.path);
    const [weights, config] = await read(second.path);
    // As written by save_pretrained of transformers, with its order and metadata.
    assertEquals(weights, bytesOf(odd));
    assertEquals(JSON.parse(config), {
      ...odd.config,
      "problem_type": "single_label_classification",
    });

    const again = await fromPretrained(second.path, { device });
    assertEquals(await oddLogitsOf(again), logits);
    await again.savePretrained(`${second.path}/nested/again`);
    assertEquals(await read(`${second.path}/nested/again`), [weights, config]);
  },
);

Deno.test(
  needs(
    "fromPretrained() reads checkpoints with other tensor names",
    "read",
    "write",
  ),
  async (t) => {
    const i64 = { shape: [1, 64], data: new BigInt64Array(64) };
    const cases: Record<string, Tensors> = {
      "gamma and beta, as TensorFlow has them": renamed((name) =>
        name.replace("LayerNorm.weight", "LayerNorm.gamma")
          .replace("LayerNorm.bias", "LayerNorm.beta")
      ),
      "without the prefix bert.": renamed((name) =>
        name.replace(/^bert\./, "")
      ),
      "with heads of pre-training and positions": {
        ...renamed((name) => name),
        "bert.embeddings.position_ids": i64,
        "cls.predictions.bias": { shape: [120], data: new Float32Array(120) },
        "cls.seq_relationship.weight": {
          shape: [2, 32],
          data: new Float32Array(64),
        },
      },
    };
    const expected = await weightsOf(modelOf(tiny));
    for (const [name, tensors] of Object.entries(cases)) {
      await t.step(name, async () => {
        await using folder = await modelFolder(tensors);
        const model = await fromPretrained(folder.path, { device });
        assertEquals(model.loadReport, undefined);
        assertSameValues(await weightsOf(model), expected);
      });
    }
  },
);

Deno.test(
  needs("fromPretrained() widens F16 and BF16", "read", "write"),
  async (t) => {
    /** Narrow numbers, and the f32 numbers that they mean. */
    const narrow = {
      F16: (data: Float32Array) => {
        const half = Float16Array.from(data);
        return [new Uint16Array(half.buffer), Float32Array.from(half)] as const;
      },
      BF16: (data: Float32Array) => {
        const upper = Uint32Array.from(
          new Uint32Array(data.slice().buffer),
          (bits) => bits >>> 16 << 16,
        );
        return [
          Uint16Array.from(upper, (bits) => bits >>> 16),
          new Float32Array(upper.buffer),
        ] as const;
      },
    };
    for (const [dtype, cast] of Object.entries(narrow)) {
      await t.step(dtype, async () => {
        const tensors: Tensors = {};
        const expected: Record<string, Float32Array> = {};
        for (const [name, { shape, data }] of loadSafetensors(bytesOf(tiny))) {
          const [bits, values] = cast(data as Float32Array);
          tensors[name] = { dtype: dtype as "F16", shape, data: bits };
          expected[name] = values;
        }
        await using folder = await modelFolder(tensors);
        const model = await fromPretrained(folder.path, { device });
        assertSameValues(await weightsOf(model), expected);
      });
    }
  },
);

Deno.test(
  needs(
    "fromPretrained() reports missing and unexpected tensors",
    "read",
    "write",
  ),
  async () => {
    const isMissing = (name: string) => /^classifier|pooler/.test(name);
    const tensors = renamed((name) => isMissing(name) ? undefined : name);
    const extra = { shape: [1], data: new Float32Array(1) };
    for (const layer of [0, 1]) {
      tensors[`bert.encoder.layer.${layer}.adapter.weight`] = extra;
    }
    await using folder = await modelFolder(tensors);
    const load = (seed: number) =>
      fromPretrained(folder.path, { device, seed, numLabels: 3 });
    const model = await load(5);
    assertEquals(
      model.loadReport,
      `BertForSequenceClassification LOAD REPORT from: ${folder.path}
Key                                      | Status
-----------------------------------------+-----------
bert.encoder.layer.{0, 1}.adapter.weight | UNEXPECTED
bert.pooler.dense.weight                 | MISSING
bert.pooler.dense.bias                   | MISSING
classifier.weight                        | MISSING
classifier.bias                          | MISSING

Notes:
- UNEXPECTED: can be ignored when loading from different task/architecture; not ok if you expect identical arch.
- MISSING: those params were newly initialized because missing from the checkpoint. Consider training on your downstream task.`,
    );
    assertEquals(model.config.numLabels, 3);
    assertEquals(model.classifier.weight.shape, [3, 32]);
    const weights = await weightsOf(model);
    for (const [name, values] of Object.entries(tensorsOf(tiny.weights))) {
      if (!isMissing(name)) assertEquals(weights[name], values, name);
    }
    assertSameValues(await weightsOf(await load(5)), weights);
    assertNotEquals(
      (await weightsOf(await load(6)))["classifier.weight"],
      weights["classifier.weight"],
    );
  },
);

Deno.test(
  needs(
    "BertModel.fromPretrained() takes the encoder of any checkpoint",
    "read",
    "write",
  ),
  async () => {
    const batch = batchOf(tiny.batches[0]!);
    const vectorsOf = async (model: BertModel) => {
      using _scope = device.scope();
      return await model.forward(batch).poolerOutput.toArray();
    };
    const expected = await vectorsOf(modelOf(tiny).bert);
    const bare = renamed((name) => /^bert\.(.*)/.exec(name)?.[1]);
    for (const weights of [bare, bytesOf(tiny)]) {
      await using folder = await modelFolder(weights);
      const model = await BertModel.fromPretrained(folder.path, { device });
      assertEquals(model.training, false);
      assertEquals(await vectorsOf(model), expected);
    }
  },
);

Deno.test(
  needs(
    "fromPretrained() takes rates and labels of the caller",
    "read",
    "write",
  ),
  async () => {
    await using folder = await modelFolder(bytesOf(tiny));
    const id2label = { 0: "different", 1: "equivalent" };
    const { config } = await fromPretrained(folder.path, {
      device,
      id2label,
      config: { hiddenDropoutProb: 0.25 },
    });
    assertEquals(config.id2label, id2label);
    assertEquals(config.hiddenDropoutProb, 0.25);
    assertEquals(config.hiddenSize, tiny.config.hidden_size);
  },
);

Deno.test(
  needs("fromPretrained() says what is wrong with a folder", "read", "write"),
  async (t) => {
    const whole = bytesOf(tiny);
    const remedy =
      ": make the model with the sizes of the checkpoint (config.json has them, numLabels those of a classifier), or load another checkpoint";
    const cases: [
      name: string,
      folder: () => Promise<TempFolder>,
      numLabels: number | undefined,
      type: ErrorConstructor,
      message: string,
    ][] = [
      [
        "no config.json",
        tempFolder,
        undefined,
        Error,
        "Cannot read FOLDER/config.json: there is no such file: a model folder needs config.json, model.safetensors and tokenizer.json",
      ],
      [
        "another number of labels",
        () => modelFolder(whole),
        3,
        RangeError,
        `Cannot load FOLDER: classifier.bias is [2] in model.safetensors and [3] in the model; classifier.weight is [2,32] in model.safetensors and [3,32] in the model${remedy}`,
      ],
      [
        "a config of another model",
        () => modelFolder(whole, { ...tiny.config, "vocab_size": 121 }),
        undefined,
        RangeError,
        `Cannot load FOLDER: bert.embeddings.word_embeddings.weight is [120,32] in model.safetensors and [121,32] in the model${remedy}`,
      ],
      [
        "a config of more layers",
        () => modelFolder(whole, { ...tiny.config, "num_hidden_layers": 3 }),
        undefined,
        RangeError,
        "Cannot load FOLDER: its weights lack bert.encoder.layer.2.attention.self.query.weight and 15 more of the layers that config.json asks for: correct the number of layers there, or load a whole checkpoint",
      ],
      [
        "another architecture",
        () => modelFolder(whole, { ...tiny.config, "model_type": "gpt2" }),
        undefined,
        SyntaxError,
        'Cannot read FOLDER/config.json: its model_type is "gpt2", this class reads "bert": name the folder of such a model, or use AutoModelForSequenceClassification',
      ],
      [
        "a torn file",
        () => modelFolder(whole.subarray(0, whole.length - 100)),
        undefined,
        SyntaxError,
        `Cannot read FOLDER/model.safetensors: its header describes ${whole.length} bytes, but the file has ${
          whole.length - 100
        }: it is truncated; copy or download it again`,
      ],
      [
        "tensors of something else",
        () => modelFolder({ x: { shape: [1], data: new Float32Array(1) } }),
        undefined,
        RangeError,
        "Cannot load FOLDER: none of its 1 tensors matches this model, which has bert.embeddings.word_embeddings.weight and 40 more: load a checkpoint of the same architecture",
      ],
    ];
    for (const [name, make, numLabels, type, message] of cases) {
      await t.step(name, async () => {
        await using folder = await make();
        const error = await assertRejects(
          () =>
            fromPretrained(folder.path, {
              device,
              ...numLabels === undefined ? {} : { numLabels },
            }),
          type,
        );
        assertEquals(error.message.replace(folder.path, "FOLDER"), message);
      });
    }
  },
);

Deno.test(
  needs("fromPretrained() names weights that are not finite", "read", "write"),
  async () => {
    const tensors = renamed((name) => name);
    for (const name of ["classifier.weight", "bert.pooler.dense.bias"]) {
      const { shape, data } = tensors[name]!;
      const values = Float32Array.from(data as Float32Array);
      values[1] = name === "classifier.weight" ? NaN : -Infinity;
      tensors[name] = { shape, data: values };
    }
    await using folder = await modelFolder(tensors);
    const { loadReport } = await fromPretrained(folder.path, { device });
    assertEquals(loadReport?.match(/^\S+ +\| NOT FINITE$/gm), [
      "bert.pooler.dense.bias | NOT FINITE",
      "classifier.weight      | NOT FINITE",
    ]);
    assertStringIncludes(loadReport!, "- NOT FINITE: those params have values");
  },
);

Deno.test(
  needs("fromPretrained() and fromConfig() say how to pass a device", "read"),
  async (t) => {
    const cases: [options: unknown, reason: string][] = [
      [undefined, "its device is undefined"],
      [{}, "its device is undefined"],
      [{ device: "cuda" }, 'its device is the string "cuda"'],
      [{ device: Promise.resolve(device) }, "its device is a promise"],
      [device, "its options are a Device, not an object"],
      ["cuda", 'its options are the string "cuda", not an object'],
    ];
    const config = new BertConfig({ hiddenSize: 8, numAttentionHeads: 2 });
    for (const [options, reason] of cases) {
      const given = options as { device: typeof device };
      const remedy = `${reason}; pass { device: await requestDevice() }`;
      await t.step(reason, async () => {
        assertThrows(
          () => BertModel.fromConfig(config, given),
          TypeError,
          `Cannot make a model: ${remedy}`,
        );
        const path = "data/model";
        const loads = [
          () => BertModel.fromPretrained(path, given),
          () => AutoModelForSequenceClassification.fromPretrained(path, given),
        ];
        for (const load of loads) {
          const message = `Cannot load a model: ${remedy}`;
          await assertRejects(load, TypeError, message);
        }
      });
    }
  },
);
