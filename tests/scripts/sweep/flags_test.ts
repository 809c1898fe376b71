import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  sweepFlags,
  type SweepOptions,
  SWEPT,
} from "../../../scripts/sweep/flags.ts";
import { needs } from "../../helpers/permissions.ts";
import { tempFolder } from "../../helpers/temp_folder.ts";

function parse(flags: string): SweepOptions {
  const options = sweepFlags.parse(flags.split(" "));
  assert(options !== "help");
  return options;
}

const names = ({ runs }: SweepOptions) => runs.map(({ name }) => name);

Deno.test(
  needs("sweepFlags make a run for each combination", "read", "write"),
  async () => {
    await using folder = await tempFolder();
    const given =
      `--data a.csv --text-columns q,a --class-weights 1,2 --output-dir ${folder.path}`;
    const options = parse(
      `--seed 2,1 --learning-rate 1e-5,0.01 --epochs 2 ${given}`,
    );
    assertEquals(names(options), [
      "learning-rate=1e-5_seed=2",
      "learning-rate=1e-5_seed=1",
      "learning-rate=0.01_seed=2",
      "learning-rate=0.01_seed=1",
    ]);
    // Numbers as a run of its own has them; commas of other flags are theirs.
    assertEquals(options.runs[1]!.flags, {
      data: "a.csv",
      textColumns: "q,a",
      epochs: 2,
      learningRate: 1e-5,
      seed: 1,
      classWeights: "1,2",
    });
    assertEquals(options.runs[1]!.swept, { learningRate: 1e-5, seed: 1 });
    assertEquals(options.own, options.runs);
    const part = parse(`--seed 1,2,3 --part 2/2 ${given}`);
    assertEquals(part.own.map(({ name }) => name), ["seed=2"]);
    assertEquals(part.part, "2-of-2");
    assertEquals(names(part), ["seed=1", "seed=2", "seed=3"]);
    // All parts write the same sweep.json.
    assertEquals(part.flags, parse(`--seed 1,2,3 ${given}`).flags);
    assertEquals(
      names(parse(`--lr-scheduler-type linear,cosine ${given}`)),
      ["lr-scheduler-type=linear", "lr-scheduler-type=cosine"],
    );
  },
);

Deno.test(
  needs("sweepFlags draw combinations, each with every seed", "read", "write"),
  async () => {
    await using folder = await tempFolder();
    const grid =
      `--data a.csv --learning-rate 1,2,3,4 --weight-decay 0,0.1 --seed 7,8 --output-dir ${folder.path}`;
    const drawn = (n: number, seed = "") =>
      names(parse(`${grid} --random ${n}${seed}`));
    const three = drawn(3);
    assertEquals(new Set(three).size, 6);
    assertEquals(three.filter((name) => name.endsWith("seed=7")).length, 3);
    assertEquals(drawn(5).slice(0, 6), three);
    assert(drawn(3, " --sweep-seed 1").join() !== three.join());
    assertEquals(drawn(100).sort(), names(parse(grid)).sort());
  },
);

Deno.test("flags that decide what the scores mean take one value", () => {
  for (
    const name of ["data", "textColumns", "metricForBestModel", "outputDir"]
  ) {
    assertEquals(SWEPT.includes(name), false, name);
  }
  for (const name of ["learningRate", "seed", "model", "dropout"]) {
    assertEquals(SWEPT.includes(name), true, name);
  }
  // Switches have no value, and these change nothing that is computed.
  for (const name of ["tuneThresholds", "loggingSteps", "saveTotalLimit"]) {
    assertEquals(SWEPT.includes(name), false, name);
  }
});

Deno.test(
  needs("sweepFlags refuse what a run would refuse", "read", "write"),
  async (t) => {
    await using folder = await tempFolder();
    const there = `--output-dir ${folder.path}`;
    const cases: [flags: string, error: string][] = [
      ["--data a.csv", "Nothing to sweep: give a flag several values"],
      ["--data a.csv --text-columns a,b", "Nothing to sweep"],
      ["--seed 1,2", "Nothing to train on: give --data"],
      [
        "--data a.csv --seed 1,x",
        '--seed must be a whole number from 0 to 4294967295, not "x"',
      ],
      [
        "--data a.csv --seed 1,",
        "Missing value for --seed: give a whole number",
      ],
      [
        "--data a.csv --epochs 1,0",
        '--epochs must be a whole number of at least 1, not "0"',
      ],
      ["--data a.csv --lr-scheduler-type linear,greedy", "cannot be greedy"],
      [
        "--data a.csv --learning-rate 1e-5,0.00001",
        "Two runs are learning-rate=1e-5: give each value of a flag once",
      ],
      [
        "--data a.csv --warmup-steps 1,2 --warmup-ratio 0.1",
        "exclude each other",
      ],
      ["--data a.csv --test-split 0.1,0.2", 'less than 1, not "0.1,0.2"'],
      [
        "--data a.csv --learning-rates 1,2",
        "Unknown flag --learning-rates: use --learning-rate, or see --help",
      ],
      [
        "--data a.csv --seed 1,2 --part 3/2",
        '--part must be I/N, part I of N counted from 1, such as 3/12, not "3/2"',
      ],
      [
        "--data a.csv --seed 1,2 --sweep-seed 1",
        "--sweep-seed 1 is the seed of --random: give both or none",
      ],
      ["--resume runs/a", "sweep has no --resume: the same command"],
      ["--data a.csv --seed 1,2 b.csv", 'Unexpected argument "b.csv"'],
    ];
    for (const [flags, error] of cases) {
      await t.step(flags, () => {
        assertThrows(() => parse(`${flags} ${there}`), Error, error);
      });
    }
    await t.step("parts without a folder", () => {
      assertThrows(
        () => parse("--data a.csv --seed 1,2 --part 1/2"),
        TypeError,
        "--part 1/2 needs --output-dir: all parts of a sweep share its folder",
      );
    });
    await t.step("a folder that cannot be written", () => {
      assertThrows(
        () => parse("--data a.csv --seed 1,2 --output-dir /elsewhere"),
        Error,
        "--output-dir /elsewhere cannot be written with the permissions given",
      );
    });
  },
);
