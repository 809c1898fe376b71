import { ALONE } from "../cli/alone.ts";
import { writeFile } from "../../../mod.ts";
import type { Run } from "../../../scripts/cli/run_main.ts";
import { sweepFlags, type SweepOptions } from "../../../scripts/sweep/flags.ts";
import { type Classify, runAll } from "../../../scripts/sweep/run_all.ts";
import { printed } from "../../helpers/printed.ts";

/** A training run that writes its files without training; its F1 grows to the learning rate. */
export class FakeRuns {
  /** Folders of the runs that began, in order, with `+` before those that went on. */
  readonly begun: string[] = [];
  /** Called after each evaluation. */
  atStep: (name: string, step: number) => void = () => {};

  readonly classify: Classify = async (options, run) => {
    const path = options.resume ?? options.outputDir!;
    const name = path.split("/").at(-1)!;
    this.begun.push(options.resume ? `+${name}` : name);
    const write = (file: string, content: object) =>
      writeFile(path, file, `${JSON.stringify(content)}\n`);
    if (!options.resume) {
      await Deno.mkdir(path); // fails if there is anything
      await write("config.json", {
        script: "train_classifier",
        ...JSON.parse(JSON.stringify(options, (_, value) => value ?? null)),
        metricForBestModel: "f1",
        versions: {},
        digests: { model: {}, data: {} },
      });
    }
    run.begin();
    const f1 = options.learningRate;
    let lines = "";
    for (let step = 1; step <= 3; step++) {
      const scores = { f1: f1 * step / 3, loss: 1 / step };
      lines += `${JSON.stringify({ event: "eval", step, ...scores })}\n`;
      await writeFile(path, "metrics.jsonl", lines);
      this.atStep(name, step);
      if (step < 3) await run.afterEvaluation?.();
      if (run.signal.aborted) return;
    }
    const baselines = { majority: { f1: 0 }, words: { f1: 0.25 } };
    const figures = { loss: 1 / 3, seconds: 1, steps: 3 };
    await write("results.json", { f1, baselines, ...figures });
  };
}

/** A sweep in a folder, and what its entry point sees. */
export function sweepOf(path: string, flags: string, classify?: Classify) {
  const runs = new FakeRuns();
  const controller = new AbortController();
  let begun = false;
  const main: Run = {
    ...ALONE,
    signal: controller.signal,
    begin: () => void (begun = true),
  };
  const options = sweepFlags.parse(
    `--data a.csv --output-dir ${path} ${flags}`.split(" "),
  ) as SweepOptions;
  const start = () => runAll(options, main, classify ?? runs.classify);
  const run = async () => {
    using output = printed();
    await start();
    return output.lines.join("\n");
  };
  const json = async () =>
    JSON.parse(await Deno.readTextFile(`${path}/sweep.json`));
  const statuses = async () =>
    (await json()).runs.map(({ status }: { status: string }) => status);
  return {
    ...{ options, main, controller, runs, start, run, json, statuses },
    hasBegun: () => begun,
  };
}
