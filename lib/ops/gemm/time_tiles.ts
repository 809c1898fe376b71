/**
 * Times of the candidate tiles on the adapter.
 *
 * @module
 */
import type { Device } from "../../gpu/device.ts";
import { Tensor } from "../../tensor/tensor.ts";
import { partSteps } from "./parts.ts";
import {
  dispatchProduct,
  type GemmSize,
  type Product,
  productKernel,
} from "./product.ts";
import { type GemmAccess, type Layout, nameOf } from "./tile.ts";
import { CANDIDATES, roundUpK } from "./tiles.ts";

/** Time of a pass of the fastest product: many times the resolution of a timestamp. */
const PASS_MS = 1;
const MAX_REPEATS = 16;
const ROUNDS = 2;

const VEC4: GemmAccess = { a: "vec4", b: "vec4", c: "vec4" };

/** A matrix product. */
export interface GemmShape extends GemmSize {
  /** Transposes of A and B. */
  readonly layout: Layout;
}

/** The time of a candidate. */
export interface TileTime {
  /** Name of the tile: rows x columns x depth, then threads. */
  readonly tile: string;
  /** Time of one product, in ms. */
  readonly ms: number;
}

/**
 * Times every candidate tile for graphics hardware on one product.
 *
 * @param device The device.
 * @param layout Transposes of A and B: `NT` for y = x Wᵀ, `NN` for dx, `TN` for dW.
 * @param size Rows M and columns N of the result, and the length K of the sum.
 * @returns The candidates with their times, the one that is used unmeasured first.
 */
export async function timeTiles(
  device: Device,
  layout: "NT" | "NN" | "TN",
  { m, n, k }: { m: number; n: number; k: number },
): Promise<TileTime[]> {
  const { times } = await measureTiles(device, [{ layout, m, n, k }]);
  return times[0]!;
}

/**
 * Times every candidate tile on several products, in two reads from the GPU: many
 * training loops let pending reads arrive only every few dozen steps.
 *
 * @param device The device.
 * @param shapes The products.
 * @param limitMs Time that it may take from the run, in ms.
 * @returns The times of each product's candidates, none if there was no time for it; and
 * the time taken: of the GPU, and of the thread that compiled.
 */
export async function measureTiles(
  device: Device,
  shapes: readonly GemmShape[],
  limitMs = Infinity,
): Promise<{ times: TileTime[][]; spentMs: number }> {
  const { products, release } = timedProducts(device, shapes);
  try {
    const kernels = new Set(
      products.flatMap((product) =>
        CANDIDATES.map((tile) => productKernel(product, tile))
      ),
    );
    let spentMs = await compileTimed(device, [...kernels]);
    const once = await device.profile(() => {
      for (const product of products) dispatchProduct(product, CANDIDATES[0]);
    });
    spentMs += sum(once.map(({ ms }) => ms));
    const perMs = ROUNDS * CANDIDATES.length;
    let expectedMs = 0;
    const timed = products.filter((_, i) => {
      const ms = perMs * once[i]!.ms;
      const fits = spentMs + expectedMs + ms <= limitMs;
      if (fits) expectedMs += ms;
      return fits;
    });
    if (timed.length === 0) return { times: products.map(() => []), spentMs };
    // At most half of the time for repeats: classes that come up later need some.
    const shortest = Math.min(...once.map(({ ms }) => ms));
    const repeats = Math.max(
      1,
      Math.min(
        MAX_REPEATS,
        Math.ceil(PASS_MS / shortest),
        Math.floor((limitMs - spentMs) / 2 / expectedMs),
      ),
    );
    const runs = await device.profile(() => {
      for (let round = 0; round < ROUNDS; round++) {
        for (const product of timed) {
          for (const tile of CANDIDATES) dispatchProduct(product, tile);
        }
      }
    }, repeats);
    spentMs += repeats * sum(runs.map(({ ms }) => ms));
    const best = (run: number) => {
      const perRound = timed.length * CANDIDATES.length;
      return Math.min(
        ...runs.filter((_, i) => i % perRound === run).map(({ ms }) => ms),
      );
    };
    const times = products.map((product) => {
      const i = timed.indexOf(product);
      if (i < 0) return [];
      return CANDIDATES.map((tile, j) => ({
        tile: nameOf(tile),
        ms: best(i * CANDIDATES.length + j),
      }));
    });
    return { times, spentMs };
  } finally {
    release();
  }
}

/** Compiles kernels; returns the time that the thread was blocked, in ms: in browsers others compile. */
export async function compileTimed(
  device: Device,
  kernels: Parameters<Device["compile"]>[0],
): Promise<number> {
  const start = performance.now();
  const compiling = device.compile(kernels);
  const ms = performance.now() - start;
  await compiling;
  return ms;
}

/** Products over buffers of their own, shared by all; parts of K are timed as a batch. */
function timedProducts(
  device: Device,
  shapes: readonly GemmShape[],
): { products: Product[]; release: () => void } {
  const sizes = shapes.map(({ m, n, k }) => {
    const steps = roundUpK(partSteps(m, n, k));
    const batch = Math.max(1, Math.round(roundUpK(k) / steps));
    return { m: roundUpK(m), n: roundUpK(n), k: steps, batch };
  });
  const largest = (elements: (size: Required<GemmSize>) => number) =>
    device.allocate(4 * Math.max(...sizes.map(elements)), "kept");
  const storages = [
    largest(({ m, k, batch }) => batch * m * k),
    largest(({ n, k, batch }) => batch * n * k),
    largest(({ m, n, batch }) => batch * m * n),
  ] as const;
  const matrix = (
    i: 0 | 1 | 2,
    batch: number,
    rows: number,
    columns: number,
  ) => ({
    tensor: new Tensor(device, [batch * rows * columns], {
      storage: storages[i],
    }),
    stride: columns,
  });
  const products = shapes.map(({ layout }, i): Product => {
    const size = sizes[i]!;
    const { m, n, k, batch } = size;
    return {
      layout,
      size,
      a: layout === "TN" ? matrix(0, batch, k, m) : matrix(0, batch, m, k),
      b: layout === "NT" ? matrix(1, batch, n, k) : matrix(1, batch, k, n),
      c: matrix(2, batch, m, n),
      access: VEC4,
      variant: {},
    };
  });
  const release = () => storages.forEach((storage) => device.release(storage));
  return { products, release };
}

function sum(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
