import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertGreater,
  assertMatch,
  assertRejects,
} from "@std/assert";
import project from "../../deno.json" with { type: "json" };
import { Random } from "../../mod.ts";
import { benchBert, bertBatch } from "../../scripts/benchmarks/bert.ts";
import {
  benchDispatch,
  marginalMs,
} from "../../scripts/benchmarks/dispatch.ts";
import type { BenchOptions } from "../../scripts/benchmarks/flags.ts";
import { benchGemm } from "../../scripts/benchmarks/gemm.ts";
import { benchMlp } from "../../scripts/benchmarks/mlp.ts";
import type { KernelUse } from "../../scripts/benchmarks/profile.ts";
import type { Times } from "../../scripts/benchmarks/result.ts";
import { assertAllClose } from "../helpers/all_close.ts";
import { device } from "../helpers/device.ts";
import { needs, ROOT } from "../helpers/permissions.ts";
import { GOLDEN_LOSS } from "../helpers/tolerances.ts";

const { signal } = new AbortController();

/** The settings of a short run. */
function settings(given: Partial<BenchOptions>): BenchOptions {
  return {
    case: "bert",
    batch: 2,
    steps: 2,
    warmup: 1,
    profile: false,
    json: false,
    ...given,
  };
}

const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** Runs the task with its own permissions. */
async function bench(flags: string) {
  const [, ...task] = project.tasks.bench.command.split(" ");
  const { code, stdout, stderr } = await new Deno.Command("deno", {
    args: [...task, ...flags.split(" ")],
    cwd: ROOT,
    stdin: "null",
  }).output();
  return { code, stdout: decode(stdout), stderr: decode(stderr) };
}

Deno.test(
  needs("bench prints a table and one JSON line", "run"),
  async (t) => {
    await t.step("only the line with --json", async () => {
      const { code, stdout } = await bench(
        "bert --batch 2 --steps 2 --warmup 1 --json",
      );
      assertEquals(code, 0);
      assertEquals(stdout.split("\n").length, 2);
      const { losses, ...line } = JSON.parse(stdout);
      assertEquals(losses.length, 6);
      assertEquals(Object.keys(line), [
        "case",
        "medianMs",
        "minMs",
        "maxMs",
        "runs",
        "hostMs",
        "firstStepMs",
        "dispatchesPerStep",
        "submitsPerStep",
        "peakBytes",
        "model",
        "batch",
        "realTokensPerStep",
        "peakGflops",
        "copyGBs",
        "gflopPerStep",
        "shareOfPeak",
        "candidates",
        "tuning",
        "tuningSeconds",
        "adapter",
      ]);
      assertEquals(line.case, "bert");
      assertEquals(line.model, "tiny");
      assertEquals(line.runs, 2);
      assertEquals(line.adapter, device.description);
    });
    await t.step("the candidates and a block to share", async () => {
      const { code, stdout } = await bench(
        "bert --model tiny --batch 1 --steps 1 --warmup 0 --kernels hardware",
      );
      assertEquals(code, 0);
      const [, block] = stdout.match(/\n```text\n([^]*?)\n```\n/)!;
      assertMatch(block!, /^gradloop \S+, Deno \S+, \S+ \S+\nadapter: .*\n/);
      assertMatch(block!, /\nbench bert --model tiny --batch 1 .*hardware\n/);
      assertMatch(block!, /\nPeaks: \S+ GFLOP\/s .* GB\/s of a copy\n/);
      assertMatch(block!, /\nNT \d+x384x128( +[\d.]+\*?){6} +[\d.]+ %\n/);
      const line = JSON.parse(stdout.trimEnd().split("\n").at(-1)!);
      assertEquals(line.candidates.length, 18);
      assert(line.copyGBs > 0 && line.shareOfPeak > 0);
    });
    await t.step("the line after the table", async () => {
      const { code, stdout } = await bench("dispatch --steps 1 --warmup 0");
      assertEquals(code, 0);
      assertMatch(
        stdout,
        /^Running on .*\n\n +median µs .*\none more dispatch +[\d.]+ /,
      );
      const { losses, ...line } = JSON.parse(
        stdout.trimEnd().split("\n").at(-1)!,
      );
      assertEquals(losses, []);
      assertEquals(line.case, "dispatch");
    });
  },
);

