import { assertEquals } from "@std/assert";
import type { KernelRun } from "../../../mod.ts";
import {
  kernelsAndGaps,
  profileTable,
} from "../../../scripts/benchmarks/profile.ts";
import { timesOf } from "../../../scripts/benchmarks/result.ts";

Deno.test("timesOf() computes median, minimum and maximum", () => {
  assertEquals(timesOf([10, 9, 1]), {
    medianMs: 9,
    minMs: 1,
    maxMs: 10,
    runs: 3,
  });
  assertEquals(timesOf([4, 1, 3, 2]).medianMs, 2.5);
});

Deno.test("kernelsAndGaps() sums by kernel, over the mean of the profiles", () => {
  const run = (kernel: string, startMs: number, ms: number): KernelRun => ({
    kernel,
    params: kernel === "matmul" ? { m: 100, n: 200, k: 300 } : {},
    workgroups: [1, 1, 1],
    bytes: 1e6,
    startMs,
    ms,
  });
  const uses = kernelsAndGaps([
    [run("gelu", 0, 1), run("matmul", 1, 2), run("matmul", 4, 4)], // 1 ms between
    [run("gelu", 0, 3), run("matmul", 4, 2), run("matmul", 6, 6)],
  ]);
  assertEquals(uses, [
    {
      kernel: "matmul",
      dispatches: 2,
      ms: 7,
      share: 0.7,
      bytes: 2e6,
      gflop: 0.024, // 2 · 2 · 100 · 200 · 300 / 10⁹
    },
    { kernel: "gelu", dispatches: 1, ms: 2, share: 0.2, bytes: 1e6 },
    { kernel: "between kernels", dispatches: 0, ms: 1, share: 0.1 },
  ]);
  assertEquals(
    profileTable(uses),
    [
      "kernel           dispatches  ms   share  MB  GFLOP  GFLOP/s",
      "matmul                    2   7  70.0 %   2  0.024    3.429",
      "gelu                      1   2  20.0 %   1",
      "between kernels           0   1  10.0 %",
    ].join("\n"),
  );
});
