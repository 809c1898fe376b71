import { assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { OutOfMemoryError } from "../../../mod.ts";
import type { Run } from "../../../scripts/cli/run_main.ts";
import { findExecutableBatchSize } from "../../../scripts/train/auto_batch_size.ts";
import { BatchMemoryError } from "../../../scripts/train/memory_plan.ts";
import { parseFlags } from "../../../scripts/train/options.ts";
import { needs } from "../../helpers/permissions.ts";
import { printed } from "../../helpers/printed.ts";
import { ALONE } from "../cli/alone.ts";
import { smallMemoryFlags } from "../../helpers/small_memory.ts";
import {
  commandOf,
  GIVEN,
  TRAIN_LABELS,
  trainFixture,
  tsv,
} from "../train_fixture.ts";

/** Starts runs in which batches of more than `rows` do not fit; returns their settings. */
async function start(
  line: string,
  rows: number,
  { makeError = () => new BatchMemoryError("no room"), folder = "" } = {},
) {
  const starts: unknown[] = [];
  const run: Run = {
    ...ALONE,
    signal: new AbortController().signal,
    begin() {},
  };
  const options = parseFlags(line.split(" "));
  if (options === "help") throw new TypeError("not --help");
  const main = findExecutableBatchSize<typeof options>(async (options, run) => {
    const { batchSize, evalBatchSize, gradientAccumulationSteps } = options;
    starts.push([batchSize, gradientAccumulationSteps, evalBatchSize]);
    await Promise.resolve();
    if (batchSize <= rows) assertEquals(parsedAgain(options.flags), options);
    if (folder !== "") run.folder = folder;
    if (batchSize > rows) throw makeError();
  });
  using output = printed();
  const ended = await main(options, run).catch((error) => error);
  return { starts, ended, lines: output.lines };
}

/** The settings that a run has that goes on with these flags. */
function parsedAgain(flags: object) {
  return parseFlags(
    Object.entries(flags).map(([name, value]) => {
      const flag = name.replaceAll(/[A-Z]/g, (c) => `-${c.toLowerCase()}`);
      return value === true ? `--${flag}` : `--${flag}=${value}`;
    }),
  );
}

const AUTO = "--auto-batch-size --batch-size";

Deno.test("findExecutableBatchSize() divides the batches and keeps the rows of a step", async () => {
  const { starts, ended, lines } = await start(
    `${AUTO} 12 --gradient-accumulation-steps 3 --eval-batch-size 5`,
    3,
  );
  assertEquals(starts, [[12, 3, 5], [6, 6, 5], [3, 12, 3]]);
  assertEquals(ended, undefined);
  assertEquals(lines, [
    "--batch-size 12 does not fit into memory: starting again with --batch-size 6 --gradient-accumulation-steps 6",
    "--batch-size 6 does not fit into memory: starting again with --batch-size 3 --gradient-accumulation-steps 12",
  ]);
  assertEquals((await start(`${AUTO} 15`, 1)).starts, [
    [15, 1, 32],
    [5, 3, 5],
    [1, 15, 1],
  ]);
  assertEquals((await start(`${AUTO} 8`, 8)).starts, [[8, 1, 32]]);
});

Deno.test("findExecutableBatchSize() throws if one row does not fit, with advice", async () => {
  const { starts, ended } = await start(`${AUTO} 2`, 0);
  assertEquals(starts.length, 2);
  assertEquals(
    ended.message,
    "Cannot train with --batch-size 1: --max-length with a smaller number shortens the rows; --gradient-checkpointing takes less memory (no room)",
  );
});

Deno.test("findExecutableBatchSize() starts again for the plan of a run alone", async () => {
  const cases: [string, Parameters<typeof start>[2]?][] = [
    ["--batch-size 8"], // without the flag
    [`${AUTO} 8`, { folder: "runs/a" }], // it has begun
    [`${AUTO} 8`, { makeError: () => new OutOfMemoryError("no room") }],
  ];
  for (const [line, options] of cases) {
    const { starts, ended } = await start(line, 1, options);
    assertEquals(starts.length, 1, line);
    assertMatch(ended.message, /^Cannot train with --batch-size 8: /);
  }
  const other = new RangeError("no");
  const { starts, ended } = await start(`${AUTO} 8`, 1, {
    makeError: () => other as BatchMemoryError,
  });
  assertEquals(starts.length, 1);
  assertStrictEquals(ended, other);
});

/**
 * Bytes in which the fixture trains with 2 rows (74.68 MB), and not with 4 (74.80 MB): most
 * of it is the texture of 67 MB, and a tenth in addition.
 */
const BYTES = 74_740_000;

for (const task of ["train", "classify"] as const) {
  Deno.test(
    needs(
      `--auto-batch-size of ${task} has the numbers of the batch size that it chooses, and goes on with it`,
      "read",
      "write",
      "run",
    ),
    async () => {
      await using fixture = await trainFixture();
      const columns = "--text-columns sentence1,sentence2 --label-column label";
      const given = `${GIVEN} ${
        task === "train" ? "" : columns
      } --epochs 3 --learning-rate 3e-3 --dropout 0.1 --logging-steps 1`;
      await fixture.write("data/train.tsv", tsv(TRAIN_LABELS, 9));
      const within = (bytes: number) => ({
        task,
        permissions: [
          ...smallMemoryFlags(bytes),
          ...commandOf(task).permissions,
        ],
      });
      const small = within(BYTES);
      const whole = await fixture.run(
        `${given} --batch-size 8 --output-dir runs/whole`,
        within(BYTES / 2),
      );
      assertEquals(whole.code, 2);
      assertMatch(
        whole.error,
        /^error: Cannot train with --batch-size 8: --batch-size 4 --gradient-accumulation-steps 2 gives the same steps, and --auto-batch-size finds such a size; /,
      );
      const auto = await fixture.run(
        `${given} --batch-size 8 --auto-batch-size --output-dir runs/auto`,
        small,
      );
      assertEquals(auto.code, 0, auto.stderr);
      assertMatch(
        auto.stdout,
        /with --batch-size 2 --gradient-accumulation-steps 4\n(.*\n)*Memory: .* for batches of up to \d+ tokens/,
      );
      const hand = await fixture.run(
        `${given} --batch-size 2 --gradient-accumulation-steps 4 --eval-batch-size 2 --output-dir runs/hand`,
        { task },
      );
      assertEquals(hand.code, 0, hand.stderr);
      const numbers = async (run: string) =>
        (await fixture.events(run)).map(({ trainSeconds: _, ...event }) =>
          event
        );
      assertEquals(await numbers("auto"), await numbers("hand"));
      const weights = (run: string) =>
        Deno.readFile(`${fixture.path}/runs/${run}/model/model.safetensors`);
      assertEquals(await weights("auto"), await weights("hand"));

      const config = JSON.parse(await fixture.text("runs/auto/config.json"));
      const { batchSize, gradientAccumulationSteps, evalBatchSize, flags } =
        config;
      const chosen = { batchSize, gradientAccumulationSteps, evalBatchSize };
      assertEquals(chosen, {
        batchSize: 2,
        gradientAccumulationSteps: 4,
        evalBatchSize: 2,
      });
      assertEquals({ ...flags, ...chosen, autoBatchSize: true }, flags);
      await Deno.remove(`${fixture.path}/runs/auto/results.json`);
      const resumed = await fixture.run("--resume runs/auto", small);
      assertEquals(resumed.code, 0, resumed.stderr);
      assertMatch(resumed.stdout, /Going on after step \d+/);
      assertEquals(await numbers("auto"), await numbers("hand"));
    },
  );
}
