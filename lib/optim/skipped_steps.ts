/**
 * Steps of an optimizer that the device takes or skips: the host gets to know which
 * it was later, and waits for nothing.
 *
 * The settings of a step depend on its number, in which skipped steps do not count. The
 * host computes them for every number that is possible, and the device selects.
 *
 * @module
 */
import { selectSettings } from "../ops/grad_scale.ts";
import { fromArray, Tensor, zeros } from "../tensor/tensor.ts";
import {
  ROW_LENGTH,
  RowTable,
  type SettingsRows,
  type SteppingParameter,
} from "./settings_rows.ts";

/** A step that the device takes or skips. */
export interface StepDecision {
  /** 1 if the step is skipped, else 0: a scalar. */
  readonly foundInf: Tensor;
  /** Whether it was skipped, once that was read back. */
  readonly wasSkipped: Promise<boolean>;
}

/** Skipped steps of all parameters of an optimizer. */
export class SkippedSteps {
  /** Number of skipped steps by parameter, `[P]` u32, counted by the device. */
  readonly #skipped: Tensor;
  /** The same, as far as the host knows. */
  readonly #known: number[];
  /** Number of steps by parameter of which the host does not know. */
  readonly #open: number[];
  #pending: Promise<void> = Promise.resolve();

  /** Makes counts of 0. */
  constructor({ device }: Tensor, parameters: number) {
    const options = { dtype: "u32", lifetime: "kept" } as const;
    this.#skipped = zeros(device, [parameters], options);
    this.#known = new Array(parameters).fill(0);
    this.#open = new Array(parameters).fill(0);
  }

  /** Whether the host knows of all steps. */
  get isSettled(): boolean {
    return this.#open.every((count) => count === 0);
  }

  /** Waits until the host knows of all steps; `undefined` if it does. */
  settle(): Promise<void> | undefined {
    if (this.isSettled) return undefined;
    return this.#skipped.device.flushReads().then(() => this.#pending);
  }

  /**
   * Selects the settings of a step.
   *
   * @param parameters The parameters that take part.
   * @param decision The step.
   * @param takeBack Takes back the count of a step, by the index of the parameter.
   * @returns A row for each parameter.
   */
  select(
    parameters: readonly SteppingParameter[],
    { foundInf, wasSkipped }: StepDecision,
    takeBack: (index: number) => void,
  ): SettingsRows {
    const { device, size } = this.#skipped;
    const table = new RowTable();
    const entries = new Uint32Array(2 * size);
    for (const { index, key, row } of parameters) {
      const open = this.#open[index]!++;
      const candidates = () =>
        Array.from({ length: open + 1 }, (_, skipped) => row(skipped));
      const first = table.add(`${key} ${open}`, candidates);
      entries.set([first, this.#known[index]!], 2 * index);
    }
    const settings = new Tensor(device, [size, ROW_LENGTH]);
    selectSettings(
      fromArray(device, entries, [size, 2], { dtype: "u32" }),
      table.upload(device),
      foundInf,
      this.#skipped,
      settings,
    );
    const learn = (isSkipped: boolean) => {
      for (const { index } of parameters) {
        this.#open[index]!--;
        if (!isSkipped) continue;
        this.#known[index]!++;
        takeBack(index);
      }
    };
    // After an error of the device nothing is known any more.
    this.#pending = wasSkipped.then(learn, () => {});
    return { settings, rows: parameters.map(({ index }) => index + 1) };
  }
}
