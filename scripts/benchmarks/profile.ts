/**
 * Summary of profiles: time, memory traffic and operations by kernel.
 *
 * @module
 */
import type { KernelRun } from "../../mod.ts";
import { table } from "../cli/table.ts";

/** All dispatches of one kernel. */
export interface KernelUse {
  /** Label of the kernel, or "between kernels". */
  readonly kernel: string;
  /** Number of dispatches. */
  readonly dispatches: number;
  /** Their total time, in ms. */
  readonly ms: number;
  /** Fraction of the total time. */
  readonly share: number;
  /** Bytes of their buffers. */
  readonly bytes?: number;
  /** 10⁹ multiplications and additions, for matrix products. */
  readonly gflop?: number;
}

/**
 * Sums the dispatches of each kernel.
 *
 * @param profiles Profiles of the same work, repeated.
 * @param totalMs Time of the work, in ms.
 * @returns The kernels, on average over the profiles, longest time first.
 */
export function kernelUses(
  profiles: readonly (readonly KernelRun[])[],
  totalMs: number,
): KernelUse[] {
  const mean = (
    runs: readonly KernelRun[],
    value: (run: KernelRun) => number,
  ) => runs.reduce((sum, run) => sum + value(run), 0) / profiles.length;
  return [...Map.groupBy(profiles.flat(), ({ kernel }) => kernel)]
    .map(([kernel, runs]): KernelUse => {
      const gflop = mean(runs, gflopOf);
      const ms = mean(runs, ({ ms }) => ms);
      return {
        kernel,
        dispatches: runs.length / profiles.length,
        ms,
        share: ms / totalMs,
        bytes: mean(runs, ({ bytes }) => bytes),
        ...gflop > 0 ? { gflop } : {},
      };
    })
    .sort((a, b) => b.ms - a.ms);
}

/**
 * Sums the dispatches of each kernel, and the time between kernels: copies, and
 * idle time of the GPU.
 *
 * @param profiles Profiles of the same work, repeated.
 * @returns As {@linkcode kernelUses}, with the time between kernels last.
 */
export function kernelsAndGaps(
  profiles: readonly (readonly KernelRun[])[],
): KernelUse[] {
  const ends = profiles.map((runs) => runs.at(-1)!.startMs + runs.at(-1)!.ms);
  const totalMs = ends.reduce((sum, end) => sum + end, 0) / ends.length;
  const uses = kernelUses(profiles, totalMs);
  const ms = uses.reduce((rest, { ms }) => rest - ms, totalMs);
  const gaps = { kernel: "between kernels", dispatches: 0, ms };
  return [...uses, { ...gaps, share: ms / totalMs }];
}

/**
 * Formats kernel uses as a table.
 *
 * @param uses The kernel uses.
 * @returns The table.
 */
export function profileTable(uses: readonly KernelUse[]): string {
  return table(
    ["kernel", "dispatches", "ms", "share", "MB", "GFLOP", "GFLOP/s"],
    uses.map(({ kernel, dispatches, ms, share, bytes, gflop }) => [
      kernel,
      dispatches,
      ms,
      percent(share),
      bytes && bytes / 1e6,
      gflop,
      gflop && gflop / ms * 1e3,
    ]),
  );
}

/**
 * Formats a fraction as `12.5 %`.
 *
 * @param share The fraction.
 * @returns The text.
 */
export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

/** Operations of a matrix product, recognised by its parameters m, n and k. */
function gflopOf({ params: { m = 0, n = 0, k = 0 } }: KernelRun): number {
  return 2 * m * n * k / 1e9;
}
