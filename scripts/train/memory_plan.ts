/**
 * The memory of a training run, before its first step.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import {
  type AdamW,
  autocast,
  type Batch,
  type Communicator,
  type DataLoader,
  type DataLoaderOptions,
  type DatasetDict,
  type Device,
  type ForSequenceClassification,
  type LabelledBatch,
  noGrad,
  OutOfMemoryError,
  type Parameter,
  type Row,
} from "../../mod.ts";
import { megabytes } from "../run_folder/figures.ts";
import type { Options } from "./options.ts";

/** Share of the plan that batches of other lengths may take in addition. */
const TOLERANCE = 0.1;

/** Parts of a run that take memory. */
export interface PlannedRun {
  /** The model. */
  readonly model: ForSequenceClassification;
  /** The optimizer. */
  readonly optimizer: AdamW;
  /** The device. */
  readonly device: Device;
  /** The training rows, before the first batch. */
  readonly loader: DataLoader<Row, LabelledBatch>;
  /** Passes over the training rows. */
  readonly epochs: number;
  /** All rows, tokenised. */
  readonly data: DatasetDict;
  /** Batch size and collator of an evaluation. */
  readonly evalOptions: DataLoaderOptions<Row, Batch>;
  /** The processes of the run; all plan. */
  readonly communicator: Communicator;
  /** Whether the batches are divided where they do not fit, and half precision is used. */
  readonly options: Pick<Options, "autoBatchSize" | "fp16">;
}

/** Memory of a run on one device, in bytes. */
export interface MemoryPlan {
  /** The parameters. */
  readonly weights: number;
  /** Gradients of the parameters that are trained. */
  readonly gradients: number;
  /** Moments of AdamW. */
  readonly moments: number;
  /** Everything else of the largest step: activations, their gradients, copies of operands. */
  readonly activations: number;
  /** All of these. */
  readonly peak: number;
}

/** The largest batch of a run does not fit into the memory of a device. */
export class BatchMemoryError extends OutOfMemoryError {}

/**
 * Plans the memory of a run from its largest batches, which allocate theirs in a dry run, and
 * prints it. The run then keeps within a tenth above it, which is tried too where the batch
 * size is chosen by it.
 *
 * @param run Parts of the run.
 * @returns The plan of this process.
 * @throws {BatchMemoryError} In every process, if the device of one has too little memory.
 */
export async function planMemory(run: PlannedRun): Promise<MemoryPlan> {
  const { device, loader, communicator, options } = run;
  const tokens = startLargestBatch(run);
  const { value } = await loader[Symbol.asyncIterator]().next();
  const batch = value as LabelledBatch;
  loader.setEpoch(0);
  let plan: MemoryPlan | undefined;
  let reason = "another process has too little memory";
  try {
    const planned = await measure(run, batch);
    if (options.autoBatchSize) await tryMore(device, planned.peak);
    plan = planned;
  } catch (error) {
    if (!(error instanceof OutOfMemoryError)) throw error;
    reason = error.message;
  }
  const failed = Float64Array.of(plan ? 0 : 1);
  await communicator.allReduceSum(failed);
  if (!plan || failed[0]! > 0) throw new BatchMemoryError(reason);
  const { weights, gradients, moments, activations, peak } = plan;
  device.keepWithin((1 + TOLERANCE) * peak);
  console.log(
    `Memory: ${
      megabytes(peak)
    } for batches of up to ${tokens} tokens (weights ${
      megabytes(weights)
    }, gradients ${megabytes(gradients)}, moments ${
      megabytes(moments)
    }, activations ${megabytes(activations)})`,
  );
  return plan;
}

/** Sets a loader to the batch with the most tokens of all epochs; returns their number. */
function startLargestBatch({ loader, data, epochs }: PlannedRun): number {
  const lengths = lengthsOf(data, "train");
  let largest = { epoch: 0, batch: 0, tokens: 0 };
  for (let epoch = 0; epoch < epochs; epoch++) {
    loader.setEpoch(epoch);
    const sums = batchTokens(loader.order, lengths, loader.batchSize);
    sums.slice(0, loader.length).forEach((tokens, batch) => {
      if (tokens > largest.tokens) largest = { epoch, batch, tokens };
    });
  }
  loader.state = largest;
  return largest.tokens;
}

