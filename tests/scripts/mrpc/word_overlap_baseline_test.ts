import { assertEquals } from "@std/assert";
import { predictByWordOverlap } from "../../../scripts/mrpc/word_overlap_baseline.ts";

const texts = ["a ferry left at 7", "the train came late", "snow fell in may"];
const equal = texts.map((text) => ({
  sentence1: text,
  sentence2: text,
  label: 1,
}));
const different = texts.map((text, i) => ({
  sentence1: text,
  sentence2: texts[(i + 1) % 3]!,
  label: 0,
}));

Deno.test("predictByWordOverlap() learns from shared words", () => {
  const train = [...equal, ...different];
  const test = [
    { sentence1: "It rains.", sentence2: "it RAINS", label: 1 },
    { sentence1: "It rains.", sentence2: "We eat now!", label: 0 },
  ];
  assertEquals([...predictByWordOverlap(train, test)], [1, 0]);
  assertEquals([...predictByWordOverlap(train, train)], [1, 1, 1, 0, 0, 0]);
});

Deno.test("predictByWordOverlap() predicts one label if overlap does not help", () => {
  const labels = [1, 1, 0];
  const train = labels.map((label) => ({ ...equal[0]!, label }));
  assertEquals([...predictByWordOverlap(train, different)], [1, 1, 1]);
});
