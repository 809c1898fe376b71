/**
 * The choice of tiles by measurement: the candidates are timed on the adapter,
 * once per class of products.
 *
 * @module
 */
import type { Device } from "../../gpu/device.ts";
import type { Kernel } from "../../gpu/kernel.ts";
import { Tensor } from "../../tensor/tensor.ts";
import { matmulKernel } from "./kernels.ts";
import { partSteps } from "./parts.ts";
import { dispatchProduct, type GemmSize, type Product } from "./product.ts";
import { type GemmAccess, type Layout, nameOf, type Tile } from "./tile.ts";
import { CANDIDATES } from "./tiles.ts";

/** Time of all measurements on a device, in ms. */
const BUDGET_MS = 2000;
/** Time of one measurement of a candidate: many times the resolution of a timestamp. */
const RUN_MS = 1;
const MAX_REPEATS = 50;
const ROUNDS = 2;
/** Larger sizes are timed as this one, which fills any GPU. */
const MAX_SIZE = 2048;
const MIN_SIZE = 32;

const VEC4: GemmAccess = { a: "vec4", b: "vec4", c: "vec4" };

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
 * @param layout Transposes of A and B.
 * @param size The size.
 * @param limitMs Time that it may take, in ms.
 * @returns The candidates with their times, the one that is used unmeasured first;
 * none if they would take longer than `limitMs`.
 */
export async function timeTiles(
  device: Device,
  layout: Layout,
  { m, n, k }: GemmSize,
  limitMs = Infinity,
): Promise<TileTime[]> {
  const start = performance.now();
  const timed = timedProduct(device, layout, { m, n, k });
  const { product } = timed;
  try {
    await device.compile(CANDIDATES.map((tile) => kernelOf(product, tile)));
    const [safe] = CANDIDATES;
    const [first] = await device.profile(() => dispatchProduct(product, safe));
    const repeats = Math.min(
      MAX_REPEATS,
      Math.ceil(RUN_MS / Math.max(first!.ms, RUN_MS / MAX_REPEATS)),
    );
    const expectedMs = ROUNDS * CANDIDATES.length * repeats * first!.ms;
    if (performance.now() - start + expectedMs > limitMs) return [];
    const runs = await device.profile(() => {
      for (let round = 0; round < ROUNDS; round++) {
        for (const tile of CANDIDATES) dispatchProduct(product, tile);
      }
    }, repeats);
    return CANDIDATES.map((tile, i) => ({
      tile: nameOf(tile),
      ms: Math.min(
        ...runs.filter((_, run) => run % CANDIDATES.length === i)
          .map(({ ms }) => ms),
      ),
    }));
  } finally {
    timed.release();
  }
}

/** A product over buffers of its own; parts of K are timed as a batch. */
function timedProduct(
  device: Device,
  layout: Layout,
  { m, n, k }: GemmSize,
): { product: Product; release: () => void } {
  const [rows, columns, all] = [m, n, k].map(roundUp) as [
    number,
    number,
    number,
  ];
  const steps = roundUp(partSteps(m, n, k));
  const batch = Math.max(1, Math.round(all / steps));
  const storages: Tensor["storage"][] = [];
  const matrix = (height: number, width: number) => {
    const size = batch * height * width;
    const storage = device.allocate(4 * size, "kept");
    storages.push(storage);
    return { tensor: new Tensor(device, [size], { storage }), stride: width };
  };
  const product: Product = {
    layout,
    size: { m: rows, n: columns, k: steps, batch },
    a: layout === "TN" ? matrix(steps, rows) : matrix(rows, steps),
    b: layout === "NT" ? matrix(columns, steps) : matrix(steps, columns),
    c: matrix(rows, columns),
    access: VEC4,
    variant: { ragged: false },
  };
  const release = () => storages.forEach((storage) => device.release(storage));
  return { product, release };
}

/** Rounds up to a multiple of the depth of every tile. */
function roundUp(size: number): number {
  return Math.ceil(size / 32) * 32;
}

function kernelOf({ layout, access, variant }: Product, tile: Tile): Kernel {
  return matmulKernel(layout, access, tile, variant);
}

/** A class of products that waits to be measured. */
interface Waiting {
  readonly layout: Layout;
  readonly size: GemmSize;
  /** Kernels of products of this class, by tile. */
  readonly kernels: Map<Kernel, (tile: Tile) => Kernel>;
}

/** Chooses the tiles on one device. */
class Tuner {
  readonly #device: Device;
  readonly #tiles = new Map<string, Tile>();
  readonly #waiting = new Map<string, Waiting>();
  #isMeasuring = false;
  #longestMs = 0;

