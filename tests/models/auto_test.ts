import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertRejects,
} from "@std/assert";
import * as architectures from "../../lib/models/architectures.ts";
import type { SequenceClassifierClass } from "../../lib/models/sequence_classification.ts";
import {
  AlbertForSequenceClassification,
  AutoConfig,
  AutoModel,
  AutoModelForSequenceClassification,
  BertForSequenceClassification,
  BertModel,
  DistilBertConfig,
  DistilBertForSequenceClassification,
  DistilBertModel,
  ElectraForSequenceClassification,
  ForSequenceClassification,
  loadSafetensors,
  RobertaForSequenceClassification,
  saveSafetensors,
} from "../../mod.ts";
import distilbert from "../fixtures/distilbert.json" with { type: "json" };
import tiny from "../fixtures/tiny_bert.json" with { type: "json" };
import { assertAllClose, GOLDEN_LOGITS } from "../helpers/all_close.ts";
import { device } from "../helpers/device.ts";
import { needs } from "../helpers/permissions.ts";
import { tempFolder } from "../helpers/temp_folder.ts";
import { assertSameValues, batchOf, weightsOf } from "./fixture_model.ts";
import {
  bytesOf,
  MODEL_TYPES,
  modelFolder,
  type Tensors,
} from "./model_folder.ts";

const { fromPretrained } = AutoModelForSequenceClassification;

const CASES = [
  {
    Model: BertForSequenceClassification,
    fixture: tiny,
    logits: tiny.firstBatch.logits,
    dropout: { hiddenDropoutProb: 0.5 },
  },
  {
    Model: DistilBertForSequenceClassification,
    fixture: distilbert,
    logits: distilbert.firstBatches[0]!.logits,
    dropout: { dropout: 0.5 },
  },
];

const ENCODERS = [
  { Model: BertModel, fixture: tiny, encoder: "bert" },
  { Model: DistilBertModel, fixture: distilbert, encoder: "distilbert" },
];

Deno.test(
  needs(
    "AutoModelForSequenceClassification.fromPretrained() loads the class that model_type names",
    "read",
    "write",
  ),
  async (t) => {
    for (const { Model, fixture, logits, dropout } of CASES) {
      await t.step(Model.name, async () => {
        await using folder = await modelFolder(
          bytesOf(fixture),
          fixture.config,
        );
        await using second = await tempFolder();
        const model = await fromPretrained(folder.path, {
          device,
          config: { hiddenDropoutProb: 0.5 }, // `dropout` of a DistilBERT
        });
        assert(model instanceof Model);
        assertEquals(model.training, false);
        assertEquals(model.loadReport, undefined);
        const [[name, rate]] = Object.entries(dropout) as [[string, number]];
        assertEquals(model.config[name as keyof typeof model.config], rate);
        using _scope = device.scope();
        const batch = batchOf(fixture.batches[0]!);
        const actual = await model.forward(batch).logits.toArray();
        assertAllClose(actual, logits.flat(), GOLDEN_LOGITS);

        await model.savePretrained(second.path);
        assertEquals(
          await Deno.readFile(`${second.path}/model.safetensors`),
          bytesOf(fixture), // what save_pretrained of transformers wrote
        );
        const again = await fromPretrained(second.path, { device });
        assert(again instanceof Model);
        assertSameValues(await weightsOf(again), await weightsOf(model));
      });
    }
  },
);

Deno.test(
  needs("a sharded checkpoint loads as a whole one does", "read", "write"),
  async () => {
    // As save_pretrained of transformers writes it, with a small max_shard_size.
    const tensors = [...loadSafetensors(bytesOf(distilbert))];
    const weightMap: Record<string, string> = {};
    await using folder = await modelFolder({}, distilbert.config);
    await Deno.remove(`${folder.path}/model.safetensors`);
    for (const shard of [1, 2, 3]) {
      const fileName = `model-0000${shard}-of-00003.safetensors`;
      const part = tensors.filter((_, i) => i % 3 === shard - 1);
      for (const [name] of part) weightMap[name] = fileName;
      await Deno.writeFile(
        `${folder.path}/${fileName}`,
        saveSafetensors(new Map(part), { format: "pt" }),
      );
    }
    await Deno.writeTextFile(
      `${folder.path}/model.safetensors.index.json`,
      JSON.stringify({ metadata: {}, "weight_map": weightMap }),
    );
    const model = await fromPretrained(folder.path, { device });
    assertEquals(model.loadReport, undefined);
    await model.savePretrained(folder.path);
    assertEquals(
      await Deno.readFile(`${folder.path}/model.safetensors`),
      bytesOf(distilbert),
    );
  },
);

Deno.test(
  needs(
    "a pretrained DistilBERT gets a new head, and its own is left out without a word",
    "read",
    "write",
  ),
  async () => {
    // The names of distilbert-base-uncased, which was trained to find words.
    const tensors: Tensors = {};
    for (const [name, tensor] of loadSafetensors(bytesOf(distilbert))) {
      if (name.startsWith("distilbert.")) tensors[name] = tensor;
    }
    const x = { shape: [1], data: new Float32Array(1) };
    for (const part of ["transform", "layer_norm", "projector"]) {
      tensors[`vocab_${part}.weight`] = x;
    }
    await using folder = await modelFolder(tensors, distilbert.config);
    const model = await fromPretrained(folder.path, { device, numLabels: 2 });
    assertEquals(
      model.loadReport,
      `DistilBertForSequenceClassification LOAD REPORT from: ${folder.path}
Key                   | Status
----------------------+-----------
pre_classifier.weight | MISSING
pre_classifier.bias   | MISSING
classifier.weight     | MISSING
classifier.bias       | MISSING

Notes:
- MISSING: those params were newly initialized because missing from the checkpoint. Consider training on your downstream task.`,
    );
    assert(model instanceof DistilBertForSequenceClassification);
    assertEquals(model.classifier.weight.shape, [2, 24]);
    const weights = await model.classifier.weight.toArray();
    assert(weights.some((value) => value !== 0));
    assert(weights.every((value) => Math.abs(value) < 5 * 0.02));
  },
);

