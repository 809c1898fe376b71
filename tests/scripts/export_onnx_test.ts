import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import {
  BertForSequenceClassification,
  dataCollatorWithPadding,
  requestDevice,
  softmax,
  Tokenizer,
} from "../../mod.ts";
import { assertAllClose, GOLDEN_LOGITS } from "../helpers/all_close.ts";
import { modelCard } from "../../scripts/model_card/model_card.ts";
import { needs, ROOT } from "../helpers/permissions.ts";
import { CARD } from "./model_card/card_fixture.ts";
import {
  commandOf,
  type Ended,
  type StartOptions,
  type TrainFixture,
  trainFixture,
} from "./train_fixture.ts";

/** Runs the export task. */
function exportOnnx(
  fixture: TrainFixture,
  flags: string,
  options: StartOptions = {},
): Promise<Ended> {
  return fixture.run(flags, { task: "export", ...options });
}

Deno.test("the export task may only read, and write below runs", () => {
  assertEquals(commandOf("export").permissions, [
    "--allow-read",
    "--allow-write=runs",
  ]);
});

Deno.test(
  needs(
    "the export task writes onnx/ into the folder of the model",
    "read",
    "write",
    "run",
  ),
  async () => {
    await using fixture = await trainFixture();
    await fixture.saveModel("runs/mrpc/model", 2);
    const card = modelCard({ ...CARD, onnxFiles: [] });
    await fixture.write("runs/mrpc/model/README.md", card);
    const before = await fixture.list("runs/mrpc/model");
    const { code, stdout, error } = await exportOnnx(
      fixture,
      "--model runs/mrpc/model --dtype q8,fp32,q8",
    );
    assertEquals([code, error], [0, error]);
    assertMatch(
      stdout,
      /^runs\/mrpc\/model\/onnx\/model_quantized\.onnx: q8, \d\.\d MB, in \d+\.\d s\nruns\/mrpc\/model\/onnx\/model\.onnx: fp32, \d\.\d MB, in \d+\.\d s\nruns\/mrpc\/model\/README\.md names the ONNX files\n$/,
    );
    assertEquals(
      await fixture.text("runs/mrpc/model/README.md"),
      modelCard({
        ...CARD,
        onnxFiles: ["onnx/model.onnx", "onnx/model_quantized.onnx"],
      }),
    );
    assertEquals(
      await fixture.list("runs/mrpc/model"),
      [...before, "onnx"].sort(),
    );
    assertEquals(
      await fixture.list("runs/mrpc/model/onnx"),
      ["model.onnx", "model_quantized.onnx"],
    );
  },
);

/** README's programs for Node, which are files here. */
const PROGRAMS = ["classify.mjs", "classify_pair.mjs"];

Deno.test(
  needs(
    "the files of a run, exported, run in README's programs for Node",
    "read",
    "write",
    "run",
  ),
  async (t) => {
    await using fixture = await trainFixture();
    // The commands of README, on a model with 32 positions.
    const trained = await fixture.run(
      "--model model --data data --max-steps 1 --output-dir runs/mine",
    );
    assertEquals(trained.code, 0, trained.stderr);
    const { code, error } = await exportOnnx(
      fixture,
      "--model runs/mine/model",
    );
    assertEquals([code, error], [0, error]);

    const programs = await Promise.all(
      PROGRAMS.map(async (name) =>
        (await Deno.readTextFile(new URL(`tests/onnx/${name}`, ROOT)))
          .replace(/^.*deno-lint.*\n/, "")
      ),
    );
    const readme = await Deno.readTextFile(new URL("README.md", ROOT));
    const blocks = [...readme.matchAll(/^```js ignore\n([^]*?)^```$/gm)];
    assertEquals(blocks.map(([, block]) => block), programs);
    const standIn = new URL("tests/onnx/transformers_js.ts", ROOT).href;
    const run = async (program: string) => {
      await fixture.write(
        "program.mjs",
        program.replace('"@huggingface/transformers"', `"${standIn}"`)
          // one line of JSON, not the console's own format
          .replace("console.log(await", "console.log(JSON.stringify(await")
          .replace("{ top_k: null }))", "{ top_k: null })))"),
      );
      const output = await new Deno.Command("deno", {
        args: ["run", "--no-prompt", "--allow-read", "program.mjs"],
        cwd: fixture.url,
      }).output();
      const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
      assert(output.success, text(output.stderr));
      return text(output.stdout).trimEnd();
    };
    using device = await requestDevice();
    const path = `${fixture.path}/runs/mine/model`;
    const tokenizer = await Tokenizer.fromPretrained(path);
    const model = await BertForSequenceClassification.fromPretrained(path, {
      device,
    });
    const expected = async (text: string, pair?: string) => {
      const batch = dataCollatorWithPadding(tokenizer)([
        { ...tokenizer.encode(text, pair) },
      ]);
      using _scope = device.scope();
      return await softmax(model.forward(batch).logits).toArray();
    };
    const [text, pair] = ["The ferry leaves at seven.", "It leaves at seven."];
    await t.step("the pipeline", async () => {
      const scores: { label: string; score: number }[] = JSON.parse(
        await run(programs[0]!),
      );
      const byLabel = scores.toSorted((a, b) => a.label < b.label ? -1 : 1);
      assertEquals(byLabel.map(({ label }) => label), ["LABEL_0", "LABEL_1"]);
      assertAllClose(
        byLabel.map(({ score }) => score),
        await expected(text),
        GOLDEN_LOGITS,
      );
    });
    await t.step("a pair", async () => {
      const lines = (await run(programs[1]!)).split("\n")
        .map((line) => line.split(" "));
      assertEquals(lines.map(([label]) => label), ["LABEL_0", "LABEL_1"]);
      assertAllClose(
        lines.map(([, probability]) => Number(probability)),
        await expected(text, pair),
        GOLDEN_LOGITS,
      );
    });
    await t.step("a text of 600 words", async () => {
      const long = "ferry ".repeat(600).trim();
      for (const program of programs) await run(program.replace(text, long));
    });
  },
);

