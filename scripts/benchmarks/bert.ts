/**
 * The case `bert` of `bench.ts`: training steps of a BERT, or another encoder, with
 * random weights, on batches with the row lengths of MRPC, or of one length.
 *
 * @module
 */
import {
  AdamW,
  autocast,
  AutoModelForSequenceClassification,
  type Batch,
  type Device,
  HostTensor,
  type PretrainedConfig,
  Random,
} from "../../mod.ts";
import lengths from "./lengths.json" with { type: "json" };
import type { BenchOptions } from "./flags.ts";
import type { BenchResult } from "./result.ts";
import {
  candidatesSummary,
  candidatesTable,
  timeCandidates,
} from "./candidates.ts";
import { copyGBs } from "./copy.ts";
import { layersOf, productsOf, stepGflop } from "./layers.ts";
import { peakGflops, peaksLine } from "./peak.ts";
import { percent } from "./profile.ts";
import { type ModelName, SIZES } from "./sizes.ts";
import { benchSteps } from "./steps.ts";
import { table } from "../cli/table.ts";

/** Range of the ids of whole words; lower ids are special tokens and characters. */
const IDS = [1000, 30000] as const;

/**
 * Times training steps in train mode, with dropout 0.1, and AdamW over all parameters.
 *
 * @param device The device.
 * @param options Model size, batches, number of steps.
 * @param signal Ends the run after the current step.
 * @returns Times, losses and real tokens per step.
 */
export async function benchBert(
  device: Device,
  options: BenchOptions,
  signal: AbortSignal,
): Promise<BenchResult> {
  const { model = "tiny", warmup, steps, gradientCheckpointing } = options;
  const { fp16: enabled = false } = options;
  const encoder = AutoModelForSequenceClassification.fromConfig(
    SIZES[model].config,
    { device },
  );
  if (gradientCheckpointing) encoder.gradientCheckpointingEnable();
  const optimizer = new AdamW(encoder.parameters(), { lr: 5e-5 });
  const random = new Random(0);
  const prepare = (i: number) => {
    const batch = bertBatch(random, i, options);
    if (!hasTokenTypes(encoder.config)) batch.tokenTypeIds.data.fill(0);
    return () => {
      using _autocast = autocast(device, { enabled });
      const { loss } = encoder.forward(batch);
      loss!.backward();
      optimizer.step();
      optimizer.zeroGrad();
      return loss!;
    };
  };
  const { tables, fields } = await benchSteps(device, prepare, options, signal);
  let tokens = 0;
  for (let i = warmup; i < warmup + steps; i++) {
    for (const { length } of rowsOf(i, options)) tokens += length;
  }
  const realTokensPerStep = tokens / steps;
  const { batch } = options;
  const rates = await ratesOf(device, model, { batch, realTokensPerStep }, {
    medianMs: fields.medianMs,
    signal,
  });
  return {
    tables: [...tables, ...rates.tables],
    fields: { ...fields, model, batch, realTokensPerStep, ...rates.fields },
    summary: rates.summary,
  };
}

/** Whether an encoder has more than one token type. */
function hasTokenTypes(
  config: PretrainedConfig & { readonly typeVocabSize?: number },
): boolean {
  return (config.typeVocabSize ?? 0) > 1;
}

/** The rates that a step reaches, the peaks of the adapter, and the candidates for its products. */
async function ratesOf(
  device: Device,
  model: ModelName,
  { batch, realTokensPerStep }: { batch: number; realTokensPerStep: number },
  { medianMs, signal }: { medianMs: number; signal: AbortSignal },
) {
  const peak = await peakGflops(device);
  const copy = await copyGBs(device);
  const gflopPerStep = stepGflop(model, batch, realTokensPerStep);
  const gflops = 1000 * gflopPerStep / medianMs;
  const layers = layersOf(model, batch, Math.round(realTokensPerStep));
  const shapes = layers.flatMap(productsOf);
  const candidates = await timeCandidates(device, shapes, signal);
  const peaks = peaksLine(peak, copy);
  const rates = table(["", "rate"], [
    ["sequences a second", 1000 * batch / medianMs],
    ["tokens a second", 1000 * realTokensPerStep / medianMs],
    ["GFLOP of linear layers a step", gflopPerStep],
    ["GFLOP/s", gflops],
    ["of peak", percent(gflops / peak)],
  ]);
  const tables = [peaks, rates, candidatesTable(candidates, peak)];
  const summary = [
    peaks,
    ...rates.split("\n"),
    ...candidatesSummary(candidates, peak),
  ];
  const fields = {
    peakGflops: peak,
    copyGBs: copy,
    gflopPerStep,
    shareOfPeak: gflops / peak,
    candidates,
    tuning: Object.fromEntries(device.tuning.table),
    tuningSeconds: device.tuning.spentMs / 1000,
  };
  return { tables, fields, summary };
}

/** The settings of a batch. */
export type BatchOptions = Pick<BenchOptions, "batch" | "length">;

/** The rows of step `i`: consecutive batches, all of full size. */
function rowsOf(i: number, { batch, length }: BatchOptions): Row[] {
  const first = i * batch % (lengths.length - batch + 1);
  return Array.from({ length: batch }, (_, row) => ({
    row: first + row,
    length: length ?? lengths[first + row]!,
  }));
}

interface Row {
  readonly row: number;
  readonly length: number;
}

/**
 * Makes the batch of step `i`, padded to its longest row. The ids are random, the
 * second half of a row has token type 1, and two of three rows have label 1.
 *
 * @param random Source of the ids.
 * @param i Number of the step, from 0.
 * @param options Number of rows, and their length if it is not MRPC's.
 * @returns The batch.
 */
export function bertBatch(
  random: Random,
  i: number,
  options: BatchOptions,
): Batch {
  const rows = rowsOf(i, options);
  const longest = Math.max(...rows.map(({ length }) => length));
  const padded = (value: (position: number, length: number) => number) =>
    HostTensor.from(rows.map(({ length }) =>
      Array.from(
        { length: longest },
        (_, position) => position < length ? value(position, length) : 0,
      )
    ));
  const [first, end] = IDS;
  return {
    inputIds: padded(() => first + random.below(end - first)),
    tokenTypeIds: padded((position, length) =>
      Number(position >= Math.floor(length / 2))
    ),
    attentionMask: padded(() => 1),
    labels: HostTensor.from(rows.map(({ row }) => Number(row % 3 > 0))),
  };
}
