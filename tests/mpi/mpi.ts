// Not named _test: `deno task test` needs no MPI. `deno task test:mpi` runs it.
import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { assertAllClose } from "../helpers/all_close.ts";
import { ROOT } from "../helpers/permissions.ts";
import { DATA_PARALLEL } from "../helpers/tolerances.ts";
import {
  commandOf,
  type TrainFixture,
  trainFixture,
  tsv,
} from "../scripts/train_fixture.ts";

/** For Open MPI: root in a container, and more ranks than processors. For llvmpipe: one thread each. */
const ENV = {
  OMPI_ALLOW_RUN_AS_ROOT: "1",
  OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: "1",
  "OMPI_MCA_rmaps_base_oversubscribe": "1",
  LP_NUM_THREADS: "1",
};
/** Longest time until a job without one of its ranks has ended. */
const END_MS = 10_000;

/** Steps of two batches, in epochs with a smaller last batch of one row, and dropout. */
const FLAGS = [
  "--model model --data data --batch-size 4 --gradient-accumulation-steps 2",
  "--learning-rate 1e-3 --logging-steps 1 --dropout 0.1 --seed 3",
].join(" ");
const LABELS = Array.from({ length: 29 }, (_, i) => Number(i % 3 > 0));

/** A job under `mpirun`. */
class Job {
  readonly #child: Deno.ChildProcess;

  constructor(
    fixture: TrainFixture,
    ranks: number,
    args: readonly string[],
    env: Record<string, string> = {},
  ) {
    this.#child = new Deno.Command("mpirun", {
      args: ["-n", `${ranks}`, ...args],
      cwd: fixture.url,
      env: { ...ENV, ...env },
      stdout: "piped",
      stderr: "piped",
      stdin: "null",
    }).spawn();
  }

  kill(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  async ended(): Promise<{ code: number; stdout: string; stderr: string }> {
    const { code, stdout, stderr } = await this.#child.output();
    const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return { code, stdout: decode(stdout), stderr: decode(stderr) };
  }
}

/** The command of a rank. */
function denoRun(task: "train:mpi" | "classify:mpi", flags: string): string[] {
  const { permissions, script } = commandOf(task);
  return [
    "deno",
    "run",
    "--no-prompt",
    ...permissions,
    script,
    ...flags.split(" "),
  ];
}

function train(
  fixture: TrainFixture,
  ranks: number,
  flags: string,
  env?: Record<string, string>,
): Job {
  return new Job(fixture, ranks, denoRun("train:mpi", flags), env);
}

async function makeFixture(): Promise<TrainFixture> {
  const fixture = await trainFixture();
  await fixture.write("data/train.tsv", tsv(LABELS));
  return fixture;
}

async function lossesOf(fixture: TrainFixture, run: string): Promise<number[]> {
  return (await fixture.events(run))
    .filter(({ event }) => event === "step").map(({ loss }) => loss);
}