Deno.test(
  needs(
    "the export task writes a new folder with everything but the weights",
    "read",
    "write",
    "run",
  ),
  async () => {
    await using fixture = await trainFixture();
    const { code, error } = await exportOnnx(
      fixture,
      "--model model --output-dir runs/mrpc/model",
    );
    assertEquals([code, error], [0, error]);
    assertEquals(await fixture.list("runs/mrpc/model"), [
      "config.json",
      "onnx",
      "tokenizer.json",
      "tokenizer_config.json",
    ]);
    // The tokenizer of model/ has no maximum; the model has 32 positions.
    const config = JSON.parse(
      await fixture.text("runs/mrpc/model/tokenizer_config.json"),
    );
    assertEquals(config.model_max_length, 32);
  },
);

Deno.test(
  needs(
    "the export task reports errors before it writes",
    "read",
    "write",
    "run",
  ),
  async (t) => {
    await using fixture = await trainFixture();
    await fixture.saveModel("runs/mrpc/model", 2);
    const config = JSON.parse(await fixture.text("model/config.json"));
    const variant = async (path: string, change: object) => {
      await fixture.saveModel(path, 2);
      const text = JSON.stringify({ ...config, ...change });
      await fixture.write(`${path}/config.json`, text);
    };
    await variant("runs/gpt2", { "model_type": "gpt2" });
    await variant("runs/labels", { "id2label": { 0: "a", 1: "b", 2: "c" } });
    await fixture.saveModel("runs/blank", 2);
    await Deno.remove(`${fixture.path}/runs/blank/tokenizer.json`);
    await fixture.saveModel("runs/torn", 2);
    await Deno.truncate(`${fixture.path}/runs/torn/model.safetensors`, 3000);

    const cases: readonly (readonly [flags: string, message: string])[] = [
      ["", "Missing --model: give the model folder of a run"],
      ["runs/mrpc/model", 'Unexpected argument "runs/mrpc/model"'],
      ["--model runs/none", "--model runs/none is not a folder"],
      ["--model data", "Cannot read data/config.json: there is no such file"],
      [
        "--model runs/gpt2",
        '"gpt2" is unknown; supported are "albert", "bert"',
      ],
      ["--model runs/labels", "and [3,16] in the model"],
      ["--model runs/blank", "tokenizer.json"],
      ["--model runs/torn", "it is truncated; copy or download it again"],
      [
        "--model runs/mrpc/model --dtype fp32,q4",
        '--dtype must be one of fp32, fp16, q8, or several separated by commas, not "q4"',
      ],
      [
        "--model model",
        "--model model cannot be written with the permissions given, which for the export task cover runs alone: give --output-dir a folder below runs, or use deno run --allow-read --allow-write=model scripts/export_onnx.ts …",
      ],
      [
        "--model model --output-dir other",
        "--output-dir other cannot be written with the permissions given",
      ],
      [
        "--model model --output-dir runs/mrpc",
        "--output-dir runs/mrpc already exists: name another folder or remove it",
      ],
    ];
    const files = async () => [
      await fixture.list("."),
      await fixture.list("runs"),
      await fixture.list("model"),
      await fixture.list("runs/mrpc/model"),
      await fixture.list("runs/labels"),
    ];
    const before = await files();
    for (const [flags, message] of cases) {
      await t.step(flags, async () => {
        const { code, stderr, error } = await exportOnnx(fixture, flags);
        assertEquals(code, 2, stderr);
        assertStringIncludes(error, message);
        assert(!/^\s+at /m.test(stderr), stderr);
        assertEquals(await files(), before);
      });
    }
  },
);

Deno.test(
  needs("the export task describes its flags", "read", "write", "run"),
  async () => {
    await using fixture = await trainFixture();
    const { code, stdout } = await exportOnnx(fixture, "--help");
    assertEquals(code, 0);
    for (const flag of ["--model DIR", "--dtype NAME", "--output-dir DIR"]) {
      assertStringIncludes(stdout, flag);
    }
  },
);
