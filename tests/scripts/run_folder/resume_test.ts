import { assertEquals, assertThrows } from "@std/assert";
import {
  classifyFlags,
  type ClassifyOptions,
} from "../../../scripts/classify/flags.ts";
import { settingsOf } from "../../../scripts/run_folder/config.ts";
import { type Options, parseFlags } from "../../../scripts/train/options.ts";
import { needs } from "../../helpers/permissions.ts";
import { tempFolder } from "../../helpers/temp_folder.ts";
import { runConfigOf } from "./run_folder_fixture.ts";

type AnyOptions = Options | ClassifyOptions;

const parsers = {
  "train_mrpc": parseFlags,
  "train_classifier": classifyFlags.parse,
};

function parse(
  line: string,
  script: keyof typeof parsers = "train_mrpc",
): AnyOptions {
  const args = line.split(" ").filter((arg) => arg !== "");
  const options = parsers[script](args);
  if (options === "help") throw new Error("unexpected --help");
  return options;
}

/** A working folder where runs began, without their processes. */
async function resumeFixture() {
  const folder = await tempFolder();
  const before = Deno.cwd();
  Deno.chdir(folder.path);
  return {
    /** Leaves what a run with these flags leaves when it begins. */
    async begin(
      path: string,
      flags: string,
      script: keyof typeof parsers = "train_mrpc",
    ): Promise<AnyOptions> {
      const options = parse(flags, script);
      const config = runConfigOf({
        script,
        ...settingsOf(options),
        metricForBestModel: options.metricForBestModel ?? "accuracy",
        flags: options.flags,
      });
      await this.write(`${path}/config.json`, JSON.stringify(config));
      return options;
    },
    async write(path: string, text: string): Promise<void> {
      await Deno.mkdir(path.replace(/\/[^/]*$/, ""), { recursive: true });
      await Deno.writeTextFile(path, text);
    },
    async [Symbol.asyncDispose](): Promise<void> {
      Deno.chdir(before);
      await folder[Symbol.asyncDispose]();
    },
  };
}

Deno.test(
  needs("--resume DIR takes the settings of its run", "read", "write"),
  async () => {
    await using fixture = await resumeFixture();
    const began = await fixture.begin(
      "runs/a",
      "--model m --data d --preset run_glue --batch-size 4 --no-load-best-model-at-end --save-steps 5",
    );
    const expected = {
      ...began,
      ...{ outputDir: "runs/a", resume: "runs/a" },
      metricForBestModel: "accuracy",
    };
    // the same, said again or not, and with a slash at the end
    for (
      const line of [
        "--resume runs/a",
        "--resume runs/a/",
        "--resume=runs/a --batch-size 4 --model m",
        "--no-load-best-model-at-end --resume runs/a --output-dir runs/a/",
      ]
    ) {
      const { flags: _, ...options } = parse(line);
      const { flags: __, ...settings } = expected;
      assertEquals(options, settings, line);
    }
  },
);

Deno.test(
  needs("--resume keeps the metric for the best model", "read", "write"),
  async () => {
    await using fixture = await resumeFixture();
    const own = "--model . --data .";
    const metricOf = (line: string, script: keyof typeof parsers) =>
      parse(line, script).metricForBestModel;
    await fixture.begin("runs/a", own, "train_classifier");
    assertEquals(metricOf("--resume runs/a", "train_classifier"), "accuracy");
    const given = `${own} --metric-for-best-model eval_f1`;
    await fixture.begin("runs/b", given, "train_classifier");
    for (const line of ["", " --metric-for-best-model eval_f1"]) {
      const metric = metricOf(`--resume runs/b${line}`, "train_classifier");
      assertEquals(metric, "eval_f1");
    }
    // Runs from before it was kept: that of own data had another default.
    const older = async (path: string) => {
      const config = JSON.parse(await Deno.readTextFile(`${path}/config.json`));
      config.metricForBestModel = null;
      await fixture.write(`${path}/config.json`, JSON.stringify(config));
    };
    await older("runs/a");
    const { message } = assertThrows(
      () => parse("--resume runs/a", "train_classifier"),
      Error,
    );
    assertEquals(
      message,
      '--resume runs/a cannot go on: its config.json does not name the metric for the best model, whose default was another when it began; write "metricForBestModel": "accuracy" there to go on with that one, or start a new run',
    );
    await fixture.begin("runs/c", `${own} --task rte`, "train_classifier");
    await fixture.begin("runs/d", "");
    await older("runs/c");
    await older("runs/d");
    assertEquals(metricOf("--resume runs/c", "train_classifier"), undefined);
    assertEquals(metricOf("--resume runs/d", "train_mrpc"), undefined);
  },
);

