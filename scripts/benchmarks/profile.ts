/**
 * Where time goes: the kernels of a profile, summed up by name.
 *
 * @module
 */
import type { KernelRun } from "../../mod.ts";
import { table } from "../cli/table.ts";

/** All runs of one kernel. */
export interface KernelUse {
  /** Its label, or what lies between kernels. */
  readonly kernel: string;
  /** Runs. */
  readonly dispatches: number;
  /** Time of all of them, in ms. */
  readonly ms: number;
  /** Part of the whole time. */
  readonly share: number;
  /** Bytes of what they were given. */
  readonly bytes?: number;
  /** 10⁹ multiplications and additions, of matrix products. */
  readonly gflop?: number;
}

/**
 * Sums runs by kernel.
 *
 * @param profiles The kernels of several times the same work.
 * @param totalMs How long the work takes, in ms.
 * @returns Its kernels on average, the one with the most time first.
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
 * Sums runs by kernel, and what lies between them: copies, and the GPU's pauses.
 *
 * @param profiles The kernels of several times the same work.
 * @returns As {@linkcode kernelUses}, with the pauses at the end.
 */
export function kernelsAndPauses(
  profiles: readonly (readonly KernelRun[])[],
): KernelUse[] {
  const ends = profiles.map((runs) => runs.at(-1)!.startMs + runs.at(-1)!.ms);
  const totalMs = ends.reduce((sum, end) => sum + end, 0) / ends.length;
  const uses = kernelUses(profiles, totalMs);
  const ms = uses.reduce((rest, { ms }) => rest - ms, totalMs);
  const pauses = { kernel: "between kernels", dispatches: 0, ms };
  return [...uses, { ...pauses, share: ms / totalMs }];
}

/** A table of them. */
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

/** `12.5 %`. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

/** A matrix product is known by its sizes. */
function gflopOf({ params: { m = 0, n = 0, k = 0 } }: KernelRun): number {
  return 2 * m * n * k / 1e9;
}
