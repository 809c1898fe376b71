/**
 * The choice of tiles by measurement: the candidates are timed on the adapter,
 * once per class of products.
 *
 * @module
 */
import type { Device } from "../../gpu/device.ts";
import { DeviceLostError } from "../../gpu/errors.ts";
import type { Kernel } from "../../gpu/kernel.ts";
import {
  type GemmSize,
  type Product,
  type ProductForm,
  productKernel,
} from "./product.ts";
import { type Layout, nameOf, type Tile } from "./tile.ts";
import { CANDIDATES } from "./tiles.ts";
import { compileTimed, type GemmShape, measureTiles } from "./time_tiles.ts";

/** Time of all measurements on a device, in ms. */
const BUDGET_MS = 2000;
/** Larger sizes are timed as this one, which fills any GPU. */
const MAX_SIZE = 2048;
const MIN_SIZE = 32;
/** Measurements of a class that errors may end. */
const MAX_ATTEMPTS = 2;

/** A class of products that waits to be measured. */
interface Waiting {
  readonly shape: GemmShape;
  /** Products of this class, by their kernel with the first candidate. */
  readonly forms: Map<Kernel, ProductForm>;
  /** Measurements so far, all of which failed. */
  attempts: number;
}

/** Chooses the tiles on one device. */
class Tuner {
  readonly #device: Device;
  readonly #tiles = new Map<string, Tile>();
  readonly #waiting = new Map<string, Waiting>();
  #isMeasuring = false;
  /** Whether the time is spent, or the device is gone. */
  #isDone = false;

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
    const tile = this.#tiles.get(name);
    if (tile) return tile;
    const { measures, isPaused } = this.#device.tuning;
    if (measures && !isPaused && !this.#isDone) {
      this.#wait(name, product);
    }
    return CANDIDATES[0];
  }

  #wait(name: string, product: Product): void {
    let waiting = this.#waiting.get(name);
    if (!waiting) {
      const { layout, size: { m, n, k } } = product;
      const shape = { layout, m: limit(m), n: limit(n), k: limit(k) };
      waiting = { shape, forms: new Map(), attempts: 0 };
      this.#waiting.set(name, waiting);
    }
    // Without the tensors, which would keep the step alive.
    const { layout, access, size, variant, partSteps } = product;
    const form = { layout, access, size, variant, partSteps };
    waiting.forms.set(productKernel(form, CANDIDATES[0]), form);
    if (this.#isMeasuring) return;
    this.#isMeasuring = true;
    // At the next await: most often after the step that is being recorded.
    this.#device.tuning.settled = Promise.resolve().then(() =>
      this.#measureAll()
    );
  }

  async #measureAll(): Promise<void> {
    const { tuning } = this.#device;
    try {
      while (tuning.spentMs < BUDGET_MS) {
        await this.#device.profile(() => {}); // throws what waits for the next read
        await this.#measure([...this.#waiting]);
        if (this.#waiting.size > 0) continue;
        this.#isMeasuring = false;
        return;
      }
    } catch (error) {
      // The device keeps its error for the next read; what is chosen stays.
      if (!(error instanceof DeviceLostError)) return this.#retryLater();
    }
    this.#isDone = true;
    this.#waiting.clear();
  }

  /** Leaves what waits to the next product; a class that failed too often is not measured. */
  #retryLater(): void {
    this.#isMeasuring = false;
    for (const [name, { attempts }] of this.#waiting) {
      if (attempts < MAX_ATTEMPTS) continue;
      this.#tiles.set(name, CANDIDATES[0]);
      this.#waiting.delete(name);
    }
  }

  /** Measures classes, and compiles their kernels with the fastest tiles. */
  async #measure(classes: [string, Waiting][]): Promise<void> {
    const { tuning } = this.#device;
    for (const [, waiting] of classes) waiting.attempts++;
    const shapes = classes.map(([, { shape }]) => shape);
    const limitMs = BUDGET_MS - tuning.spentMs;
    const { times, spentMs } = await measureTiles(
      this.#device,
      shapes,
      limitMs,
    );
    const chosen = classes.map(([name, { forms }], i) => {
      const [fastest] = times[i]!.toSorted((a, b) => a.ms - b.ms);
      const tile = fastest ? checkedTile(name, fastest.tile) : CANDIDATES[0];
      return { name, tile, isMeasured: fastest !== undefined, forms };
    });
    const compileMs = await compileTimed(
      this.#device,
      chosen.flatMap(({ tile, forms }) =>
        [...forms.values()].map((form) => productKernel(form, tile))
      ),
    );
    tuning.spentMs += spentMs + compileMs;
    for (const { name, tile, isMeasured } of chosen) {
      this.#tiles.set(name, tile);
      if (isMeasured) tuning.table.set(name, nameOf(tile));
      this.#waiting.delete(name);
    }
  }
}

const tuners = new WeakMap<Device, Tuner>();

/**
 * Returns the tile for a product on graphics hardware. Where the device measures,
 * the first product of a class has its candidates timed at the next `await`.
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
