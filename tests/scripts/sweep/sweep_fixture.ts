import type { RunSummary } from "../../../scripts/report/run_summary.ts";
import type { RunState } from "../../../scripts/sweep/folder.ts";

/** A run with a learning rate and a seed, as its folder would have it. */
export function stateOf(
  learningRate: number,
  seed: number,
  status: RunState["status"],
  f1 = 0.5,
): RunState {
  const swept = { learningRate, seed };
  const name = `learning-rate=${learningRate}_seed=${seed}`;
  const run = { name, swept, flags: { data: "a.csv", ...swept } };
  const summary: RunSummary = {
    name,
    config: {
      metricForBestModel: "f1",
      greaterIsBetter: null,
      digests: { data: { "a.csv": "00" } },
    },
    events: [
      { event: "step", step: 1, loss: 0.7 + learningRate },
      { event: "eval", step: 1, split: "validation", f1: f1 / 2, loss: 0.7 },
      { event: "eval", step: 2, split: "validation", f1, loss: 0.6 },
    ],
    scores: { f1, loss: 0.6, seconds: 1 },
    intervals: {},
    classScores: {},
    isFinished: status === "finished",
  };
  return status === "pending" ? { run, status } : { run, status, summary };
}
