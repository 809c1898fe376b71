/**
 * Times training steps, matrix products and dispatches on this machine's
 * adapter, and prints what it finds as a table and as one JSON line.
 *
 *     deno task bench mlp
 *     deno task bench bert --model minilm-l6 --batch 8 --profile
 *
 * `--allow-read`: its own modules. No net, env, ffi, run or write.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { type Device, requestDevice } from "../mod.ts";
import { benchBert } from "./benchmarks/bert.ts";
import { benchDispatch } from "./benchmarks/dispatch.ts";
import {
  benchHelp,
  type BenchOptions,
  type CaseName,
  parseBenchFlags,
} from "./benchmarks/flags.ts";
import { benchGemm } from "./benchmarks/gemm.ts";
import { benchMlp } from "./benchmarks/mlp.ts";
import type { Report } from "./benchmarks/report.ts";
import { runMain } from "./cli/run_main.ts";

const CASES: Record<
  CaseName,
  (
    device: Device,
    options: BenchOptions,
    signal: AbortSignal,
  ) => Promise<Report>
> = {
  mlp: benchMlp,
  bert: benchBert,
  gemm: benchGemm,
  dispatch: benchDispatch,
};

if (import.meta.main) {
  await runMain(async ({ begin, signal }) => {
    const options = parseBenchFlags(Deno.args);
    if (options === "help") return console.log(benchHelp());
    using device = await requestDevice();
    begin();
    const { description: adapter } = device;
    if (!options.json) console.log(`Running on ${adapter}`);
    const { tables, fields } = await CASES[options.case](
      device,
      options,
      signal,
    );
    if (!options.json) console.log(`\n${tables.join("\n\n")}\n`);
    console.log(JSON.stringify({ case: options.case, ...fields, adapter }));
  });
}
