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

Deno.test("parsePretrainFlags() applies the defaults", () => {
  const options = parsePretrainFlags(["--mlm-only", "--max-steps", "3"]);
  assert(options !== "help");
  assertEquals(
    [options.mlmOnly, options.maxSteps, options.batchSize, options.seed],
    [true, 3, 32, 42],
  );
  assertMatch(options.outputDir, /\/data\/model$/);
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
