/**
 * Settings of the parameters of a step, as the kernels of optimizers read them.
 *
 * @module
 */
import type { Device } from "../gpu/device.ts";
import { fromArray, type Tensor } from "../tensor/tensor.ts";

/** Settings of one group at one step, for the kernel: up to 7 numbers. */
export type SettingsRow = readonly number[];

/** Numbers in a row on the device; the last one is 1 where the step is skipped. */
export const ROW_LENGTH = 8;

/** A parameter that takes part in a step. */
export interface SteppingParameter {
  /** Its index over all groups. */
  readonly index: number;
  /** Names its settings: the same for parameters that have the same. */
  readonly key: string;
  /** Settings, if so many of the steps that were counted were skipped. */
  readonly row: (skipped: number) => SettingsRow;
}

/** Settings on the device. */
export interface SettingsRows {
  /** The rows, `[R, 8]`. */
  readonly settings: Tensor;
  /** Number of the row of each parameter that takes part, from 1. */
  readonly rows: readonly number[];
}

/** Rows in the order in which they are added. */
export class RowTable {
  readonly #values: number[] = [];
  readonly #numbers = new Map<string, number>();

  /**
   * Adds rows, unless they are there.
   *
   * @param key Their name.
   * @param rows The rows.
   * @returns The number of the first one, from 1.
   */
  add(key: string, rows: () => readonly SettingsRow[]): number {
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.#values.length / ROW_LENGTH + 1;
      this.#numbers.set(key, number);
      for (const row of rows()) {
        if (row.length >= ROW_LENGTH) {
          throw new RangeError(
            `Cannot take a step: a row of settings has ${row.length} numbers; give at most ${
              ROW_LENGTH - 1
            }`,
          );
        }
        const padding = new Array(ROW_LENGTH - row.length).fill(0);
        this.#values.push(...row, ...padding);
      }
    }
    return number;
  }

  /** Uploads the rows. */
  upload(device: Device): Tensor {
    return fromArray(device, this.#values, [this.#values.length]);
  }
}

/**
 * Returns the settings of a step that is not skipped.
 *
 * @param device The device.
 * @param parameters The parameters that take part.
 * @returns A row for each setting that differs.
 */
export function settingsOf(
  device: Device,
  parameters: readonly SteppingParameter[],
): SettingsRows {
  const table = new RowTable();
  const rows = parameters.map(({ key, row }) => table.add(key, () => [row(0)]));
  return { settings: table.upload(device), rows };
}
