/**
 * Times training steps, matrix products and dispatches on the adapter of this
 * machine, and prints the results as tables and as one line of JSON.
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
  benchFlags,
  type BenchOptions,
  type CaseName,
} from "./benchmarks/flags.ts";
import { benchGemm } from "./benchmarks/gemm.ts";
import { benchMlp } from "./benchmarks/mlp.ts";
import { pasteBlock } from "./benchmarks/report.ts";
import type { BenchResult } from "./benchmarks/result.ts";
import { type Run, runMain } from "./cli/run_main.ts";

const CASES: Record<
  CaseName,
  (
    device: Device,
    options: BenchOptions,
    signal: AbortSignal,
  ) => Promise<BenchResult>
> = {
  mlp: benchMlp,
  bert: benchBert,
  gemm: benchGemm,
  dispatch: benchDispatch,
};

async function bench(
  options: BenchOptions,
  { begin, signal }: Run,
): Promise<void> {
  const { kernels } = options;
  using device = await requestDevice(kernels && { kernels });
  begin();
  const { description: adapter } = device;
  if (!options.json) console.log(`Running on ${adapter}`);
  const run = CASES[options.case];
  const result = await run(device, options, signal);
  const { tables, fields, summary } = result;
  if (!options.json) console.log(`\n${tables.join("\n\n")}\n`);
  if (!options.json && summary) {
    const { deno } = Deno.version;
    const platform = `${Deno.build.os} ${Deno.build.arch}`;
    const block = pasteBlock(device, options, result, { deno, platform });
    console.log(`${block}\n`);
  }
  console.log(JSON.stringify({ case: options.case, ...fields, adapter }));
}

if (import.meta.main) await runMain(benchFlags, bench);