Deno.test(
  needs("--resume takes a path as it is written", "read", "write"),
  async () => {
    await using fixture = await resumeFixture();
    await fixture.write("m/config.json", "{}");
    await fixture.write("d/train.csv", "");
    const began = await fixture.begin("runs/a", "--model m --data d");
    const folder = Deno.cwd();
    for (
      const line of [
        "--resume ./runs/a --output-dir runs/a",
        `--resume runs/a --output-dir ${folder}/runs/../runs/a/`,
        `--resume runs/a --model ${folder}/m --data ./d/`,
      ]
    ) {
      assertEquals(parse(line).seed, began.seed, line);
    }
    // other files, though both are there
    await fixture.write("n/config.json", "{}");
    const message = '--model n differs from "m"';
    assertThrows(() => parse("--resume runs/a --model n"), RangeError, message);
  },
);

Deno.test(
  needs("--resume DIR finds a run elsewhere than it began", "read", "write"),
  async () => {
    await using fixture = await resumeFixture();
    await fixture.begin("moved/run", "--output-dir results/a --seed 7");
    const { outputDir, resume, seed } = parse("--resume moved/run");
    assertEquals([outputDir, resume, seed], ["moved/run", "moved/run", 7]);
  },
);

Deno.test(
  needs(
    "--resume lets settings differ that change nothing that is computed",
    "read",
    "write",
  ),
  async (t) => {
    await using fixture = await resumeFixture();
    const flags = "--model m --data d";
    await fixture.begin("runs/epochs", flags);
    await fixture.begin("runs/epoch", `${flags} --save-strategy epoch`);
    await fixture.begin("runs/steps", `${flags} --save-steps 5`);
    const cases: [string, Partial<Options>][] = [
      ["--resume runs/epochs --logging-steps 1", { loggingSteps: 1 }],
      ["--resume runs/epochs --save-total-limit 9", { saveTotalLimit: 9 }],
      [
        "--resume runs/epochs --gradient-checkpointing",
        { gradientCheckpointing: true },
      ],
      [
        "--resume runs/epochs --save-steps 7",
        { saveStrategy: "steps", saveSteps: 7 },
      ],
      // a new strategy replaces that with which the run began
      [
        "--resume runs/epoch --save-steps 7",
        { saveStrategy: "steps", saveSteps: 7 },
      ],
      ["--resume runs/steps --save-strategy epoch", { saveStrategy: "epoch" }],
      [
        "--resume runs/steps --save-strategy steps",
        { saveStrategy: "steps", saveSteps: 5 },
      ],
      [
        "--resume runs/steps --save-steps 7",
        { saveStrategy: "steps", saveSteps: 7 },
      ],
    ];
    for (const [line, expected] of cases) {
      await t.step(line, () => {
        const settings = Object.entries(parse(line));
        const found = settings.filter(([name]) => name in expected);
        assertEquals(Object.fromEntries(found), expected);
      });
    }
  },
);

