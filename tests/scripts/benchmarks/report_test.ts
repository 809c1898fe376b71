import { assertEquals } from "@std/assert";
import { Tuning } from "../../../mod.ts";
import { candidatesTable } from "../../../scripts/benchmarks/candidates.ts";
import { pasteBlock } from "../../../scripts/benchmarks/report.ts";
import project from "../../../deno.json" with { type: "json" };

const CANDIDATES = [{
  layout: "NT",
  m: 100,
  n: 200,
  k: 500,
  tiles: [{ tile: "4x8x16_8x8", ms: 0.02 }, { tile: "8x8x16_8x8", ms: 0.01 }],
}] as const;

Deno.test("candidatesTable() marks the fastest tile, with its share of the peak", () => {
  // 2 x 10⁷ operations in 0.01 ms are 2,000 GFLOP/s.
  assertEquals(
    candidatesTable(CANDIDATES, 8000).split("\n").map((line) =>
      line.replaceAll(/ +/g, " ")
    ),
    [
      "ms; * is the fastest 4x8x16_8x8 8x8x16_8x8 of peak",
      "NT 100x200x500 0.02 0.01* 25.0 %",
    ],
  );
  assertEquals(
    candidatesTable([], 8000),
    "No candidates: the tiles of software adapters are fixed",
  );
});

Deno.test("pasteBlock() has versions, flags, times, summary and tuning", () => {
  const tuning = new Tuning({ "NT 512x1024x1024": "8x8x16_8x8" });
  tuning.spentMs = 1234;
  const block = pasteBlock(
    { description: "Some GPU", tuning },
    {
      case: "bert",
      model: "base",
      batch: 8,
      steps: 20,
      warmup: 3,
      profile: false,
      json: false,
    },
    {
      tables: ["not in the block"],
      fields: { medianMs: 12.3456, minMs: 12, maxMs: 13, runs: 20, losses: [] },
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
    "bench bert --model base --batch 8 --steps 20 --warmup 3",
    "median 12.35 ms, 12 to 13, 20 runs",
    "Peaks: …",
    "tiles chosen in 1.23 s:",
    "  NT 512x1024x1024: 8x8x16_8x8",
    "```",
  ]);
});
