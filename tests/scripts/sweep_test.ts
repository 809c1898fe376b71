import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { needs } from "../helpers/permissions.ts";
import { checkPage } from "./report/page_checks.ts";
import { commandOf, type TrainFixture, trainFixture } from "./train_fixture.ts";

const GIVEN =
  "--model model --data data --text-columns sentence1,sentence2 --epochs 3 --batch-size 4";
const RATES = ["0.001", "0.01"];
const SEEDS = ["1", "2"];
const GRID = `${GIVEN} --learning-rate ${RATES} --seed ${SEEDS}`;
const RUNS = RATES.flatMap((rate) =>
  SEEDS.map((seed) => `learning-rate=${rate}_seed=${seed}`)
);

/** `results.json` of a run, without times. */
async function resultsOf(fixture: TrainFixture, run: string) {
  const { seconds: _, samplesPerSecond: __, ...results } = JSON.parse(
    await fixture.text(`runs/${run}/results.json`),
  );
  return results;
}

/** Results of the runs of a sweep. */
async function resultsOfAll(fixture: TrainFixture, folder: string) {
  return await Promise.all(
    RUNS.map((name) => resultsOf(fixture, `${folder}/${name}`)),
  );
}

/** Starts a sweep, and sends a signal once a file is there. */
async function interrupt(
  fixture: TrainFixture,
  flags: string,
  file: string,
  signal: Deno.Signal,
): Promise<Deno.CommandOutput> {
  const child = fixture.start(flags, { task: "sweep" });
  let isOver = false;
  const output = child.output().finally(() => isOver = true);
  while (!isOver) {
    if (await fixture.text(file).then(() => true, () => false)) {
      child.kill(signal);
      break;
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return await output;
}

Deno.test("the sweep task may read, and write below runs", () => {
  assertEquals(commandOf("sweep").permissions, [
    "--allow-read",
    "--allow-write=runs",
  ]);
});

Deno.test(
  needs("sweep.ts equals runs by hand", "read", "write", "run"),
  async (t) => {
    await using fixture = await trainFixture();
    const sweep = (flags: string) => fixture.run(flags, { task: "sweep" });
    const byHand = await Promise.all(
      RATES.flatMap((rate) =>
        SEEDS.map(async (seed): Promise<{ f1: number }> => {
          const name = `hand-${rate}-${seed}`;
          const { code, stderr } = await fixture.run(
            `${GIVEN} --learning-rate ${rate} --seed ${seed} --output-dir runs/${name}`,
            { task: "classify" },
          );
          assertEquals(code, 0, stderr);
          return await resultsOf(fixture, name);
        })
      ),
    );
    await t.step("in three processes at once", async () => {
      const ended = await Promise.all(
        [1, 2, 3].map((i) =>
          sweep(`${GRID} --output-dir runs/a --part ${i}/3`)
        ),
      );
      for (const { code, stderr } of ended) assertEquals(code, 0, stderr);
      assertEquals(await resultsOfAll(fixture, "a"), byHand);
      const { settings, runs } = JSON.parse(
        await fixture.text("runs/a/sweep.json"),
      );
      assertEquals(
        runs.map(({ status }: { status: string }) => status),
        Array(4).fill("finished"),
      );
      for (const { flags, score } of settings) {
        const i = 2 * RATES.indexOf(`${flags.learningRate}`);
        const [a, b] = [byHand[i]!.f1, byHand[i + 1]!.f1];
        assertEquals(score.mean.toFixed(9), ((a + b) / 2).toFixed(9));
        // Of two values: |a - b| / sqrt(2).
        assertEquals(
          score.std.toFixed(9),
          (Math.abs(a - b) / Math.SQRT2).toFixed(9),
        );
      }
      checkPage(await fixture.text("runs/a/sweep.html"));
    });
    await t.step("killed in the second run, and started again", async () => {
      const flags = `${GRID} --output-dir runs/b`;
      const file = `runs/b/${RUNS[1]}/metrics.jsonl`;
      await interrupt(fixture, flags, file, "SIGKILL");
      const { code, stdout, stderr } = await sweep(flags);
      assertEquals(code, 0, stderr);
      assertMatch(stdout, /^Run 1 of 4: .*: finished\n/);
      assertEquals(await resultsOfAll(fixture, "b"), byHand);
    });
    await t.step("interrupted, with the command that goes on", async () => {
      const flags = `${GRID} --output-dir runs/c`;
      const file = `runs/c/${RUNS[0]}/metrics.jsonl`;
      const { code, stderr } = await interrupt(fixture, flags, file, "SIGTERM");
      assertEquals(code, 143);
      assertMatch(
        new TextDecoder().decode(stderr),
        /Interrupted by SIGTERM\nContinue with: \.\/denow task sweep .*--output-dir runs\/c/,
      );
    });
    await t.step("--stop-worst ends a run, which can go on", async () => {
      // The others seem to be better than any can be.
      for (const name of RUNS.slice(0, 3)) {
        const path = `runs/a/${name}/metrics.jsonl`;
        const lines = await fixture.text(path);
        await fixture.write(path, lines.replaceAll(/"f1":[^,}]+/g, '"f1":2'));
      }
      const path = `runs/a/${RUNS[3]}`;
      await Deno.remove(`${fixture.path}/${path}`, { recursive: true });
      const flags = `${GRID} --output-dir runs/a`;
      const { code, stderr } = await sweep(`${flags} --stop-worst`);
      assertEquals(code, 0, stderr);
      const { runs } = JSON.parse(await fixture.text("runs/a/sweep.json"));
      assertEquals(runs[3].status, "stopped");
      assertMatch(runs[3].reason, /up to step 3, and the median of 3 others/);
      const names = await fixture.list(path);
      assertEquals(names.includes("checkpoint-3"), true);
      assertEquals(names.includes("results.json"), false);
      assertEquals((await sweep(flags)).code, 0);
      assertEquals(await resultsOf(fixture, `a/${RUNS[3]}`), byHand[3]);
    });
    await t.step("a column that is not there ends the first run", async () => {
      const { code, error } = await sweep(
        "--model model --data data --text-columns text --seed 1,2 --output-dir runs/d",
      );
      assertEquals(code, 2);
      assertStringIncludes(error, "text");
      assertEquals((await fixture.list("runs")).includes("d"), false);
    });
    await t.step("a value that classify refuses", async () => {
      const { code, error } = await sweep(`${GIVEN} --seed 1,x`);
      assertEquals(code, 2);
      assertEquals(
        error,
        'error: --seed must be a whole number from 0 to 4294967295, not "x"',
      );
    });
  },
);
