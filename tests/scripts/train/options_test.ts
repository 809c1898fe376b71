import {
  assertEquals,
  assertMatch,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import {
  help,
  numWarmupSteps,
  type Options,
  parseFlags,
} from "../../../scripts/train/options.ts";

function parse(line: string): Options {
  const options = parseFlags(line.split(" ").filter((arg) => arg !== ""));
  if (options === "help") throw new Error("unexpected --help");
  return options;
}

// The course's text, chapter 3: AdamW's own weight decay, no clipping.
const COURSE: Omit<Options, "flags"> = {
  model: undefined,
  noPretrained: undefined,
  data: "glue",
  validationSplit: undefined,
  delimiter: undefined,
  outputDir: undefined,
  preset: "course",
  batchSize: 8,
  evalBatchSize: 8,
  epochs: 3,
  maxSteps: undefined,
  learningRate: 5e-5,
  lrSchedulerType: "linear",
  warmupSteps: 0,
  warmupRatio: undefined,
  weightDecay: 0.01,
  maxGradNorm: 0,
  gradientAccumulationSteps: 1,
  autoBatchSize: undefined,
  gradientCheckpointing: undefined,
  fp16: undefined,
  maxLength: 512,
  dropout: undefined,
  ...{ loraR: undefined, loraAlpha: undefined, loraDropout: undefined },
  seed: 42,
  loggingSteps: 10,
  saveStrategy: "epoch",
  saveSteps: 500,
  saveTotalLimit: 2,
  loadBestModelAtEnd: true,
  metricForBestModel: undefined,
  greaterIsBetter: undefined,
  earlyStoppingPatience: undefined,
  earlyStoppingThreshold: 0,
  evalStrategy: "epoch",
  evalSteps: 500,
  debugNan: undefined,
  retryOnDeviceLost: 0,
  resume: undefined,
};

Deno.test("parseFlags() applies the preset", async (t) => {
  const cases: [string, Partial<Options>][] = [
    ["--data glue", {}],
    ["--data glue --preset course", {}],
    // TrainingArguments: weight_decay 0.0, max_grad_norm 1.0
    [
      "--data glue --preset trainer",
      { preset: "trainer", weightDecay: 0, maxGradNorm: 1 },
    ],
    // transformers, examples/pytorch/text-classification/README.md, with MRPC's 5 epochs
    ["--data glue --preset run_glue", {
      preset: "run_glue",
      batchSize: 32,
      epochs: 5,
      learningRate: 2e-5,
      weightDecay: 0,
      maxGradNorm: 1,
      maxLength: 128,
    }],
  ];
  for (const [line, differs] of cases) {
    await t.step(line, () => {
      const { flags: _, ...options } = parse(line);
      assertEquals(options, { ...COURSE, ...differs });
    });
  }
});

Deno.test("parseFlags() uses the embedded preset only if neither model nor data is given", () => {
  assertEquals(parse("").preset, "embedded");
  assertEquals(parse("--seed 1").preset, "embedded");
  assertEquals(parse("--model m").preset, "course");
  assertEquals(parse("--data d").preset, "course");
  assertEquals(parse("--preset course").preset, "course");
});

Deno.test("parseFlags() lets a flag override the preset, before it or after", () => {
  const flags = { data: "glue", preset: "run_glue", epochs: 2, maxGradNorm: 0 };
  assertEquals(
    parse("--data glue --epochs 2 --preset run_glue --max-grad-norm 0"),
    { ...parse("--data glue --preset run_glue"), ...flags, flags },
  );
});

Deno.test("parseFlags() reads every flag", () => {
  const { flags, ...options } = parse(
    "--model m --no-pretrained --data d --validation-split 0.25 --delimiter ; --output-dir runs/x --preset trainer --batch-size 1" +
      " --eval-batch-size 2 --epochs 4 --max-steps 5 --learning-rate 1e-3" +
      " --lr-scheduler-type cosine --warmup-steps 6 --weight-decay .5" +
      " --max-grad-norm 2.5 --gradient-accumulation-steps 7 --auto-batch-size --gradient-checkpointing --fp16" +
      " --max-length 64" +
      " --lora-r 4 --lora-alpha 16 --lora-dropout 0.2" +
      " --dropout 0 --seed=0 --logging-steps 9 --save-strategy steps" +
      " --save-steps 10 --save-total-limit 1 --no-load-best-model-at-end" +
      " --metric-for-best-model f1 --greater-is-better" +
      " --early-stopping-patience 3 --early-stopping-threshold 0.01" +
      " --eval-strategy steps --eval-steps 11" +
      " --retry-on-device-lost 2",
  );
  const given = {
    model: "m",
    noPretrained: true,
    data: "d",
    validationSplit: 0.25,
    delimiter: ";",
    outputDir: "runs/x",
    preset: "trainer",
    batchSize: 1,
    evalBatchSize: 2,
    epochs: 4,
    maxSteps: 5,
    learningRate: 1e-3,
    lrSchedulerType: "cosine",
    warmupSteps: 6,
    weightDecay: 0.5,
    maxGradNorm: 2.5,
    gradientAccumulationSteps: 7,
    autoBatchSize: true,
    gradientCheckpointing: true,
    fp16: true,
    maxLength: 64,
    dropout: 0,
    ...{ loraR: 4, loraAlpha: 16, loraDropout: 0.2 },
    seed: 0,
    loggingSteps: 9,
    saveStrategy: "steps",
    saveSteps: 10,
    saveTotalLimit: 1,
    loadBestModelAtEnd: false,
    metricForBestModel: "f1",
    greaterIsBetter: true,
    earlyStoppingPatience: 3,
    earlyStoppingThreshold: 0.01,
    evalStrategy: "steps",
    evalSteps: 11,
    retryOnDeviceLost: 2,
  };
  assertEquals(flags, given);
  const rest = {
    resume: undefined,
    warmupRatio: undefined,
    debugNan: undefined, // not with --fp16
  };
  assertEquals(parse("--debug-nan").debugNan, true);
  assertEquals(options, { ...given, ...rest } as typeof options);
});

const SCHEDULES =
  "linear, cosine, cosine_with_restarts, polynomial, constant, constant_with_warmup, inverse_sqrt";

Deno.test("parseFlags() names flag, value and remedy", async (t) => {
  const cases: [string, string][] = [
    [
      "--learning-rat 1",
      "Unknown flag --learning-rat: use --learning-rate, or see --help",
    ],
    [
      "--per_device_train_batch_size=8",
      "Unknown flag --per_device_train_batch_size: use --batch-size, or see --help",
    ],
    ["--zzz", "Unknown flag --zzz: see --help"],
    ["-x", "Unknown flag -x: see --help"],
    [
      "--no-model",
      "Unknown flag --no-model: use --model, or see --help",
    ],
    [
      "train",
      'Unexpected argument "train": every value follows its flag, see --help',
    ],
    [
      "-- 3",
      'Unexpected argument "3": every value follows its flag, see --help',
    ],
    [
      "--learning-rate",
      "Missing value for --learning-rate: give a number of at least 0",
    ],
    ["--model --data d", "Missing value for --model: give a folder"],
    [
      "--seed=",
      "Missing value for --seed: give a whole number from 0 to 4294967295",
    ],
    [
      "--learning-rate abc",
      '--learning-rate must be a number of at least 0, not "abc"',
    ],
    [
      "--learning-rate -1",
      '--learning-rate must be a number of at least 0, not "-1"',
    ],
    [
      "--learning-rate 1e999",
      '--learning-rate must be a number of at least 0, not "1e999"',
    ],
    [
      "--batch-size 0",
      '--batch-size must be a whole number of at least 1, not "0"',
    ],
    [
      "--epochs 1.5",
      '--epochs must be a whole number of at least 1, not "1.5"',
    ],
    [
      "--seed 4294967296",
      '--seed must be a whole number from 0 to 4294967295, not "4294967296"',
    ],
    [
      "--warmup-ratio 1.01",
      '--warmup-ratio must be a number from 0 to 1, not "1.01"',
    ],
    [
      "--delimiter ;;",
      '--delimiter must be one character, or \\t for a tab, not ";;"',
    ],
    [
      "--dropout 1",
      '--dropout must be a number from 0 to less than 1, not "1"',
    ],
    [
      "--warmup-steps 0 --warmup-ratio 0.1",
      "--warmup-steps 0 and --warmup-ratio 0.1 exclude each other: give one of them",
    ],
    [
      "--lora-alpha 16",
      "--lora-alpha 16 is of LoRA, which is off: give --lora-r too, such as --lora-r 8",
    ],
    [
      "--lora-dropout 0.1",
      "--lora-dropout 0.1 is of LoRA, which is off: give --lora-r too, such as --lora-r 8",
    ],
    [
      "--preset fast",
      '--preset must be one of course, trainer, run_glue, embedded, not "fast"',
    ],
    [
      "--lr-scheduler-type step",
      `--lr-scheduler-type must be one of ${SCHEDULES}, not "step"`,
    ],
    [
      "--lr-scheduler-type greedy",
      `--lr-scheduler-type cannot be greedy: it needs a metric at each step, which a step of this loop does not have; give one of ${SCHEDULES}`,
    ],
    [
      "--lr-scheduler-type warmup_stable_decay",
      `--lr-scheduler-type cannot be warmup_stable_decay: it needs a number of decay steps, for which there is no flag; give one of ${SCHEDULES}`,
    ],
  ];
  for (const [line, message] of cases) {
    await t.step(line, () => {
      assertEquals(assertThrows(() => parse(line), Error).message, message);
    });
  }
});

Deno.test("parseFlags() reads \\t as a tab", () => {
  assertEquals(parse("--delimiter \\t").delimiter, "\t");
});

Deno.test("numWarmupSteps() rounds a ratio up, as transformers does", () => {
  const steps = (line: string) => numWarmupSteps(parse(line), 1377);
  assertEquals(steps("--data glue --warmup-ratio 0.1"), 138);
  assertEquals(steps("--data glue --warmup-steps 100"), 100);
  assertEquals(steps("--data glue"), 0);
});

Deno.test("numWarmupSteps() lets --warmup-steps override the ratio of a preset", () => {
  const { warmupRatio } = parse("--preset embedded");
  assertEquals(warmupRatio, 0.1); // else the next line tests nothing
  assertEquals(numWarmupSteps(parse("--warmup-steps 100"), 1377), 100);
});

Deno.test("help() names every flag, its default and each preset", () => {
  assertEquals(parseFlags(["--epochs", "2", "--help"]), "help");
  const text = help();
  const flags = Object.keys(COURSE).map((key) =>
    key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
  );
  for (const flag of flags) {
    assertMatch(text, RegExp(`\\n  --(\\[no-\\])?${flag}[ \\n]`));
  }
  assertEquals(text.match(/ default: ./g)?.length, flags.length);
  assertStringIncludes(text, "default: 5e-5\n");
  for (const preset of ["course", "trainer", "run_glue", "embedded"]) {
    assertStringIncludes(text, `\n  ${preset.padEnd(10)}`);
  }
  assertStringIncludes(text, "--weight-decay 0 --max-grad-norm 1\n");
});
