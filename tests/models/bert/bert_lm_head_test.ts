import { assertEquals, assertThrows } from "@std/assert";
import {
  type Batch,
  BertConfig,
  BertForMaskedLM,
  HostTensor,
} from "../../../mod.ts";
import maskedLm from "../../fixtures/masked_lm.json" with { type: "json" };
import { assertAllClose, BATCH_INVARIANCE } from "../../helpers/all_close.ts";
import { device } from "../../helpers/device.ts";
import { batchesOf, modelOf, PRETRAINING } from "./pretraining_model.ts";

const [golden] = PRETRAINING;
const model = modelOf(golden);
const BATCH: Batch = {
  inputIds: HostTensor.from([[2, 7, 3, 0], [2, 8, 9, 3]]),
  tokenTypeIds: HostTensor.from([[0, 0, 0, 0], [0, 0, 0, 0]]),
  attentionMask: HostTensor.from([[1, 1, 1, 0], [1, 1, 1, 1]]),
};

Deno.test("the head over the vocabulary has no matrix of its own", () => {
  const names = [...model.cls.namedParameters("cls.")].map(([name]) => name);
  assertEquals(names, [
    "cls.predictions.transform.dense.weight",
    "cls.predictions.transform.dense.bias",
    "cls.predictions.transform.LayerNorm.weight",
    "cls.predictions.transform.LayerNorm.bias",
    "cls.predictions.bias",
  ]);
});

Deno.test("the gradient of the tied word embeddings adds up over two steps", async () => {
  const { weight } = model.bert.embeddings.wordEmbeddings;
  const gradientOf = async (times: number) => {
    using _scope = device.scope();
    weight.grad = undefined;
    for (let i = 0; i < times; i++) {
      model.forward(batchesOf(golden)[0]!).loss!.backward();
    }
    return await weight.grad!.toArray();
  };
  const once = await gradientOf(1);
  assertAllClose(await gradientOf(2), once.map((g) => 2 * g), BATCH_INVARIANCE);
});

Deno.test("a batch says what is wrong with its labels", async (t) => {
  const cases: [string, number[] | number[][], string][] = [
    [
      "one a row",
      [1, 0],
      "Cannot compute the masked-LM loss: labels must be [2,4] like inputIds, not [2]",
    ],
    [
      "none",
      [[-100, -100, -100, -100], [-100, -100, -100, -100]],
      "Cannot compute the masked-LM loss: every label of the batch is -100; mask more tokens, or make the batches larger",
    ],
    [
      "one of padding",
      [[-100, 7, -100, 0], [-100, -100, -100, -100]],
      "Cannot compute the masked-LM loss: a position has a label and is 0 in attentionMask; label it -100",
    ],
    [
      "none of the vocabulary",
      [[-100, 61, -100, -100], [-100, -100, -100, -100]],
      "Cannot compute the masked-LM loss: labels has 61, the model takes 0 to 60 and -100; use the tokenizer of the model",
    ],
  ];
  for (const [name, labels, message] of cases) {
    await t.step(name, () => {
      using _scope = device.scope();
      const batch = { ...BATCH, labels: HostTensor.from(labels) };
      assertThrows(() => model.forward(batch), RangeError, message);
    });
  }
});

Deno.test("a decoder that is not tied to the word embeddings is refused", () => {
  const json = { ...maskedLm.config, "tie_word_embeddings": false };
  assertThrows(
    () => BertForMaskedLM.fromConfig(BertConfig.fromJson(json), { device }),
    RangeError,
    "tie_word_embeddings of its config.json is false",
  );
});
