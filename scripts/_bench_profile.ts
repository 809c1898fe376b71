/**
 * Where time goes: the kernels of a profile, summed up by name.
 *
 * @module
 */
import type { KernelRun } from "../mod.ts";
import { table } from "./_bench_report.ts";

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
 * @returns Its kernels on average, the one with the most time first, and then what lies between them: copies, and the GPU's own pauses.
 */
export function kernelUses(
  profiles: readonly (readonly KernelRun[])[],
): KernelUse[] {
  const sum = <T>(items: readonly T[], value: (item: T) => number) =>
    items.reduce((sum, item) => sum + value(item), 0) / profiles.length;
  const ms = sum(profiles, (runs) => runs.at(-1)!.startMs + runs.at(-1)!.ms);
  const uses = [...Map.groupBy(profiles.flat(), ({ kernel }) => kernel)]
    .map(([kernel, runs]): KernelUse => {
      const gflop = sum(runs, gflopOf);
      return {
        kernel,
        dispatches: sum(runs, () => 1),
        ms: sum(runs, ({ ms }) => ms),
        share: sum(runs, (run) => run.ms / ms),
        bytes: sum(runs, ({ bytes }) => bytes),
        ...gflop > 0 ? { gflop } : {},
      };
    })
    .sort((a, b) => b.ms - a.ms);
  const between = ms - uses.reduce((sum, { ms }) => sum + ms, 0);
  return [...uses, {
    kernel: "between kernels",
    dispatches: 0,
    ms: between,
    share: between / ms,
  }];
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
