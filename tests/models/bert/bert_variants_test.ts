// What differs among checkpoints in BERT's shape. The golden values are
// PyTorch's and transformers': tests/fixtures/make_bert_variants.py.
import { assertEquals, assertThrows } from "@std/assert";
import {
  type BertConfigOptions,
  BertForSequenceClassification,
  dataCollatorWithPadding,
  Tokenizer,
} from "../../../mod.ts";
import tiny from "../../fixtures/tiny_bert.json" with { type: "json" };
import fixture from "../../fixtures/bert_variants.json" with { type: "json" };
import {
  assertAllClose,
  GOLDEN_GRAD,
  GOLDEN_LOGITS,
  GOLDEN_LOSS,
} from "../../helpers/all_close.ts";
import { device } from "../../helpers/device.ts";
import { KERNEL_SETS } from "../../helpers/kernel_sets.ts";
import { needs } from "../../helpers/permissions.ts";
import {
  assertSameValues,
  batchOf,
  gradientsOf,
  modelOf,
  tensorsOf,
  weightsOf,
} from "../fixture_model.ts";
import { modelFolder, renamed } from "../model_folder.ts";

const batch = batchOf(fixture.batch);

Deno.test("a BERT of any hidden_act gives the logits, the loss and every gradient of transformers", async (t) => {
  const activations = Object.entries(fixture.activations);
  for (const { name: kernels, device } of KERNEL_SETS) {
    for (const [name, expected] of activations) {
      await t.step(`${name}, ${kernels} kernels`, async () => {
        const config = { ...fixture.config, "hidden_act": name };
        const model = modelOf({ ...fixture, config }, { device });
        using _scope = device.scope();
        const { loss, logits } = model.forward(batch);
        loss!.backward();
        assertAllClose(
          await logits.toArray(),
          expected.logits.flat(),
          GOLDEN_LOGITS,
          "logits",
        );
        assertAllClose(
          [await loss!.item()],
          [expected.loss],
          GOLDEN_LOSS,
          "loss",
        );
        const gradients = tensorsOf(expected.gradients);
        for (const [name, values] of Object.entries(await gradientsOf(model))) {
          assertAllClose(values, gradients[name]!, GOLDEN_GRAD, name);
        }
      });
    }
  }
});

Deno.test("a BERT with one token type refuses a second one", () => {
  // The golden model above has type_vocab_size 1, and its batch one type.
  assertEquals(fixture.config.type_vocab_size, 1);
  const model = modelOf(fixture);
  const types = fixture.batch.tokenTypeIds.map((row) => row.map(() => 1));
  assertThrows(
    () => model.forward(batchOf({ ...fixture.batch, tokenTypeIds: types })),
    RangeError,
    "tokenTypeIds has 1, the model takes 0 to 0",
  );
});

Deno.test("a cased tokenizer keeps capitals and accents, as in transformers", () => {
  const { tokenizer: content, tokenizerConfig, cases } = fixture.cased;
  const tokenizer = Tokenizer.fromJson(
    JSON.stringify(content),
    JSON.stringify(tokenizerConfig),
  );
  const rows = cases.map(({ text, pair }) => tokenizer.encode(text, pair));
  assertEquals(
    rows.map(({ inputIds, tokenTypeIds }) => [inputIds, tokenTypeIds]),
    cases.map(({ inputIds, tokenTypeIds }) => [inputIds, tokenTypeIds]),
  );
  const { inputIds } = dataCollatorWithPadding(tokenizer)(rows);
  assertEquals([...inputIds.data.slice(0, 8)], [...cases[0]!.inputIds, 0]);
});

Deno.test(
  needs(
    "a checkpoint without a pooler gets a new one, and says so",
    "read",
    "write",
  ),
  async () => {
    const tensors = renamed((name) => /pooler/.test(name) ? undefined : name);
    await using folder = await modelFolder(tensors);
    const load = (seed: number) =>
      BertForSequenceClassification.fromPretrained(folder.path, {
        device,
        seed,
      });
    const model = await load(1);
    assertEquals(
      model.loadReport?.match(/^\S+ +\| (?:MISSING|UNEXPECTED)$/gm),
      [
        "bert.pooler.dense.weight | MISSING",
        "bert.pooler.dense.bias   | MISSING",
      ],
    );
    const weights = await weightsOf(model);
    for (const [name, values] of Object.entries(tensorsOf(tiny.weights))) {
      if (!/pooler/.test(name)) assertEquals(weights[name], values, name);
    }
    assertSameValues(await weightsOf(await load(1)), weights);
  },
);

Deno.test("classifier_dropout drops before the classifier", async () => {
  const logitsOf = async (config: BertConfigOptions) => {
    using _scope = device.scope();
    return await modelOf(fixture, { config }).forward(batch).logits.toArray();
  };
  const { logits } = fixture.activations.gelu;
  const none = await logitsOf({ classifierDropout: 0 });
  assertAllClose(none, logits.flat(), GOLDEN_LOGITS);
  // A classifier that is given nothing answers with its bias.
  const bias = [...tensorsOf(fixture.weights)["classifier.bias"]!];
  const almostAll = await logitsOf({ classifierDropout: 1 - 2 ** -20 });
  assertAllClose(almostAll, logits.flatMap(() => bias), GOLDEN_LOGITS);
});
