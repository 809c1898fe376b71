import { assert, assertEquals, assertMatch } from "@std/assert";
import { Tuning } from "../../../lib/gpu/tuning.ts";
import {
  candidatesSummary,
  candidatesTable,
} from "../../../scripts/benchmarks/candidates.ts";
import { layersOf, productsOf } from "../../../scripts/benchmarks/layers.ts";
import { pasteBlock } from "../../../scripts/benchmarks/report.ts";
import project from "../../../deno.json" with { type: "json" };

const CANDIDATES = [{
  layout: "NT",
  m: 100,
  n: 200,
  k: 500,
  // 2 x 10⁷ operations.
  tiles: [
    { tile: "4x8x16_8x8", ms: 0.02, gflops: 1000 },
    { tile: "8x8x16_8x8", ms: 0.01, gflops: 2000 },
  ],
}] as const;

Deno.test("candidatesTable() marks the fastest tile, with its share of the peak", () => {
  assertEquals(
    candidatesTable(CANDIDATES, 8000).split("\n").map((line) =>
      line.replaceAll(/ +/g, " ")
    ),
    [
      "ms, * fastest 4x8x16_8x8 8x8x16_8x8 of peak",
      "NT 100x200x500 0.02 0.01* 25.0 %",
    ],
  );
  assertEquals(
    candidatesTable([], 8000),
    "No candidates: the tiles of software adapters are fixed",
  );
});

Deno.test("pasteBlock() has versions, flags, times, summary and tuning", () => {
  const tuning = new Tuning({
    "NT 512x1024x1024": "8x8x16_8x8",
    "NN 512x1024x1024": "4x8x16_8x8",
    "TN 32x32x32": "8x8x16_8x16",
    "NT 32x32x32": "4x4x32_8x8",
  });
  tuning.spentMs = 1234;
  const block = pasteBlock(
    { description: "Some GPU", tuning },
    {
      case: "bert", // the default model, which is in the result
      batch: 8,
      gradientCheckpointing: true,
      fp16: true,
      steps: 20,
      warmup: 3,
      profile: false,
      json: false,
    },
    {
      tables: ["not in the block"],
      fields: {
        medianMs: 12.3456,
        minMs: 12,
        maxMs: 13,
        runs: 20,
        losses: [],
        model: "base",
      },
      summary: ["Peaks: …"],
    },
    { deno: "1.2.3", platform: "linux x86_64" },
  );
  assertEquals(block.split("\n"), [
    "To share these figures, paste this block into an issue of the project:",
    "",
    "```text",
    `gradloop ${project.version}, Deno 1.2.3, linux x86_64`,
    "adapter: Some GPU",
    "bench bert --model base --batch 8 --gradient-checkpointing --fp16 --steps 20 --warmup 3",
    "median 12.35 ms, 12 to 13, 20 runs",
    "Peaks: …",
    "tiles chosen in 1.23 s:",
    "NT 512x1024x1024: 8x8x16_8x8, NN 512x1024x1024: 4x8x16_8x8, TN 32x32x32: 8x8x16_8x16",
    "NT 32x32x32: 4x4x32_8x8",
    "```",
  ]);
});

Deno.test("candidatesSummary() has the largest products, in at most 100 columns", () => {
  const tiles = [
    "4x8x16_8x8",
    "8x8x16_8x8",
    "8x8x16_8x16",
    "8x4x16_16x8",
    "4x4x32_16x8",
    "4x4x32_8x8",
  ].map((tile) => ({ tile, ms: 12.3456, gflops: 1 }));
  const products = [...layersOf("mini", 8, 400), ...layersOf("base", 8, 400)]
    .flatMap(productsOf).map((product) => ({ ...product, tiles }));
  const [head, ...lines] = candidatesSummary(products, 2);
  assertMatch(head!, /^ms, \* fastest .* of peak$/);
  assertEquals(lines.length, 16);
  for (const line of [head!, ...lines]) assert(line.length <= 100, line);
  // 12 of BERT-base, and those of its pooler and classifier are not among them.
  const names = lines.map((line) => line.split(/ {2,}/)[0]);
  assertEquals(names.slice(4), [
    "NT 400x2304x768",
    "NN 400x768x2304",
    "TN 2304x768x400",
    "NT 400x768x768",
    "NN 400x768x768",
    "TN 768x768x400",
    "NT 400x3072x768",
    "NN 400x768x3072",
    "TN 3072x768x400",
    "NT 400x768x3072",
    "NN 400x3072x768",
    "TN 768x3072x400",
  ]);
});
