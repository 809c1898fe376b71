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
import { meanTokens, type ModelName, SIZES } from "./sizes.ts";
import type { BenchOptions } from "./flags.ts";
import { peakGflops } from "./peak.ts";
import { kernelUses, percent, profileTable } from "./profile.ts";
import { type BenchResult, timesOf } from "./result.ts";
import { table } from "../cli/table.ts";

/** A linear layer: rows and features of its input, features of its output. */
interface Layer {
  readonly name: string;
  readonly rows: number;
  readonly inputs: number;
  readonly outputs: number;
}

/** A matrix product `C = A · B` of training, `C` of `[M, N]`. */
interface Product {
  readonly layer: string;
  /** Layout of A and B: N for plain, T for transposed. */
  readonly layout: "NT" | "NN" | "TN";
  readonly m: number;
  readonly n: number;
  readonly k: number;
  /** Its kernels in each repeat. */
  readonly repeats: readonly (readonly KernelRun[])[];
}

/**
 * Times the products as training runs them: `y = x Wᵀ + b`, `dx = dy W`, and
 * `dW = dyᵀ x` with the gradient of the bias. Copies into textures are not timed.
 *
 * @param device The device.
 * @param options Model size, batch size, number of repeats.
 * @param signal Ends the run after the current layer.
 * @returns Times and GFLOP/s of each product, and the peak of the adapter.
 */
export async function benchGemm(
  device: Device,
  options: BenchOptions,
  signal: AbortSignal,
): Promise<BenchResult> {
  const { model, batch, steps, profile } = options;
  const peak = await peakGflops(device);
  const models = model ? [model] : Object.keys(SIZES) as ModelName[];
  const products: Product[] = [];
  for (const layer of models.flatMap((name) => layersOf(name, batch))) {
    products.push(...await timeLayer(device, layer, options));
    signal.throwIfAborted();
  }
  const found = products.map(({ repeats, ...product }) => {
    const { m, n, k } = product;
    const times = timesOf(repeats.map(msOf));
    const gflops = 2 * m * n * k / times.medianMs / 1e6;
    return { ...product, ...times, gflops, shareOfPeak: gflops / peak };
  });
  const tables = [
    `Peak, a loop of multiply-adds without memory access: ${
      peak.toPrecision(4)
    } GFLOP/s`,
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
    products: found,
  };
  if (!profile) return { tables, fields };
  const total = ms.reduce((sum, ms) => sum + ms, 0) / steps;
  const kernels = kernelUses(sweeps, total);
  return {
    tables: [...tables, profileTable(kernels)],
    fields: { ...fields, profile: kernels },
  };
}

/** The linear layers of a BERT, for a batch of mean length. */
function layersOf(model: ModelName, batch: number): Layer[] {
  const { hiddenSize: H, intermediateSize: I } = SIZES[model];
  const T = meanTokens(batch);
  const layer = (
    name: string,
    rows: number,
    inputs: number,
    outputs: number,
  ) => ({ name: `${model} ${name}`, rows, inputs, outputs });
  return [
    layer("query, key, value", T, H, 3 * H),
    layer("attention output", T, H, H),
    layer("intermediate", T, H, I),
    layer("output", T, I, H),
    layer("pooler", batch, H, H),
    layer("classifier", batch, H, 2),
  ];
}

/** Times the three products of a layer. */
async function timeLayer(
  device: Device,
  { name: layer, rows, inputs, outputs }: Layer,
  { warmup, steps }: BenchOptions,
): Promise<Product[]> {
  using _scope = device.scope();
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
    const runs = await device.profile(() => {
      for (let i = 0; i < warmup + steps; i++) {
        using _repeat = device.scope();
        work();
      }
    });
    const kernels = runs.length / (warmup + steps);
    return Array.from(
      { length: steps },
      (_, i) => runs.slice((warmup + i) * kernels, (warmup + i + 1) * kernels),
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
  return [
    { layer, layout: "NT", m: rows, n: outputs, k: inputs, repeats: forward },
    {
      layer,
      layout: "NN",
      m: rows,
      n: inputs,
      k: outputs,
      repeats: await backward(x),
    },
    {
      layer,
      layout: "TN",
      m: outputs,
      n: inputs,
      k: rows,
      repeats: await backward(weight, bias),
    },
  ];
}

function msOf(runs: readonly KernelRun[]): number {
  return runs.reduce((sum, { ms }) => sum + ms, 0);
}
