/**
 * Runs `train_classifier.ts` for each combination of settings, and compares the runs.
 *
 *     deno task sweep --data messages.csv --learning-rate 1e-5,3e-5 --seed 1,2,3
 *
 * `--allow-read`: the model and the data that the flags name.
 * `--allow-write=runs`: the folders of the runs. No net, env, ffi or run.
 *
 * @module
 */
import { runMain } from "./cli/run_main.ts";
import { sweepFlags } from "./sweep/flags.ts";
import { runAll } from "./sweep/run_all.ts";
import { classify } from "./train_classifier.ts";

if (import.meta.main) {
  await runMain(
    sweepFlags,
    (sweep, run) => runAll(sweep, run, classify),
    { ignoreOutputErrors: true },
  );
}