async function modelOf(fixture: TrainFixture, run: string): Promise<string> {
  const path = `${fixture.path}/runs/${run}/model/model.safetensors`;
  const bytes = await Deno.readFile(path);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

/** Waits until a run has logged some steps. */
async function steps(
  fixture: TrainFixture,
  run: string,
  count: number,
): Promise<void> {
  for (;;) {
    const losses = await lossesOf(fixture, run).catch(() => []);
    if (losses.length >= count) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

Deno.test("a communicator sums, sends and gathers", async () => {
  await using fixture = await makeFixture();
  const { permissions } = commandOf("train:mpi");
  const program = new URL("tests/mpi/communicator_program.ts", ROOT).href;
  const args = ["deno", "run", "--no-prompt", ...permissions, program];
  const { code, stdout, stderr } = await new Job(fixture, 3, args).ended();
  assertEquals(code, 0, stderr);
  const lines = stdout.trim().split("\n").map((line) => JSON.parse(line));
  assertEquals(
    lines.sort((a, b) => a.rank - b.rank),
    [0, 1, 2].map((rank) => ({
      ...{ rank, size: 3, isSummed: true },
      sums: [3, 3, 3 * 2 ** -40],
      bytes: [2, 9, 0],
      all: rank === 0 ? [[0, 0], [1], []] : [],
    })),
  );
});

Deno.test("several ranks train as one", async (t) => {
  await using fixture = await makeFixture();
  const flags = `${FLAGS} --max-steps 12`;
  const { code, stderr } = await fixture.run(`${flags} --output-dir runs/1`);
  assertEquals(code, 0, stderr);
  const expected = await lossesOf(fixture, "1");
  assertEquals(expected.length, 12);
  const evaluated = async (run: string) =>
    (await fixture.events(run)).filter(({ event }) => event === "eval")
      .map(({ accuracy, f1 }) => ({ accuracy, f1 }));
  for (const ranks of [2, 3, 6]) {
    await t.step(`${ranks} ranks`, async () => {
      const run = `${ranks}`;
      const { code, stdout, stderr } = await train(
        fixture,
        ranks,
        `${flags} --output-dir runs/${run}`,
      ).ended();
      assertEquals(code, 0, stderr);
      for (let rank = 0; rank < ranks; rank++) {
        assertStringIncludes(stdout, `Rank ${rank} of ${ranks} runs on `);
      }
      assertEquals(stdout.match(/The model is in/g)?.length, 1);
      assertAllClose(await lossesOf(fixture, run), expected, DATA_PARALLEL);
      assertEquals(await evaluated(run), await evaluated("1"));
    });
  }
  await t.step("a folder named after the start", async () => {
    const before = await fixture.list("runs");
    const { code, stderr } = await train(fixture, 2, flags).ended();
    assertEquals(code, 0, stderr);
    const [run, ...others] = (await fixture.list("runs"))
      .filter((name) => !before.includes(name));
    assertEquals(others, []);
    assertEquals(await lossesOf(fixture, run!), await lossesOf(fixture, "2"));
  });
  await t.step("the same bytes again", async () => {
    await train(fixture, 2, `${flags} --output-dir runs/2b`).ended();
    assertEquals(await modelOf(fixture, "2b"), await modelOf(fixture, "2"));
  });
});

Deno.test("classify scores as one process", async () => {
  await using fixture = await makeFixture();
  const flags =
    "--model model --data data --text-columns sentence1,sentence2 --label-column label --max-steps 1 --learning-rate 0 --eval-batch-size 2";
  const one = await fixture.run(`${flags} --output-dir runs/1`, {
    task: "classify",
  });
  assertEquals(one.code, 0, one.stderr);
  const args = denoRun("classify:mpi", `${flags} --output-dir runs/2`);
  const { code, stderr } = await new Job(fixture, 2, args).ended();
  assertEquals(code, 0, stderr);
  const [expected, actual] = await Promise.all(
    ["1", "2"].map(async (run) =>
      JSON.parse(
        await fixture.text(`runs/${run}/results.json`),
        (key, value) =>
          /seconds|PerSecond|trainLoss/.test(key) ? undefined : value,
      )
    ),
  );
  assertEquals(actual, expected);
  assertEquals(Object.keys(actual).includes("confusion"), true);
});

Deno.test("a run goes on with as many ranks or others", async (t) => {
  await using fixture = await makeFixture();
  const flags = `${FLAGS} --max-steps 60`;
  const undisturbed = train(fixture, 2, `${flags} --output-dir runs/whole`);
  const { code, stderr } = await undisturbed.ended();
  assertEquals(code, 0, stderr);
  const expected = await lossesOf(fixture, "whole");
  for (const ranks of [1, 2, 3]) {
    await t.step(`${ranks} ranks`, async () => {
      const run = `r${ranks}`;
      const job = train(fixture, 2, `${flags} --output-dir runs/${run}`);
      await steps(fixture, run, 5);
      job.kill("SIGTERM");
      const { stderr } = await job.ended();
      const saved = await fixture.list(`runs/${run}`);
      assert(
        saved.some((name) => name.startsWith("checkpoint-")),
        `${saved}: ${stderr}`,
      );
      const resume = `--resume runs/${run}`;
      const resumed = ranks === 1
        ? await fixture.run(resume)
        : await train(fixture, ranks, resume).ended();
      assertEquals(resumed.code, 0, resumed.stderr);
      assertAllClose(await lossesOf(fixture, run), expected, DATA_PARALLEL);
      if (ranks !== 2) return;
      assertEquals(
        await modelOf(fixture, run),
        await modelOf(fixture, "whole"),
      );
    });
  }
});

Deno.test("a rank that is killed ends the job", async () => {
  await using fixture = await makeFixture();
  const command = denoRun(
    "train:mpi",
    `${FLAGS} --max-steps 100000 --output-dir runs/a`,
  );
  const job = new Job(fixture, 1, [
    ...command,
    ...[":", "-n", "1", "sh", "-c"],
    '(until [ -e now ]; do sleep 0.1; done; kill -9 $$) & exec "$@"',
    "sh",
    ...command,
  ]);
  await steps(fixture, "a", 5);
  await fixture.write("now", "");
  let isStuck = false;
  const patience = setTimeout(() => {
    isStuck = true;
    job.kill("SIGKILL");
  }, END_MS);
  const { code, stderr } = await job.ended();
  clearTimeout(patience);
  assert(code !== 0 && !isStuck, stderr);
  assertEquals((await fixture.list("runs/a")).includes("results.json"), false);
});

Deno.test("ranks with other settings or data are refused", async () => {
  await using fixture = await makeFixture();
  await fixture.write("other/train.tsv", tsv([...LABELS, 1]));
  await fixture.write("other/validation.tsv", tsv([1, 0]));
  const flags = "--model model --output-dir runs/a";
  for (
    const [first, second, difference] of [
      ["--seed 1", "--seed 2", "seed of rank 1 is 2, and that of rank 0 is 1"],
      [
        "--data data",
        "--data other",
        /data of rank 1 is .*other.*, and that of rank 0 is .*data/,
      ],
    ] as const
  ) {
    const data = first.includes("data") ? "" : "--data data ";
    const command = (flag: string) =>
      denoRun("train:mpi", `${flags} ${data}${flag}`);
    const { code, stderr } = await new Job(fixture, 1, [
      ...command(first),
      ...[":", "-n", "1"],
      ...command(second),
    ]).ended();
    assertEquals(code, 2, stderr);
    const [, message = ""] =
      /^rank 0: error: Cannot train together: (.*); give all of them the same files, flags and versions$/m
        .exec(stderr) ?? [];
    if (typeof difference === "string") {
      assertEquals(message, difference, stderr);
    } else assertMatch(message, difference);
    assertEquals((await fixture.list(".")).includes("runs"), false);
  }
});

Deno.test("ranks that run different programs are refused", async () => {
  await using fixture = await makeFixture();
  const { code, stderr } = await new Job(fixture, 1, [
    ...denoRun("train:mpi", "--model model --data data"),
    ...[":", "-n", "1"],
    ...denoRun("train:mpi", "--help"), // which leaves at once
  ]).ended();
  assertEquals(code, 2, stderr);
  assertStringIncludes(
    stderr,
    "rank 0: error: Cannot go on with the other processes: this one calls allReduceSum of length ",
  );
});

Deno.test("one rank finds the origin of a number that is not finite", async () => {
  await using fixture = await makeFixture();
  const rows = Array.from(
    LABELS,
    (_, i) => `the ferry ${i},${i === 20 ? 1e30 : 0.5}\n`,
  );
  await fixture.write("numbers.csv", `text,number\n${rows.join("")}`);
  await fixture.saveModel("regression", 1);
  const flags =
    "--model regression --data numbers.csv --batch-size 29 --debug-nan --output-dir runs/a";
  const args = denoRun("classify:mpi", flags);
  const { code, stderr } = await new Job(fixture, 3, args).ended();
  assertEquals(code, 1, stderr);
  assertEquals(stderr.match(/error: /g)?.length, 1, stderr);
  assertMatch(stderr, /^rank [12]: error: The loss of step 1 is Infinity: /m);
  assertStringIncludes(stderr, "see runs/a/nan/report.json");
  const batch = JSON.parse(await fixture.text("runs/a/nan/batch.json"));
  assert(batch.labels.includes(Math.fround(1e30)), batch.labels);
  assert(batch.labels.length < 20, batch.labels); // those of one rank
});

Deno.test("an error that all ranks have is reported once", async () => {
  await using fixture = await makeFixture();
  const { code, stderr } = await train(fixture, 3, "--epochs x").ended();
  assertEquals(code, 2);
  assertEquals(stderr.match(/error: --epochs/g)?.length, 1, stderr);
  assertMatch(stderr, /^rank 0: error: --epochs /m);
});

Deno.test("an MPI library that cannot be loaded is named", async () => {
  await using fixture = await makeFixture();
  const env = { GRADLOOP_MPI_LIBRARY: "/nowhere/libmpi.so" };
  const { code, stderr } = await train(fixture, 1, FLAGS, env).ended();
  assertEquals(code, 2);
  assertStringIncludes(
    stderr,
    "error: Cannot train together: this run has no permission to load /nowhere/libmpi.so; start it with --allow-ffi=/nowhere/libmpi.so",
  );
});
