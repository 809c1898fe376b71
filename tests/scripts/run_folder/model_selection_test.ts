import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { Linear } from "../../../mod.ts";
import {
  earlyStoppingOf,
  loadWeights,
  metricOf,
  withMetric,
} from "../../../scripts/run_folder/model_selection.ts";
import { type Options, parseFlags } from "../../../scripts/train/options.ts";
import { device } from "../../helpers/device.ts";
import { needs } from "../../helpers/permissions.ts";
import { printed } from "../../helpers/printed.ts";
import { tempFolder } from "../../helpers/temp_folder.ts";

function parse(line: string): Options {
  const options = parseFlags(line.split(" "));
  if (options === "help") throw new Error("unexpected --help");
  return options;
}

Deno.test("metricOf() takes a score by its name here or in transformers", () => {
  const metric = (line: string) => metricOf(parse(line), ["accuracy", "f1"]);
  assertEquals(metric("--seed 1"), "accuracy");
  assertEquals(metric("--metric-for-best-model f1"), "f1");
  assertEquals(metric("--metric-for-best-model eval_f1"), "f1");
  assertEquals(metric("--metric-for-best-model eval_loss"), "loss");
  for (const name of ["pearson", "eval_eval_f1", "trainLoss"]) {
    const run = () => metric(`--metric-for-best-model ${name}`);
    assertEquals(
      assertThrows(run, RangeError).message,
      `--metric-for-best-model must be one of accuracy, f1, loss, not "${name}"`,
    );
  }
});

Deno.test("withMetric() adds the default to settings that name no metric", () => {
  const metric = (line: string) =>
    withMetric(parse(line), ["accuracy", "f1"]).metricForBestModel;
  assertEquals(metric("--seed 1"), "accuracy");
  // as it was given, to compare it with the flags of a run that goes on
  assertEquals(metric("--metric-for-best-model eval_f1"), "eval_f1");
});

Deno.test("earlyStoppingOf() takes direction, patience and threshold", () => {
  /** Whether each evaluation is the best so far, until training stops. */
  const best = (line: string, metric: string, values: number[]) => {
    const stopping = earlyStoppingOf(parse(line), metric);
    const result: boolean[] = [];
    for (const value of values) {
      if (stopping.shouldStop) break;
      stopping.update(value);
      result.push(stopping.isBest);
    }
    return result;
  };
  const values = [0.5, 0.6, 0.4];
  assertEquals(best("--seed 1", "f1", values), [true, true, false]);
  assertEquals(best("--seed 1", "loss", values), [true, false, true]);
  assertEquals(
    best("--greater-is-better", "loss", values),
    [true, true, false],
  );
  assertEquals(
    best("--no-greater-is-better", "f1", values),
    [true, false, true],
  );
  const flags = "--early-stopping-patience 2";
  assertEquals(best(flags, "f1", [3, 2, 1, 9]), [true, false, false]);
  const threshold = `${flags} --early-stopping-threshold 1`;
  assertEquals(best(threshold, "f1", [1, 1.5, 2, 9]), [true, true, true]);
});

Deno.test(
  needs(
    "loadWeights() says so if it fails, and keeps the model",
    "read",
    "write",
  ),
  async () => {
    await using temp = await tempFolder();
    using output = printed();
    const model = new Linear(device, 3, 2);
    const path = `${temp.path}/checkpoint-3`;
    const before = await model.weight.toArray();
    assertEquals(await loadWeights(model, path), false);
    await Deno.mkdir(path);
    await Deno.writeTextFile(`${path}/model.safetensors`, "torn");
    assertEquals(await loadWeights(model, path), false);
    assertEquals(output.lines.length, 2);
    for (const line of output.lines) {
      assertMatch(
        line,
        /^Warning: the best weights, in .*\/checkpoint-3, cannot be loaded, so the model has those of the last step: /,
      );
    }
    assertEquals(await model.weight.toArray(), before);
  },
);