/** Allocates what a step and an evaluation need, and measures it. */
async function measure(
  { model, optimizer, device, data, evalOptions, options }: PlannedRun,
  batch: LabelledBatch,
): Promise<MemoryPlan> {
  const evalBatch = largestEvalBatch(data, evalOptions);
  const { training } = model;
  const extraStates = [...model.namedModules()].map(([, module]) => ({
    module,
    state: module.getExtraState(), // keys of dropout
  }));
  const { liveBytes } = device.memory;
  optimizer.allocateState();
  const moments = device.memory.liveBytes - liveBytes;
  const parameters = [...model.parameters()];
  let [weights, gradients] = [0, 0];
  for (const { storage } of buffersOf(parameters)) {
    weights += storage.byteLength;
  }
  await device.dryRun(() => {
    using _step = device.scope();
    using _autocast = autocast(device, { enabled: options.fp16 ?? false });
    model.train();
    model.forward(batch).loss.backward();
    const trained = parameters.filter(({ hasGrad }) => hasGrad);
    for (const { gradients: { values, slots } } of buffersOf(trained)) {
      gradients += values.byteLength + slots.byteLength;
    }
    optimizer.zeroGrad();
  });
  await device.dryRun(() => {
    using _scope = device.scope();
    using _noGrad = noGrad();
    model.eval().forward(evalBatch);
  });
  if (training) model.train();
  for (const { module, state } of extraStates) {
    if (state !== undefined) module.setExtraState(state as never);
  }
  const peak = device.memory.peakBytes;
  const activations = peak - weights - gradients - moments;
  return { weights, gradients, moments, activations, peak };
}

/** Allocates what the run may take above its planned peak, in bytes, and frees it. */
async function tryMore(device: Device, peak: number): Promise<void> {
  const { maxBindingBytes } = device;
  await device.dryRun(() => {
    const buffers: ReturnType<Device["allocate"]>[] = [];
    let left = 16 * Math.floor(TOLERANCE * peak / 16);
    for (; left > 0; left -= maxBindingBytes) {
      buffers.push(device.allocate(Math.min(left, maxBindingBytes), "kept"));
    }
    for (const buffer of buffers) device.release(buffer);
  });
  device.keepWithin(peak);
}

/** The flat buffers of parameters, each once. */
function buffersOf(parameters: readonly Parameter[]) {
  return new Set(parameters.map(({ flatBuffer }) => flatBuffer));
}

/** Collates the batch with the most tokens of all splits that are not trained on. */
function largestEvalBatch(
  data: DatasetDict,
  { batchSize = 1, collateFn }: DataLoaderOptions<Row, Batch>,
): Batch {
  let largest = { rows: [] as Row[], tokens: 0 };
  for (const name of data.names.filter((name) => name !== "train")) {
    const lengths = lengthsOf(data, name);
    batchTokens([...lengths.keys()], lengths, batchSize).forEach(
      (tokens, i) => {
        if (tokens <= largest.tokens) return;
        const first = i * batchSize;
        const indices = [...lengths.keys()].slice(first, first + batchSize);
        const rows = indices.map((index) => data.split(name).at(index)!);
        largest = { rows, tokens };
      },
    );
  }
  return collateFn(largest.rows);
}

/** Number of tokens of each row of a split. */
function lengthsOf(data: DatasetDict, name: string): number[] {
  const ids = data.split(name).column("inputIds") as number[][];
  return ids.map(({ length }) => length);
}

/** Number of tokens of each batch. */
function batchTokens(
  order: readonly number[],
  lengths: readonly number[],
  batchSize: number,
): number[] {
  const sums = new Array(Math.ceil(order.length / batchSize)).fill(0);
  order.forEach((row, i) => sums[Math.floor(i / batchSize)] += lengths[row]!);
  return sums;
}