Deno.test(
  needs("bench refuses a wrong flag with exit code 2", "run"),
  async () => {
    const { code, stdout, stderr } = await bench("bert --model huge");
    assertEquals({ code, stdout, stderr }, {
      code: 2,
      stdout: "",
      stderr:
        'error: --model must be one of tiny, mini, minilm-l6, base, roberta-base, modernbert-base, deberta-v3-base, not "huge"\n',
    });
  },
);

Deno.test("benchBert() times the same steps for the same seed, and profiles them", async () => {
  const { fields, tables } = await benchBert(
    device,
    settings({ profile: true }),
    signal,
  );
  const { fields: again } = await benchBert(device, settings({}), signal);
  assertEquals(again.losses, fields.losses);
  assertEquals(new Set(fields.losses).size, 6);
  // About ln 2, with random weights and dropout.
  for (const loss of fields.losses) assert(loss > 0.4 && loss < 1.1);
  assertEquals(fields.runs, 2);
  assert(fields.minMs <= fields.medianMs && fields.medianMs <= fields.maxMs);
  assertEquals(fields.realTokensPerStep, (39 + 42 + 36 + 68) / 2); // steps 1 and 2
  assertEquals(fields.submitsPerStep, 1);
  const { hostMs } = fields as unknown as Record<string, number>;
  assert(hostMs! > 0 && hostMs! < fields.maxMs);

  const kernels = fields.profile as KernelUse[];
  const sum = (value: (use: KernelUse) => number) =>
    kernels.reduce((sum, use) => sum + value(use), 0);
  assertEquals(sum(({ dispatches }) => dispatches), fields.dispatchesPerStep);
  assertAlmostEquals(sum(({ share }) => share), 1, 1e-9);
  // The kernels take about as long as a step, on a machine that may be busy.
  const ms = sum(({ ms }) => ms);
  assert(ms > fields.minMs / 10 && ms < 10 * fields.maxMs, `${ms} ms`);
  const products = kernels.filter(({ gflop }) => gflop !== undefined);
  assertGreater(products.length, 3);
  for (const { kernel } of products) assertMatch(kernel, /^matmul_/);
  assert(kernels.some(({ kernel }) => kernel.startsWith("adamw")));
  assertEquals(tables.length, 5);
});

Deno.test("bertBatch() has the row lengths in order, and random ids", async (t) => {
  // The lengths of rows 8 … 15, and their labels: row % 3 > 0.
  const random = new Random(0);
  const batch = bertBatch(random, 1, { batch: 8 });
  const lengths = [57, 36, 64, 28, 41, 68, 52, 62];
  assertEquals(batch.inputIds.shape, [8, 68]);
  assertEquals([...batch.labels!.data], [1, 0, 1, 1, 0, 1, 1, 0]);
  lengths.forEach((length, row) => {
    for (let position = 0; position < 68; position++) {
      const [id, tokenType, mask] = [
        batch.inputIds,
        batch.tokenTypeIds,
        batch.attentionMask,
      ].map(({ data }) => data[row * 68 + position]!);
      const real = position < length;
      assertEquals(mask, real ? 1 : 0);
      assertEquals(
        tokenType,
        real && position >= Math.floor(length / 2) ? 1 : 0,
      );
      assert(real ? id! >= 1000 && id! < 30000 : id === 0);
    }
  });
  await t.step("and starts over if no full batch is left", () => {
    // 256 rows: step 31 ends with the last one, step 32 starts at 256 % 249.
    assertEquals(bertBatch(random, 31, { batch: 8 }).attentionMask.shape, [
      8,
      70,
    ]);
    const { data } = bertBatch(random, 32, { batch: 8 }).labels!;
    assertEquals(
      [...data],
      [7, 8, 9, 10, 11, 12, 13, 14].map((row) => Number(row % 3 > 0)),
    );
  });
  await t.step("and one length with --length", () => {
    const { attentionMask } = bertBatch(random, 0, { batch: 3, length: 5 });
    assertEquals(attentionMask.shape, [3, 5]);
    assert(attentionMask.data.every((value) => value === 1));
  });
});

