import { assertEquals } from "@std/assert";
import { TextClassifier, type TextPair } from "../../mod.ts";
import { assertAllClose, GOLDEN_LOGITS } from "../helpers/all_close.ts";
import { device } from "../helpers/device.ts";
import { needs } from "../helpers/permissions.ts";
import { classifierFolder } from "./classifier_fixture.ts";
import golden from "./fixtures/pipeline.json" with { type: "json" };

const TEXTS = golden.texts.map((text): string | TextPair =>
  typeof text === "string"
    ? text
    : { text: text.text, textPair: text.text_pair }
);

interface Output {
  readonly label: string;
  readonly score: number;
}

function assertSameOutputs(actual: Output[][], expected: Output[][]): void {
  const labels = (rows: Output[][]) =>
    rows.map((row) => row.map(({ label }) => label));
  const scores = (rows: Output[][]) =>
    rows.flatMap((row) => row.map(({ score }) => score));
  assertEquals(labels(actual), labels(expected));
  assertAllClose(scores(actual), scores(expected), GOLDEN_LOGITS);
}

for (const { numLabels, problemType, ...expected } of golden.cases) {
  Deno.test(
    needs(
      `TextClassifier gives what transformers' pipeline does: ${numLabels} labels, ${problemType}`,
      "read",
      "write",
    ),
    async () => {
      await using folder = await classifierFolder(
        numLabels as 1 | 3,
        problemType === null ? {} : { "problem_type": problemType },
      );
      using classifier = await TextClassifier.fromPretrained(folder.path, {
        device,
      });
      const best = await classifier.predict(TEXTS);
      assertSameOutputs([best], [expected.best]);
      const all = await classifier.predict(TEXTS, { topK: null });
      assertSameOutputs(all, expected.all);
      const two = await classifier.predict(TEXTS, { topK: 2 });
      assertSameOutputs(two, expected.two);
      const logits = await classifier.predict(TEXTS, {
        topK: null,
        functionToApply: "none",
      });
      assertSameOutputs(logits, expected.logits);
      for (const [i, text] of TEXTS.entries()) {
        const one = await classifier.predict(text);
        assertSameOutputs([one], [[expected.best[i]!]]);
        const every = await classifier.predict(text, { topK: null });
        assertSameOutputs([every], [expected.all[i]!]);
      }
    },
  );
}
