import { assertEquals, assertStringIncludes } from "@std/assert";
import { TASKS } from "../../scripts/classify/tasks.ts";
import { needs } from "../helpers/permissions.ts";
import { classifyFixture, glue, jsonl, rowsOf } from "./classify_fixture.ts";

Deno.test(
  needs(
    "train_classifier.ts --resume goes on with a task of two validation sets",
    "read",
    "write",
    "run",
  ),
  async () => {
    await using fixture = await classifyFixture();
    const task = TASKS.mnli;
    for (const split of ["train", ...task.validation, "test_matched"]) {
      const rows = rowsOf(task, split === "train" ? 9 : 6, true);
      await fixture.write(`mnli/${split}.jsonl`, jsonl(rows));
    }
    const whole = await glue(
      fixture,
      "--task mnli --data mnli --model model --epochs 2 --batch-size 4 --learning-rate 1e-3 --logging-steps 1 --output-dir runs/a",
    );
    assertEquals(whole.code, 0, whole.stderr);
    const read = async () => {
      const { seconds: _, samplesPerSecond: __, ...results } = JSON.parse(
        await fixture.text("runs/a/results.json"),
      );
      const events = (await fixture.events("a"))
        .map(({ trainSeconds: _, ...event }) => event);
      const weights = `${fixture.path}/runs/a/model/model.safetensors`;
      return {
        results,
        events,
        predictions: await fixture.text("runs/a/predictions/MNLI-m.tsv"),
        weights: (await Deno.readFile(weights)).toBase64(),
      };
    };
    const expected = await read();
    assertEquals(
      expected.events.map(({ event, step, split }) => [event, step, split]),
      [0, 3].flatMap((done) => [
        ...[1, 2, 3].map((step) => ["step", done + step, undefined]),
        ["eval", done + 3, "validation_matched"],
        ["eval", done + 3, "validation_mismatched"],
      ]),
    );
    // as if it had been killed in the second epoch
    for (
      const path of ["results.json", "checkpoint-6", "model", "predictions"]
    ) {
      await Deno.remove(`${fixture.path}/runs/a/${path}`, { recursive: true });
    }
    const resumed = await glue(fixture, "--resume runs/a --task mnli");
    assertEquals(resumed.code, 0, resumed.stderr);
    assertStringIncludes(
      resumed.stdout,
      "\nGoing on after step 3, from checkpoint-3\n",
    );
    assertEquals(await read(), expected);
  },
);
