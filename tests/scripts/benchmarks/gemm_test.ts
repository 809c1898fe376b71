import { assertAlmostEquals, assertEquals, assertGreater } from "@std/assert";
import { requestDevice } from "../../../mod.ts";
import type { CandidateTimes } from "../../../scripts/benchmarks/candidates.ts";
import { benchGemm } from "../../../scripts/benchmarks/gemm.ts";
import type { KernelUse } from "../../../scripts/benchmarks/profile.ts";
import { fakeClock } from "../../helpers/fake_clock.ts";

/** A candidate that is not used where nothing was measured. */
const FASTEST = "4x4x32_8x8";

Deno.test("benchGemm() times the chosen tiles, even without warmup", async () => {
  using device = await requestDevice({
    kernels: "hardware",
    tuning: "measure",
  });
  const { profile } = device;
  device.profile = async (...args: Parameters<typeof profile>) =>
    (await profile.apply(device, args)).map((run) => {
      if (!run.kernel.startsWith("matmul")) return run;
      return { ...run, ms: run.kernel.includes(`_${FASTEST}`) ? 0.5 : 2 };
    });
  using _clock = fakeClock(); // stands still, so that a busy machine measures too
  const { fields } = await benchGemm(device, {
    case: "gemm",
    model: "tiny",
    batch: 1,
    steps: 1,
    warmup: 0,
    profile: true,
    json: false,
  }, new AbortController().signal);
  const { candidates, tuning } = fields as unknown as {
    candidates: CandidateTimes[];
    tuning: Record<string, string>;
  };

  const kernels = (fields.profile as KernelUse[])
    .filter(({ kernel }) => kernel.startsWith("matmul"));
  assertGreater(kernels.length, 3);
  assertEquals(
    kernels.filter(({ kernel }) => !kernel.includes(`_${FASTEST}`)),
    [],
  );
  assertGreater(Object.keys(tuning).length, 9);
  assertEquals(new Set(Object.values(tuning)), new Set([FASTEST]));

  assertEquals(candidates.length, 18);
  for (const { m, n, k, tiles } of candidates) {
    assertEquals(tiles.length, 6);
    for (const { ms, gflops } of tiles) {
      assertAlmostEquals(gflops, 2 * m * n * k / ms / 1e6, 1e-9);
    }
  }
});
