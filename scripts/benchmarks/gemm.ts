/**
 * The case `gemm` of `bench.ts`: the linear layers of a BERT on an unpadded batch,
 * one product forward and two backward.
 *
 * @module
 */
import {
  type Device,
  fromArray,
  type KernelRun,
  linear,
  Random,
  type Tensor,
} from "../../mod.ts";
import {
  candidatesSummary,
  candidatesTable,
  timeCandidates,
} from "./candidates.ts";
import { copyGBs } from "./copy.ts";
import {
  type Layer,
  layersOf,
  type ProductShape,
  productsOf,
} from "./layers.ts";
import { BERT_SIZES, type ModelName } from "./sizes.ts";
import type { BenchOptions } from "./flags.ts";
import { peakGflops, peaksLine } from "./peak.ts";
import { kernelUses, percent, profileTable } from "./profile.ts";
import { type BenchResult, timesOf } from "./result.ts";
import { table } from "../cli/table.ts";

/** A product, and its kernels in each repeat. */
interface Product extends ProductShape {
  readonly repeats: readonly (readonly KernelRun[])[];
}

/**
 * Times the products as training runs them: `y = x Wᵀ + b`, `dx = dy W`, and
 * `dW = dyᵀ x` with the gradient of the bias. Copies into textures are not timed.
 *
 * @param device The device.
 * @param options Model size, batch size, number of repeats.
 * @param signal Ends the run after the current layer.
 * @returns Times and GFLOP/s of each product and of each candidate tile, and the
 * peaks of the adapter.
 */
export async function benchGemm(
  device: Device,
  options: BenchOptions,
  signal: AbortSignal,
): Promise<BenchResult> {
  const { model, batch, steps, profile } = options;
  const peak = await peakGflops(device);
  const copy = await copyGBs(device);
  const models = model ? [model] : Object.keys(BERT_SIZES) as ModelName[];
  const layers = models.flatMap((name) => layersOf(name, batch));
  const products: Product[] = [];
  for (const layer of layers) {
    products.push(...await timeLayer(device, layer, options));
    signal.throwIfAborted();
  }
  const found = products.map(({ repeats, ...product }) => {
    const { m, n, k } = product;
    const times = timesOf(repeats.map(msOf));
    const gflops = 2 * m * n * k / times.medianMs / 1e6;
    return { ...product, ...times, gflops, shareOfPeak: gflops / peak };
  });
  const candidates = await timeCandidates(
    device,
    layers.flatMap(productsOf),
    signal,
  );
  const peaks = peaksLine(peak, copy);
  const total = found.reduce(
    ({ gflop, ms }, { m, n, k, medianMs }) => ({
      gflop: gflop + 2 * m * n * k / 1e9,
      ms: ms + medianMs,
    }),
    { gflop: 0, ms: 0 },
  );
  const gflops = total.gflop / total.ms * 1e3;
  const tables = [
    peaks,
    table(
      ["layer", "", "M", "N", "K", "median ms", "GFLOP/s", "of peak"],
      found.map(({ layer, layout, m, n, k, medianMs, gflops, shareOfPeak }) => [
        layer,
        layout,
        m,
        n,
        k,
        medianMs,
        gflops,
        percent(shareOfPeak),
      ]),
    ),
    candidatesTable(candidates, peak),
  ];
  const summary = [
    peaks,
    `Products in training: ${Number(gflops.toPrecision(4))} GFLOP/s, ${
      percent(gflops / peak)
    } of peak`,
    ...candidatesSummary(candidates, peak),
  ];
  const sweeps = Array.from(
    { length: steps },
    (_, i) => products.flatMap(({ repeats }) => repeats[i]!),
  );
  const ms = sweeps.map(msOf);
  const fields = {
    ...timesOf(ms),
    losses: [],
    peakGflops: peak,
    copyGBs: copy,
    products: found,
    candidates,
    tuning: Object.fromEntries(device.tuning.table),
    tuningSeconds: device.tuning.spentMs / 1000,
  };
  if (!profile) return { tables, fields, summary };
  const meanMs = ms.reduce((sum, ms) => sum + ms, 0) / steps;
  const kernels = kernelUses(sweeps, meanMs);
  return {
    tables: [...tables, profileTable(kernels)],
    fields: { ...fields, profile: kernels },
    summary,
  };
}

/** Times the three products of a layer. */
async function timeLayer(
  device: Device,
  layer: Layer,
  { warmup, steps }: BenchOptions,
): Promise<Product[]> {
  using _scope = device.scope();
  const { rows, inputs, outputs } = layer;
  const random = new Random(0);
  const tensor = (...shape: number[]) =>
    fromArray(
      device,
      Float32Array.from(
        { length: shape.reduce((product, size) => product * size) },
        () => 2 * random.nextFloat() - 1,
      ),
      shape,
    );
  const x = tensor(rows, inputs);
  const weight = tensor(outputs, inputs);
  const bias = tensor(outputs);
  const dY = tensor(rows, outputs);

  const repeat = async (work: () => void) => {
    const run = (times: number) => {
      for (let i = 0; i < times; i++) {
        using _repeat = device.scope();
        work();
      }
    };
    run(device.tuning.measures ? Math.max(1, warmup) : warmup);
    device.submit();
    await device.tuning.settled; // so that the chosen tile is timed
    const runs = await device.profile(() => run(steps));
    const kernels = runs.length / steps;
    return Array.from(
      { length: steps },
      (_, i) => runs.slice(i * kernels, (i + 1) * kernels),
    );
  };
  const forward = await repeat(() => linear(x, weight, bias));
  /** The backward kernels for these leaves only: those after the forward kernels. */
  const backward = async (...leaves: Tensor[]) => {
    for (const leaf of leaves) leaf.requiresGrad = true;
    const repeats = await repeat(() => {
      linear(x, weight, bias).backward(dY);
      for (const leaf of leaves) leaf.grad = undefined;
    });
    for (const leaf of leaves) leaf.requiresGrad = false;
    return repeats.map((runs) => runs.slice(forward[0]!.length));
  };
  const repeats = [
    forward,
    await backward(x),
    await backward(weight, bias),
  ];
  return productsOf(layer).map((product, i) => ({
    ...product,
    repeats: repeats[i]!,
  }));
}

function msOf(runs: readonly KernelRun[]): number {
  return runs.reduce((sum, { ms }) => sum + ms, 0);
}
