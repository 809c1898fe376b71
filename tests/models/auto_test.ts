import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  AutoModelForSequenceClassification,
  BertForSequenceClassification,
  DistilBertForSequenceClassification,
  loadSafetensors,
} from "../../mod.ts";
import distilbert from "../fixtures/distilbert.json" with { type: "json" };
import tiny from "../fixtures/tiny_bert.json" with { type: "json" };
import { assertAllClose, GOLDEN_LOGITS } from "../helpers/all_close.ts";
import { device } from "../helpers/device.ts";
import { needs } from "../helpers/permissions.ts";
import { tempFolder } from "../helpers/temp_folder.ts";
import { assertSameValues, batchOf, weightsOf } from "./fixture_model.ts";
import { bytesOf, modelFolder, type Tensors } from "./model_folder.ts";

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
          // Rates of both: each class takes its own.
          config: { hiddenDropoutProb: 0.5, dropout: 0.5 },
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
    assertEquals(model.classifier.weight.shape, [2, 24]);
    const weights = await model.classifier.weight.toArray();
    assert(weights.some((value) => value !== 0));
    assert(weights.every((value) => Math.abs(value) < 5 * 0.02));
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
        { ...tiny.config, "model_type": "roberta" },
        'its model_type "roberta" is unknown',
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
          `Cannot read ${folder.path}/config.json: ${reason}; there are "bert" and "distilbert": name the folder of such a model`,
        );
      });
    }
  },
);