Deno.test(
  needs(
    "a config that contradicts the weights of a DistilBERT is an error that names both",
    "read",
    "write",
  ),
  async (t) => {
    const cases: [Record<string, unknown>, string][] = [
      [
        { "hidden_dim": 44 },
        "distilbert.transformer.layer.0.ffn.lin1.bias is [40] in model.safetensors and [44] in the model; ",
      ],
      [
        { "n_layers": 3 },
        "its weights lack distilbert.transformer.layer.2.attention.q_lin.weight and 15 more of the layers that config.json asks for",
      ],
    ];
    for (const [changes, reason] of cases) {
      await t.step(Object.keys(changes)[0]!, async () => {
        const config = { ...distilbert.config, ...changes };
        await using folder = await modelFolder(bytesOf(distilbert), config);
        await assertRejects(
          () => fromPretrained(folder.path, { device }),
          RangeError,
          `Cannot load ${folder.path}: ${reason}`,
        );
      });
    }
  },
);

Deno.test(
  needs(
    "AutoModelForSequenceClassification.fromPretrained() guesses nothing",
    "read",
    "write",
  ),
  async (t) => {
    const { "model_type": _, ...nameless } = tiny.config;
    const cases: [Record<string, unknown>, string][] = [
      [
        { ...tiny.config, "model_type": "gpt2" },
        'its model_type "gpt2" is unknown',
      ],
      [
        { ...tiny.config, "model_type": "toString" },
        'its model_type "toString" is unknown',
      ],
      [{ ...tiny.config, "model_type": 7 }, "its model_type 7 is unknown"],
      [nameless, "it has no model_type"],
    ];
    for (const [config, reason] of cases) {
      await t.step(reason, async () => {
        await using folder = await modelFolder(bytesOf(tiny), config);
        const error = await assertRejects(
          () => fromPretrained(folder.path, { device }),
          SyntaxError,
        );
        assertEquals(
          error.message,
          `Cannot read ${folder.path}/config.json: ${reason}; supported are ${MODEL_TYPES}: name the folder of such a model`,
        );
      });
    }
  },
);

Deno.test(
  needs(
    "AutoConfig.fromPretrained() applies changes under their common names",
    "read",
    "write",
  ),
  async () => {
    await using folder = await modelFolder(
      bytesOf(distilbert),
      distilbert.config,
    );
    const config = await AutoConfig.fromPretrained(folder.path, {
      numLabels: 4,
      hiddenDropoutProb: 0.25,
    });
    assert(config instanceof DistilBertConfig);
    assertEquals([config.numLabels, config.dropout], [4, 0.25]);
    const model = AutoModelForSequenceClassification.fromConfig(config, {
      device,
    });
    assert(model instanceof DistilBertForSequenceClassification);
    assertEquals(model.classifier.weight.shape, [4, 24]);
  },
);

Deno.test("every sequence classifier has what Auto classes and the ONNX export need", () => {
  // A class without a part of it does not type-check here.
  const classes: SequenceClassifierClass[] = [
    AlbertForSequenceClassification,
    BertForSequenceClassification,
    DistilBertForSequenceClassification,
    ElectraForSequenceClassification,
    RobertaForSequenceClassification,
  ];
  const found = Object.values<unknown>(architectures)
    .filter((value): value is typeof ForSequenceClassification =>
      typeof value === "function" &&
      value.prototype instanceof ForSequenceClassification
    );
  for (const Model of classes) {
    assert(
      new Set<unknown>(found).has(Model),
      Model.configClass.spec.className,
    );
  }
  for (const { architecture, configClass, addToGraph } of found) {
    assertMatch(architecture, /ForSequenceClassification$/);
    assertNotEquals(addToGraph, ForSequenceClassification.addToGraph);
    const { className, modelType } = configClass.spec;
    assertEquals(
      architecture.replace("ForSequenceClassification", "Config"),
      className,
    );
    assertEquals(
      found.filter((other) => other.configClass.spec.modelType === modelType)
        .length,
      1,
      modelType,
    );
  }
});

Deno.test(
  needs(
    "AutoModel.fromPretrained() loads the encoder that model_type names, without its head",
    "read",
    "write",
  ),
  async (t) => {
    for (const { fixture, Model, encoder } of ENCODERS) {
      await t.step(Model.name, async () => {
        await using folder = await modelFolder(
          bytesOf(fixture),
          fixture.config,
        );
        const model = await AutoModel.fromPretrained(folder.path, { device });
        assert(model instanceof Model);
        assertEquals(model.training, false);
        const full = await fromPretrained(folder.path, { device });
        const weights = await weightsOf(full);
        const prefix = `${encoder}.`;
        assertSameValues(
          await weightsOf(model),
          Object.fromEntries(
            Object.entries(weights).filter(([name]) => name.startsWith(prefix))
              .map(([name, values]) => [name.slice(prefix.length), values]),
          ),
        );
        assertMatch(model.loadReport!, /^classifier\.weight +\| UNEXPECTED$/m);
        const again = AutoModel.fromConfig(model.config, { device });
        assert(again instanceof Model);
        assertEquals(again.training, true);
      });
    }
  },
);
