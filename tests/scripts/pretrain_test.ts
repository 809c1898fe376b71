import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import {
  BertForSequenceClassification,
  Random,
  requestDevice,
  Tokenizer,
} from "../../mod.ts";
import { makeModel } from "../../data/make_model.ts";
import { help, parsePretrainFlags } from "../../scripts/pretraining/flags.ts";
import { masking, STAGES } from "../../scripts/pretraining/recipe.ts";
import { needs } from "../helpers/permissions.ts";
import { tempFolder } from "../helpers/temp_folder.ts";
import { commandOf, trainFixture } from "./train_fixture.ts";

const MODEL = makeModel();

Deno.test("the pretrain task may only read, and write the embedded model and below runs", () => {
  assertEquals(commandOf("pretrain").permissions, [
    "--allow-read",
    "--allow-write=data/model,runs",
  ]);
});

Deno.test(
  needs(
    "pretrain.ts writes a model that loads, the same for the same seed",
    "read",
    "write",
    "run",
  ),
  async () => {
    await using fixture = await trainFixture();
    const pretrain = (flags: string) =>
      fixture.run(`--max-steps 2 --batch-size 4 ${flags}`, {
        task: "pretrain",
      });
    const weights = async (run: string) => {
      const path = `${fixture.path}/runs/${run}/model.safetensors`;
      const bytes = await Deno.readFile(path);
      const digest = await crypto.subtle.digest("SHA-256", bytes);
      return new Uint8Array(digest).toHex();
    };
    for (const run of ["a", "b", "c --mlm-only", "d --seed 1"]) {
      const { code, stdout, stderr } = await pretrain(
        `--output-dir runs/${run}`,
      );
      assertEquals(code, 0, stderr);
      // About ln 1280 and ln 2, with random weights.
      assertMatch(
        stdout,
        /step 4 {2}masked-word loss [67]\.\d+ {2}next-sentence loss [01]\.\d+/,
      );
    }
    assertEquals(await weights("b"), await weights("a"));
    assertNotEquals(await weights("c"), await weights("a"));
    assertNotEquals(await weights("d"), await weights("a"));
    for (const [name, text] of Object.entries(MODEL)) {
      assertEquals(await fixture.text(`runs/a/${name}`), text);
    }
    using device = await requestDevice();
    const path = `${fixture.path}/runs/a`;
    const model = await BertForSequenceClassification.fromPretrained(path, {
      device,
    });
    // Everything but the classifier, which a pretrained BERT lacks.
    const named = model.loadReport!.match(/\w+\.(?:weight|bias)/g);
    assertEquals(named, ["classifier.weight", "classifier.bias"]);

    const bad = await pretrain("--seed x");
    assertEquals([bad.code, bad.stderr], [
      2,
      'error: --seed must be a whole number from 0 to 4294967295, not "x"\n',
    ]);
  },
);

Deno.test(
  needs(
    "pretrain.ts --resume ends as if it had not been interrupted",
    "read",
    "write",
    "run",
  ),
  async (t) => {
    await using fixture = await trainFixture();
    const pretrain = (flags: string) =>
      fixture.run(flags, { task: "pretrain" });
    const whole = await pretrain(
      "--max-steps 2 --batch-size 4 --save-steps 1 --save-total-limit 9 --output-dir runs/a",
    );
    assertEquals(whole.code, 0, whole.stderr);
    const at = (name: string) => `${fixture.path}/runs/a/${name}`;
    const files = await fixture.list("runs/a");
    const steps = [1, 2, 3, 4, 5, 6].map((step) => `checkpoint-${step}`);
    assertEquals(files, [
      ...steps,
      ...["config.json", "model.safetensors"],
      ...["tokenizer.json", "tokenizer_config.json"],
    ]);
    const weights = await Deno.readFile(at("model.safetensors"));
    const last = await Deno.readFile(at("checkpoint-6/model.safetensors"));
    // Stages of two steps: in the first, and at the end of the second.
    for (const step of [1, 4]) {
      await t.step(`after step ${step}`, async () => {
        await Deno.remove(at("model.safetensors"));
        for (const name of steps.slice(step)) {
          await Deno.remove(at(name), { recursive: true });
        }
        const { code, stdout, stderr } = await pretrain("--resume runs/a");
        assertEquals(code, 0, stderr);
        assertStringIncludes(
          stdout,
          `\nGoing on after step ${step}, from checkpoint-${step}\n`,
        );
        assertEquals(await Deno.readFile(at("model.safetensors")), weights);
        const again = await Deno.readFile(at("checkpoint-6/model.safetensors"));
        assertEquals(again, last);
        assertEquals(await fixture.list("runs/a"), files);
      });
    }
    await t.step("after those of the second stage were damaged", async () => {
      await Deno.remove(at("model.safetensors"));
      for (const name of ["checkpoint-5", "checkpoint-6"]) {
        await Deno.remove(at(name), { recursive: true });
      }
      for (const name of ["checkpoint-3", "checkpoint-4"]) {
        await Deno.truncate(at(`${name}/model.safetensors`), 100);
      }
      const { code, error } = await pretrain("--resume runs/a");
      assertEquals([code, error], [
        1,
        "error: The checkpoints of this stage were damaged: repeat ./denow task pretrain --resume runs/a, which goes on from an earlier one",
      ]);
      const repeated = await pretrain("--resume runs/a");
      assertEquals(repeated.code, 0, repeated.stderr);
      assertEquals(await Deno.readFile(at("model.safetensors")), weights);
    });
    await t.step("a new run does not take them", async () => {
      const { code, error } = await pretrain("--output-dir runs/a");
      assertEquals([code, error], [
        2,
        "error: --output-dir runs/a has checkpoint-6 of another run: go on with it by --resume runs/a, or remove its checkpoints",
      ]);
    });
  },
);