/*
 * PyTorch 2.13, float64:
 *
 *     T, D, I, seed = 512, 768, 3072, 1
 *     def draw():
 *         global seed
 *         seed = (seed * 1664525 + 1013904223) % 2**32
 *         return seed / 2**32
 *     def uniform(bound, *shape):
 *         return torch.tensor([2 * bound * (draw() - 0.5) for _ in range(math.prod(shape))]).float().double().reshape(shape)
 *     w1, w2, x = uniform(D**-0.5, D, I), uniform(I**-0.5, I, D), uniform(1.7, T, D)
 *     labels = torch.tensor([int(draw() * D) for _ in range(T)])
 *     b1, b2, g, b = torch.zeros(I), torch.zeros(D), torch.ones(D), torch.zeros(D)
 *     parameters = [t.requires_grad_() for t in (w1, b1, w2, b2, g, b)]
 *     optimizer = torch.optim.AdamW(parameters, lr=1e-4, weight_decay=0.01)
 *     for _ in range(6):
 *         o = F.gelu(x @ w1 + b1) @ w2 + b2 + x
 *         loss = F.cross_entropy(F.layer_norm(o, (D,), g, b), labels)
 *         optimizer.zero_grad(); loss.backward(); optimizer.step()
 *         print(loss.item())
 */
const MLP_LOSSES = [
  7.124435078908645,
  6.99299453172894,
  6.861715375242751,
  6.730676713668527,
  6.599955958731756,
  6.469628586317601,
];

Deno.test("benchMlp() has the losses of the same step in PyTorch", async () => {
  const options = settings({ case: "mlp", steps: 5 });
  const { fields } = await benchMlp(device, options, signal);
  assertAllClose(fields.losses, MLP_LOSSES, GOLDEN_LOSS);
});

Deno.test("benchGemm() times every product of a BERT, and the peak", async () => {
  const options = settings({ case: "gemm", model: "tiny", profile: true });
  const { fields } = await benchGemm(device, options, signal);
  const { peakGflops, products, profile } = fields as unknown as {
    peakGflops: number;
    products: {
      m: number;
      n: number;
      k: number;
      layout: string;
      medianMs: number;
      gflops: number;
      shareOfPeak: number;
    }[];
    profile: KernelUse[];
  };
  const T = 103; // two rows of 51.5 tokens
  assertEquals(
    products.map(({ layout, m, n, k }) => `${layout} ${m} ${n} ${k}`),
    [
      [T, 384, 128],
      [T, 128, 128],
      [T, 512, 128],
      [T, 128, 512],
      [2, 128, 128],
      [2, 2, 128],
    ].flatMap(([rows, outputs, inputs]) => [
      `NT ${rows} ${outputs} ${inputs}`,
      `NN ${rows} ${inputs} ${outputs}`,
      `TN ${outputs} ${inputs} ${rows}`,
    ]),
  );
  for (const { m, n, k, medianMs, gflops, shareOfPeak } of products) {
    assertAlmostEquals(gflops, 2 * m * n * k / medianMs / 1e6, 1e-9);
    assertAlmostEquals(shareOfPeak, gflops / peakGflops, 1e-9);
    assertGreater(shareOfPeak, 0);
  }
  assertEquals(
    profile.reduce((sum, { dispatches }) => sum + dispatches, 0),
    products.length,
  );
});

Deno.test("benchDispatch() gives positive times of one dispatch and one submit", async () => {
  const options = settings({ case: "dispatch", steps: 2 });
  const { fields } = await benchDispatch(device, options, signal);
  for (const times of [fields, fields.host, fields.submit] as Times[]) {
    assert(times.minMs > 0 && times.minMs <= times.medianMs);
    assertEquals(times.runs, 2);
  }
});

Deno.test("marginalMs() is the slope, measured again where noise hides it", async () => {
  const few = [[5, 50], [9, 20]];
  const many = [[25, 40], [29, 60]];
  const next = (times: number[][]) => () => Promise.resolve(times.shift()!);
  // The first attempt has a slope of -1: (40 - 50) / 10.
  assertEquals(await marginalMs(next(few), next(many), 10), [2, 4]);
  assertEquals([few.length, many.length], [0, 0]);
  await assertRejects(
    () => marginalMs(() => Promise.resolve([2]), () => Promise.resolve([1]), 1),
    Error,
    "the machine is too busy",
  );
});
