import { assertEquals, assertThrows } from "@std/assert";
import { LabelScorer } from "../../lib/inference/label_scores.ts";
import { BertConfig } from "../../mod.ts";

const scorerOf = (
  thresholds: unknown,
  problemType = "multi_label_classification",
) =>
  new LabelScorer(
    BertConfig.fromJson({
      "model_type": "bert",
      "problem_type": problemType,
      id2label: { 0: "a", 1: "b" },
      thresholds,
    }),
    "config.json",
  );

Deno.test("LabelScorer reads the thresholds of a configuration", async (t) => {
  const predicted = (thresholds: unknown, logits = [0, -1]) =>
    scorerOf(thresholds).score(Float32Array.from(logits), null)
      .filter(({ predicted }) => predicted).map(({ label }) => label);
  await t.step("0.5 for those without one", () => {
    assertEquals(predicted(undefined), ["a"]);
    assertEquals(predicted(null), ["a"]);
    assertEquals(predicted({ b: 0.2 }), ["a", "b"]);
    assertEquals(predicted({ a: 0.51 }), []);
    assertEquals(predicted({ a: 1, b: 0 }), ["b"]);
  });
  await t.step("refused", () => {
    const cases: [unknown, string][] = [
      [
        [0.5, 0.5],
        "its thresholds are [0.5,0.5]; they must map labels to numbers",
      ],
      [0.5, "its thresholds are 0.5; they must map labels to numbers"],
      [{ c: 0.5 }, 'its thresholds name "c", and the labels are a, b'],
      [{ a: 1.5 }, 'the threshold of "a" is 1.5; it must be from 0 to 1'],
      [{ a: "0.5" }, 'the threshold of "a" is "0.5"; it must be from 0 to 1'],
    ];
    for (const [thresholds, reason] of cases) {
      assertThrows(
        () => scorerOf(thresholds),
        RangeError,
        `Cannot use config.json: ${reason}`,
      );
    }
  });
  await t.step("which other models do not have", () => {
    const [best] = scorerOf({ z: 9 }, "single_label_classification")
      .score(Float32Array.of(0, 1), 1);
    assertEquals(Object.keys(best!), ["label", "score"]);
  });
});

Deno.test("LabelScorer.score() does not overflow", () => {
  const logits = Float32Array.of(1000, -1000);
  const scores = (name: "softmax" | "sigmoid") =>
    scorerOf(undefined).score(logits, null, name).map(({ score }) => score);
  assertEquals(scores("softmax"), [1, 0]);
  assertEquals(scores("sigmoid"), [1, 0]);
});
