// The checkpoints are transformers': tests/fixtures/make_pretraining.py.
import {
  assert,
  assertEquals,
  assertNotEquals,
  assertThrows,
} from "@std/assert";
import {
  BertForMaskedLM,
  BertForPreTraining,
  BertForSequenceClassification,
  BertModel,
} from "../../../mod.ts";
import preTraining from "../../fixtures/pre_training.json" with {
  type: "json",
};
import { device } from "../../helpers/device.ts";
import { needs } from "../../helpers/permissions.ts";
import { tempFolder } from "../../helpers/temp_folder.ts";
import { assertSameValues, tensorsOf, weightsOf } from "../fixture_model.ts";
import { bytesOf, modelFolder } from "../model_folder.ts";
import { batchesOf, modelOf, PRETRAINING } from "./pretraining_model.ts";

const WEIGHTS = tensorsOf(preTraining.weights);

Deno.test(
  needs(
    "a model that finds masked words is saved as transformers saves it",
    "read",
    "write",
  ),
  async (t) => {
    for (const { Model, fixture } of PRETRAINING) {
      await t.step(Model.architecture, async () => {
        await using folder = await modelFolder(
          bytesOf(fixture),
          fixture.config,
        );
        await using saved = await tempFolder();
        const model = await Model.fromPretrained(folder.path, { device });
        assertEquals(model.training, false);
        assertEquals(model.loadReport, undefined);
        await model.savePretrained(saved.path);
        assertEquals(
          await Deno.readFile(`${saved.path}/model.safetensors`),
          bytesOf(fixture),
        );
        const { id2label: _, label2id: __, ...config } = JSON.parse(
          await Deno.readTextFile(`${saved.path}/config.json`),
        );
        assertEquals(config, fixture.config);
      });
    }
  },
);

Deno.test(
  needs(
    "a classifier takes encoder and pooler of a pretrained model, and is new itself",
    "read",
    "write",
  ),
  async () => {
    await using folder = await modelFolder(
      bytesOf(preTraining),
      preTraining.config,
    );
    const model = await BertForSequenceClassification.fromPretrained(
      folder.path,
      { device, numLabels: 2 },
    );
    const lines = model.loadReport!.split("\n");
    assertEquals(
      lines.filter((line) => / \| [MU]/.test(line)),
      ["classifier.weight | MISSING", "classifier.bias   | MISSING"],
    );
    const { classifier: _, ...weights } = Object.groupBy(
      Object.entries(await weightsOf(model)),
      ([name]) => name.split(".")[0]!,
    );
    const expected = Object.entries(WEIGHTS)
      .filter(([name]) => name.startsWith("bert."));
    assert(expected.some(([name]) => name === "bert.pooler.dense.weight"));
    assertSameValues(
      Object.fromEntries(weights.bert!),
      Object.fromEntries(expected),
    );
  },
);

Deno.test(
  needs(
    "BertForMaskedLM takes its part of a model with both heads, and reports the pooler",
    "read",
    "write",
  ),
  async () => {
    await using folder = await modelFolder(
      bytesOf(preTraining),
      preTraining.config,
    );
    const model = await BertForMaskedLM.fromPretrained(folder.path, { device });
    assertEquals(
      model.loadReport!.split("\n").filter((line) => / \| [MU]/.test(line)),
      [
        "bert.pooler.dense.bias   | UNEXPECTED",
        "bert.pooler.dense.weight | UNEXPECTED",
      ],
    );
    for (const [name, values] of Object.entries(await weightsOf(model))) {
      assertEquals(values, WEIGHTS[name], name);
    }
  },
);

Deno.test(
  needs(
    "the encoder of a pretrained model is saved without its heads",
    "read",
    "write",
  ),
  async () => {
    await using folder = await tempFolder();
    await modelOf(PRETRAINING[1]).bert.savePretrained(folder.path);
    const bytes = await Deno.readFile(`${folder.path}/model.safetensors`);
    const config = JSON.parse(
      await Deno.readTextFile(`${folder.path}/config.json`),
    );
    assertEquals(config.architectures, ["BertModel"]);
    const encoder = Object.entries(WEIGHTS)
      .filter(([name]) => name.startsWith("bert."))
      .map(([name, values]) => [name.slice("bert.".length), values]);
    assertSameValues(
      tensorsOf(bytes.toBase64()),
      Object.fromEntries(encoder),
    );
    const { loadReport } = await BertForPreTraining.fromPretrained(
      folder.path,
      { device },
    );
    const missing = loadReport!.match(/^\S+(?= +\| MISSING$)/gm)!;
    assertEquals(missing.length, 7);
    assert(missing.every((name) => name.startsWith("cls.")));
  },
);

Deno.test("the initial values of both heads come from the seed", async () => {
  const { config } = modelOf(PRETRAINING[1]);
  const make = (seed: number) =>
    weightsOf(BertForPreTraining.fromConfig(config, { device, seed }));
  const weights = await make(3);
  assertSameValues(await make(3), weights);
  const others = await make(4);
  for (const [name, values] of Object.entries(weights)) {
    if (values.length > 100) assertNotEquals(others[name], values, name);
  }
  assertEquals(weights["cls.predictions.bias"], new Float32Array(60));
});

Deno.test("a model without a pooler encodes, and says that it does not pool", () => {
  const [golden] = PRETRAINING;
  const { config } = modelOf(golden);
  using _scope = device.scope();
  const model = BertModel.fromConfig(config, {
    device,
    addPoolingLayer: false,
  });
  const batch = batchesOf(golden)[0]!;
  const { lastHiddenState, indices } = model.encode(batch);
  assertEquals(lastHiddenState.shape, [indices.length, config.hiddenSize]);
  assertThrows(
    () => model.forward(batch),
    TypeError,
    "Cannot pool a batch: the model was made without a pooler; call encode, or make it with { addPoolingLayer: true }",
  );
});