Deno.test(
  needs(
    "parsePretrainFlags() takes the settings of the run that goes on",
    "read",
    "write",
  ),
  async (t) => {
    await using folder = await tempFolder();
    const { path } = folder;
    const flags = { batchSize: 4, mlmOnly: true, saveStrategy: "epoch" };
    await Deno.mkdir(`${path}/checkpoint-3`);
    await Deno.writeTextFile(
      `${path}/checkpoint-3/trainer_state.json`,
      JSON.stringify({ run: { flags } }),
    );
    const parse = (...args: string[]) => {
      const options = parsePretrainFlags(["--resume", path, ...args]);
      assert(options !== "help");
      const { outputDir, batchSize, mlmOnly, seed, saveStrategy, saveSteps } =
        options;
      assertEquals([outputDir, batchSize, mlmOnly, seed, options.isResumed], [
        path,
        4,
        true,
        42,
        true,
      ]);
      return [saveStrategy, saveSteps];
    };
    assertEquals(parse(), ["epoch", 500]);
    assertEquals(parse("--batch-size", "4", "--save-steps", "7"), ["steps", 7]);
    assertEquals(parse("--output-dir", `${path}/`), ["epoch", 500]);
    const cases: [string[], string][] = [
      [
        ["--batch-size", "8"],
        `--batch-size 8 differs from 4, with which ${path} began: leave it out`,
      ],
      [
        ["--seed", "1"],
        `--seed 1 differs from 42, with which ${path} began: leave it out`,
      ],
      [
        ["--max-steps", "9"],
        `--max-steps 9 differs from Infinity, with which ${path} began: leave it out`,
      ],
      [
        ["--output-dir", "runs/b"],
        `--output-dir runs/b differs from --resume ${path}: leave it out, a run goes on in its own folder`,
      ],
      [
        ["--resume", `${path}/none`],
        `--resume ${path}/none has no checkpoint: name the folder of an interrupted run, or start a new one`,
      ],
    ];
    for (const [args, message] of cases) {
      await t.step(args.join(" "), () => {
        assertEquals(
          assertThrows(() => parse(...args), Error).message,
          message,
        );
      });
    }
  },
);

Deno.test("parsePretrainFlags() applies the defaults", () => {
  const options = parsePretrainFlags(["--mlm-only", "--max-steps", "3"]);
  assert(options !== "help");
  assertEquals(
    [options.mlmOnly, options.maxSteps, options.batchSize, options.seed],
    [true, 3, 32, 42],
  );
  assertMatch(options.outputDir, /\/data\/model$/);
  const { saveStrategy, saveSteps, saveTotalLimit, isResumed } = options;
  assertEquals(
    [saveStrategy, saveSteps, saveTotalLimit, isResumed],
    ["epoch", 500, 2, false],
  );
  assertEquals(parsePretrainFlags(["--help"]), "help");
  assertStringIncludes(help(), "--max-steps N");
  assertEquals(
    assertThrows(() => parsePretrainFlags(["now"]), TypeError).message,
    'Unexpected argument "now": every value follows its flag, see --help',
  );
});

Deno.test("masking() masks names more often than words, and replaces them by names of the same list", () => {
  const tokenizer = Tokenizer.fromJson(
    MODEL["tokenizer.json"]!,
    MODEL["tokenizer_config.json"],
  );
  const idOf = (word: string) => tokenizer.encode(word).inputIds[1]!;
  const [stage] = STAGES;
  const { maskRate, replaceWith } = masking(tokenizer, stage!);
  for (const word of ["Friday", "Orbex", "Portland", "seven", "450"]) {
    assertEquals(maskRate!(idOf(word)), stage!.listedRate, word);
  }
  assertEquals(maskRate!(idOf("rose")), stage!.wordRate);
  const random = new Random(1);
  const days = Array.from(
    { length: 50 },
    () => tokenizer.decode([replaceWith!(idOf("Friday"), random)]),
  );
  assert(days.every((day) => /^[a-z]+day$/.test(day)), `${days}`);
  assertEquals(new Set(days).size, 7);
});
