import { assert, assertEquals } from "@std/assert";
import { assertAllClose, GOLDEN_LOGITS } from "../helpers/all_close.ts";
import { needs } from "../helpers/permissions.ts";
import { type Ended, predict, trainFixture } from "./train_fixture.ts";

// deno-lint-ignore no-explicit-any -- each problem type has other keys
const lines = ({ stdout }: Ended): any[] =>
  stdout.trimEnd().split("\n").map((line) => JSON.parse(line));

Deno.test(
  needs(
    "predict.ts gives what the problem type of the model says",
    "read",
    "write",
    "run",
  ),
  async (t) => {
    await using fixture = await trainFixture();
    await t.step("one label is regression", async () => {
      await fixture.saveModel("regression", 1);
      const run = await predict(fixture, "--model regression", {
        texts: ["rain", "ferry"],
      });
      const [line] = lines(run);
      assertEquals(Object.keys(line!), ["sentence1", "sentence2", "score"]);
      assert(Number.isFinite(line!.score), run.stdout);
    });
    await t.step("sigmoids of a multi-label model", async () => {
      await fixture.saveModel("multi", 3);
      const config = JSON.parse(await fixture.text("multi/config.json"));
      const logitsOf = async (problemType: string) => {
        config.problem_type = problemType;
        await fixture.write("multi/config.json", JSON.stringify(config));
        return await predict(fixture, "--model multi", {
          stdin: "rain\n\n",
        });
      };
      // transformers' pipeline gives the logits themselves for regression.
      const [raw, blank] = lines(await logitsOf("regression"));
      assertEquals(Object.keys(raw!), ["sentence", "scores"]);
      assertEquals(blank, { sentence: "", scores: null });
      const scores = raw.scores as Record<string, number>;
      const run = await logitsOf("multi_label_classification");
      const [line, none] = lines(run);
      assertEquals(Object.keys(line!), ["sentence", "labels", "probabilities"]);
      assertEquals(none, { sentence: "", labels: null });
      // σ(x) = 1 / (1 + exp(-x))
      assertAllClose(
        Object.values(line!.probabilities),
        Object.values(scores).map((x) => 1 / (1 + Math.exp(-x))),
        GOLDEN_LOGITS,
      );
      assertEquals(
        line!.labels,
        Object.keys(scores).filter((label) => scores[label]! > 0),
      );
    });
  },
);
