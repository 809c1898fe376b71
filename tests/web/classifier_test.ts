import { assert, assertEquals, assertNotEquals } from "@std/assert";
import {
  AutoModelForSequenceClassification,
  type Encoding,
} from "../../mod.ts";
import { softmax } from "../../scripts/inference/logits.ts";
import { Classifier } from "../../web/worker/classifier.ts";
import { wordsOf } from "../../web/worker/tokens.ts";
import { assertAllClose } from "../helpers/all_close.ts";
import { device } from "../helpers/device.ts";
import { needs } from "../helpers/permissions.ts";
import { BATCH_INVARIANCE, WORD_WEIGHTS } from "../helpers/tolerances.ts";
import { tinyFiles, tokenizer } from "./tiny_model.ts";

async function classifier(): Promise<Classifier> {
  const model = await AutoModelForSequenceClassification.fromPretrained(
    await tinyFiles(),
    { device, numLabels: 3, newHead: true },
  );
  return new Classifier({
    device,
    model,
    tokenizer: await tokenizer(),
    maxLength: 32,
  });
}

Deno.test(
  needs(
    "Classifier.probabilities() keeps the order of the texts, in several batches",
    "read",
  ),
  async () => {
    const own = await classifier();
    const texts = Array.from(
      { length: 40 },
      (_, i) => ["rain ".repeat(i % 7 + 1)],
    );
    const all = await own.probabilities(texts);
    assertEquals(all.length, 40);
    const [alone] = await own.probabilities([texts[33]!]);
    assertAllClose(all[33]!, alone!, BATCH_INVARIANCE);
    for (const row of all) {
      assert(
        Math.abs(row.reduce((a, b) => a + b) - 1) < 1e-6,
      );
    }
  },
);

Deno.test(
  needs(
    "Classifier.explain() gives the change of the lead of a class by each token",
    "read",
  ),
  async () => {
    const own = await classifier();
    const text = ["In in the"];
    const label = 1;
    const explained = await own.explain(text, label);
    assertEquals(explained.map(({ text }) => text), ["in", "in", "the"]);
    const largest = Math.max(
      ...explained.map(({ weight }) => Math.abs(weight)),
    );
    assertEquals(largest, 1);
    for (const parameter of own.model.parameters()) {
      assertEquals(parameter.grad, undefined);
    }

    // The same by differences: a row of the word embeddings times 1 ± h.
    const name = "bert.embeddings.word_embeddings.weight";
    const state = await valuesOf(own);
    const [first] = await own.probabilities([text]);
    const others = first!.map((p, i) => i === label ? -1 : p);
    const rival = others.indexOf(Math.max(...others));
    const lead = async (id: number, factor: number) => {
      const table = state[name]!.slice();
      for (let i = 8 * id; i < 8 * (id + 1); i++) table[i]! *= factor;
      own.model.loadStateDict({ ...state, [name]: table });
      const [row] = await own.probabilities([text]);
      return Math.log(row![label]! / row![rival]!);
    };
    const h = 0.02;
    const { inputIds } = own.encode(text);
    const [, day, , rain] = inputIds as [number, number, number, number];
    const slopeOf = async (id: number) =>
      (await lead(id, 1 + h) - await lead(id, 1 - h)) / (2 * h);
    const [ofDay, ofRain] = [await slopeOf(day), await slopeOf(rain)];
    const [day1, day2, rain1] = explained.map(({ weight }) => weight);
    const scale = Math.abs(ofDay) + Math.abs(ofRain);
    const sum = Math.abs(day1! + day2!) + Math.abs(rain1!);
    assertAllClose(
      [(day1! + day2!) / sum, rain1! / sum],
      [ofDay / scale, ofRain / scale],
      WORD_WEIGHTS,
    );
    assertNotEquals(day1, day2); // each has its own place
  },
);

async function valuesOf(
  { model }: Classifier,
): Promise<Record<string, Float32Array>> {
  const values: Record<string, Float32Array> = {};
  for (const [name, parameter] of model.namedParameters()) {
    values[name] = await parameter.toArray();
  }
  return values;
}

Deno.test("softmax() is right for large logits", () => {
  assertEquals(softmax([1000, 1000]), [0.5, 0.5]);
  assertEquals(softmax([0, -Infinity]), [1, 0]);
});

Deno.test(
  needs(
    "wordsOf() adds up the pieces of a word, and tells the texts of a pair apart",
    "read",
  ),
  async () => {
    const own = await tokenizer();
    const encoding: Encoding = own.encode("Dim it", "lights");
    const weights = encoding.inputIds.map((_, i) => i);
    const words = wordsOf(own, encoding, weights);
    assertEquals(words.map(({ text, part }) => `${part} ${text}`), [
      "0 dim",
      "0 it",
      "1 lights",
    ]);
    const special = encoding.inputIds.map((id) => own.specialTokenIds.has(id));
    const sum = weights.filter((_, i) => !special[i]).reduce((a, b) => a + b);
    assertEquals(words.reduce((total, { weight }) => total + weight, 0), sum);
  },
);