  /**
   * Makes the tuner of a device.
   *
   * @throws {RangeError} If the device's table names an unknown class or tile.
   */
  constructor(device: Device) {
    this.#device = device;
    for (const [name, tile] of device.tuning.table) {
      this.#tiles.set(name, checkedTile(name, tile));
    }
  }

  /**
   * Returns the tile for a product: the chosen one, or the first candidate until
   * one is chosen.
   */
  tile(product: Product): Tile {
    const { layout, size } = product;
    const name = classOf(layout, size);
    const [safe] = CANDIDATES;
    const tile = this.#tiles.get(name);
    if (tile) return tile;
    if (this.#device.tuning.measures) this.#wait(name, product, safe);
    return safe;
  }

  #wait(name: string, product: Product, safe: Tile): void {
    let waiting = this.#waiting.get(name);
    if (!waiting) {
      const { layout, size: { m, n, k } } = product;
      const size = { m: limit(m), n: limit(n), k: limit(k) };
      waiting = { layout, size, kernels: new Map() };
      this.#waiting.set(name, waiting);
    }
    const { kernels } = waiting;
    const kernel = kernelOf(product, safe);
    if (!kernels.has(kernel)) {
      kernels.set(kernel, (tile) => kernelOf(product, tile));
    }
    if (this.#isMeasuring) return;
    this.#isMeasuring = true;
    // After the step that is being recorded.
    queueMicrotask(() => this.#measureAll());
  }

  async #measureAll(): Promise<void> {
    const { tuning } = this.#device;
    try {
      for (const [name, waiting] of this.#waiting) {
        if (tuning.spentMs + this.#longestMs > BUDGET_MS) return;
        const start = performance.now();
        const limitMs = BUDGET_MS - tuning.spentMs;
        this.#tiles.set(name, await this.#fastest(name, waiting, limitMs));
        this.#waiting.delete(name);
        const ms = performance.now() - start;
        tuning.spentMs += ms;
        this.#longestMs = Math.max(this.#longestMs, ms);
      }
      this.#isMeasuring = false;
    } catch {
      // The device keeps its error for the next read; what is chosen stays.
    }
  }

  /** Measures a class, and compiles its kernels with the fastest tile; the first candidate if there is no time. */
  async #fastest(
    name: string,
    { layout, size, kernels }: Waiting,
    limitMs: number,
  ): Promise<Tile> {
    const times = await timeTiles(this.#device, layout, size, limitMs);
    if (times.length === 0) return CANDIDATES[0];
    const best = times.reduce((a, b) => b.ms < a.ms ? b : a);
    const tile = checkedTile(name, best.tile);
    await this.#device.compile([...kernels.values()].map((of) => of(tile)));
    this.#device.tuning.table.set(name, best.tile);
    return tile;
  }
}

const tuners = new WeakMap<Device, Tuner>();

/**
 * Returns the tile for a product on graphics hardware. Where the device measures,
 * the first product of a class has its candidates timed after the current step.
 *
 * @param product The product.
 * @returns The tile.
 * @throws {RangeError} If the device has a table that names an unknown class or tile.
 */
export function hardwareTile(product: Product): Tile {
  const { device } = product.c.tensor;
  let tuner = tuners.get(device);
  if (!tuner) tuners.set(device, tuner = new Tuner(device));
  return tuner.tile(product);
}

const limit = (size: number) => Math.min(size, MAX_SIZE);

/**
 * Names the class of a product: its layout, and each size rounded up to a power of
 * two, from 32 to 2048, such as `NT 512x1024x1024`.
 *
 * @param layout Transposes of A and B.
 * @param size The size.
 * @returns The name.
 */
export function classOf(layout: Layout, { m, n, k }: GemmSize): string {
  const sizes = [m, n, k].map((size) =>
    2 ** Math.ceil(Math.log2(Math.max(MIN_SIZE, limit(size))))
  );
  return `${layout} ${sizes.join("x")}`;
}

function checkedTile(name: string, tile: string): Tile {
  if (!/^(NT|NN|TN) \d+x\d+x\d+$/.test(name)) {
    throw new RangeError(
      `Cannot use the tuning table: "${name}" is no class of products; a class is named like "NT 512x1024x1024"`,
    );
  }
  const found = CANDIDATES.find((candidate) => nameOf(candidate) === tile);
  if (found) return found;
  throw new RangeError(
    `Cannot use the tuning table: the tile of "${name}" is "${tile}"; the tiles are ${
      CANDIDATES.map(nameOf).join(", ")
    }`,
  );
}
