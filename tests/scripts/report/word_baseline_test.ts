import { assertEquals } from "@std/assert";
import { predictByWords } from "../../../scripts/report/word_baseline.ts";
import fixture from "./fixtures/word_baseline.json" with { type: "json" };

const single = (texts: readonly string[]) => texts.map((text) => [text]);
const tests = single(fixture.tests);

Deno.test("predictByWords() predicts the classes that scikit-learn does", () => {
  const { texts, labels, predicted } = fixture;
  const train = { texts: single(texts), labels };
  assertEquals(predictByWords(train, tests, 4), predicted);
});

Deno.test("predictByWords() predicts several labels as scikit-learn does", () => {
  const train = {
    texts: single(fixture.texts),
    labels: fixture.severalLabels,
  };
  assertEquals(predictByWords(train, tests, 4), fixture.severalPredicted);
});

Deno.test("predictByWords() tells the words of two texts apart", () => {
  const texts = [["rain", "snow"], ["snow", "rain"]];
  const train = {
    texts: [...texts, ...texts],
    labels: [0, 1, 0, 1],
  };
  assertEquals(predictByWords(train, texts, 2), [0, 1]);
});

Deno.test("predictByWords() takes texts without spaces, words or known words", () => {
  const train = {
    texts: single(["荷物が遅い", "返金して", "荷物はどこ", "返金まだ"]),
    labels: [0, 1, 0, 1],
  };
  const texts = single(["荷物です", "返金です", "", "unknown"]);
  assertEquals(predictByWords(train, texts, 2).slice(0, 2), [0, 1]);
  assertEquals(predictByWords(train, texts, 2).length, 4);
});
