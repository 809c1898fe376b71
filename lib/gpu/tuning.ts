/**
 * Choice of tiles for products, by measurement or from a table.
 *
 * @module
 */
import { describe, isPlainObject } from "../check_options.ts";

/** Name of the tile to use for each class of products, by the name of the class. */
export type TuningTable = Readonly<Record<string, string>>;

/** Choices of tiles on one device, and how they are made. */
export class Tuning {
  /** Whether to time the candidates of a class that has no choice yet. */
  readonly measures: boolean;
  /** Whether products that come up are no reason to measure. */
  isPaused = false;
  /** Tiles chosen so far, by class of products. */
  readonly table: Map<string, string>;
  /** Time that measuring took so far, in ms. */
  spentMs = 0;
  /** Resolves once the classes that came up so far are chosen, or the time is spent. */
  settled: Promise<void> = Promise.resolve();

  /**
   * Makes the choices of a device.
   *
   * @param option `"measure"`: to be measured; `"none"`: no choices; a table: these, and no others.
   * @throws {TypeError} If it is none of these, or the table has a value that is no string.
   */
  constructor(option: "measure" | "none" | TuningTable) {
    checkTuning(option);
    this.measures = option === "measure";
    this.table = new Map(
      typeof option === "string" ? [] : Object.entries(option),
    );
  }
}

/**
 * Rejects a value that {@linkcode Tuning} does not take.
 *
 * @param option The value.
 * @throws {TypeError} If it is neither `"measure"`, `"none"` nor a table.
 */
export function checkTuning(option: unknown): void {
  if (option === "measure" || option === "none") return;
  if (!isPlainObject(option)) {
    throw new TypeError(
      `Cannot tune kernels: tuning is ${
        describe(option)
      }; pass "measure", "none" or a table such as that of an earlier run`,
    );
  }
  for (const [name, tile] of Object.entries(option)) {
    if (typeof tile === "string") continue;
    throw new TypeError(
      `Cannot tune kernels: the tile of "${name}" is ${
        describe(tile)
      }; pass the name of a tile`,
    );
  }
}