Deno.test(
  needs("--resume refuses what differs, by name and value", "read", "write"),
  async (t) => {
    await using fixture = await resumeFixture();
    await fixture.begin("runs/a", "--model m --data d --seed 1");
    await fixture.begin(
      "runs/glue",
      "--model . --data . --text-columns t",
      "train_classifier",
    );
    await fixture.begin("runs/ended", "--model m --data d");
    await fixture.write("runs/ended/results.json", "{}");
    await fixture.write("runs/other/config.json", '{"seed": 1}');
    await fixture.write("runs/other/checkpoint-20/config.json", "{}");
    await fixture.write("runs/torn/config.json", '{"seed": 1');
    const noData = '{"flags": {}, "versions": {}, "digests": {"model": {}}}';
    await fixture.write("runs/no-data/config.json", noData);
    await fixture.write("runs/no-digests/config.json", '{"flags": {}}');
    await fixture.write("runs/file", "");
    await Deno.mkdir("runs/empty");
    const began = "with which runs/a began: leave it out";
    const isNew = "is new since runs/a began: leave it out";
    const name = "name the folder of a run, such as runs/2026-01-31T12-00-00";
    const cases: [string, string][] = [
      ["runs/a --seed 2", `--seed 2 differs from 1, ${began}`],
      ["runs/a --batch-size 4", `--batch-size 4 differs from 8, ${began}`],
      ["runs/a --model n", `--model n differs from "m", ${began}`],
      ["runs/a --data e", `--data e differs from "d", ${began}`],
      [
        "runs/a --dropout 0.5",
        `--dropout 0.5 ${isNew}`,
      ],
      [
        "runs/a --preset trainer",
        `--preset trainer differs from "course", ${began}`,
      ],
      ["runs/a --eval-steps 5", `--eval-steps 5 differs from 500, ${began}`],
      [
        "runs/a --metric-for-best-model f1",
        `--metric-for-best-model f1 differs from "accuracy", ${began}`,
      ],
      [
        "runs/a --greater-is-better",
        `--greater-is-better ${isNew}`,
      ],
      [
        "runs/a --no-load-best-model-at-end",
        `--no-load-best-model-at-end differs from true, ${began}`,
      ],
      [
        "runs/a --early-stopping-patience 3",
        `--early-stopping-patience 3 ${isNew}`,
      ],
      [
        "runs/a --save-strategy no", // without checkpoints the best model is lost
        "--resume runs/a cannot go on: its loadBestModelAtEnd was true and would be false; give the flags that it began with, or none",
      ],
      [
        "runs/a --output-dir runs/b",
        "--output-dir runs/b differs from --resume runs/a: leave it out, a run goes on in its own folder",
      ],
      [
        "runs/glue",
        "--resume runs/glue is a run of train_classifier.ts: go on with the same script",
      ],
      [
        "runs/ended",
        "--resume runs/ended has ended, its results are in results.json: name another run, or start a new one",
      ],
      ["nowhere", `--resume nowhere is no run: it has no config.json; ${name}`],
      [
        "runs/empty/",
        `--resume runs/empty is no run: it has no config.json; ${name}`,
      ],
      [
        "runs/file",
        `--resume runs/file is no run: it has no config.json; ${name}`,
      ],
      [
        "runs/other",
        "--resume runs/other is no run that can go on: its config.json has no flags; start it again",
      ],
      [
        "runs/other/checkpoint-20/",
        "--resume runs/other/checkpoint-20 is no run that can go on: it is a checkpoint; name the folder of the run, runs/other",
      ],
      [
        "runs/no-data",
        "--resume runs/no-data is no run that can go on: its config.json has no digests.data; start it again",
      ],
      [
        "runs/no-digests",
        "--resume runs/no-digests is no run that can go on: its config.json has no versions; start it again",
      ],
      [
        "runs/torn",
        "--resume runs/torn is no run that can go on: its config.json has no flags; start it again",
      ],
    ];
    for (const [line, message] of cases) {
      await t.step(line, () => {
        const run = () => parse(`--resume ${line}`);
        assertEquals(assertThrows(run, Error).message, message);
      });
    }
    const ofGlue: [string, string][] = [
      [
        "text-columns u",
        '--text-columns u differs from "t", with which runs/glue began',
      ],
      ["label-column x", "--label-column x is new since runs/glue began"],
    ];
    for (const [flag, message] of ofGlue) {
      await t.step(`runs/glue --${flag}`, () => {
        const run = () =>
          parse(`--resume runs/glue --${flag}`, "train_classifier");
        assertEquals(
          assertThrows(run, RangeError).message,
          `${message}: leave it out`,
        );
      });
    }
  },
);

Deno.test(
  needs(
    "--resume without DIR takes the newest run that did not end",
    "read",
    "write",
  ),
  async () => {
    await using fixture = await resumeFixture();
    const none = () => parse("--resume");
    const message =
      "--resume found no run below runs that did not end: name its folder, --resume DIR";
    assertEquals(assertThrows(none, Error).message, message);
    await fixture.write("runs/z-torn/config.json", "{");
    await fixture.write("runs/z-notes.txt", "");
    await Deno.mkdir("runs/z-empty");
    assertEquals(assertThrows(none, Error).message, message);

    const wait = () => new Promise((resolve) => setTimeout(resolve, 15));
    for (const [seed, name] of ["m", "b", "z", "a"].entries()) {
      await fixture.begin(`runs/${name}`, `--seed ${seed}`);
      assertEquals(parse("--resume").resume, `runs/${name}`);
      await wait();
    }
    await fixture.begin("runs/c", "");
    await fixture.write("runs/c/results.json", "{}");
    await wait();
    await fixture.begin(
      "runs/d",
      "--model . --data . --text-columns t",
      "train_classifier",
    );
    const { resume, seed } = parse("--resume");
    assertEquals([resume, seed], ["runs/a", 3]);
    assertEquals(parse("--resume --seed 3").resume, "runs/a");
    assertEquals(parse("--resume", "train_classifier").resume, "runs/d");
  },
);
