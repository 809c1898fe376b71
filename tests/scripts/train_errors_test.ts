import { assertEquals, assertMatch } from "@std/assert";
import { help } from "../../scripts/train/options.ts";
import { needs } from "../helpers/permissions.ts";
import { MODEL_TYPES } from "../models/model_folder.ts";
import {
  GIVEN,
  trainFixture,
  tsv,
  withoutCompileTime,
} from "./train_fixture.ts";

/** Flags, and the last line of stderr. */
type Case = [flags: string, message: string];

const FLAGS: Case[] = [
  [
    `${GIVEN} --learning-rat 1`,
    "Unknown flag --learning-rat: use --learning-rate, or see --help",
  ],
  [
    `${GIVEN} --learning-rate abc`,
    '--learning-rate must be a number of at least 0, not "abc"',
  ],
  [
    `${GIVEN} --dropout 1`,
    '--dropout must be a number from 0 to less than 1, not "1"',
  ],
];

const MODELS: Case[] = [
  [
    "--model nowhere",
    "Cannot read nowhere: there is no such file or folder; name the folder of a model; download one of the Hugging Face Hub with deno task fetch --model OWNER/NAME",
  ],
  [
    "--model data", // another folder
    "Cannot read a tokenizer from data: it has no tokenizer.json; transformers writes one with AutoTokenizer.from_pretrained(…).save_pretrained(…)",
  ],
  [
    "--model empty",
    "Cannot read empty/model.safetensors: there is no such file: a model folder needs config.json, model.safetensors and tokenizer.json",
  ],
  [
    "--model torn",
    "Cannot read torn/model.safetensors: its header describes SIZE bytes, but the file has 3000: it is truncated; copy or download it again",
  ],
  [
    "--model pickled",
    "Cannot load pickled: its weights are in pytorch_model.bin only, a pickle file, and reading one runs code inside it: load it in transformers and call save_pretrained, which writes model.safetensors",
  ],
  [
    "--model gpt2",
    `Cannot read gpt2/config.json: its model_type "gpt2" is unknown; supported are ${MODEL_TYPES}: name the folder of such a model`,
  ],
  [
    "--model layers",
    "Cannot load layers: its weights lack bert.encoder.layer.1.attention.self.query.weight and 15 more of the layers that config.json asks for: correct the number of layers there, or load a whole checkpoint",
  ],
  [
    "--model shard",
    "Cannot read shard/model-00002-of-00002.safetensors: there is no such file, and model.safetensors.index.json names it: copy or download the whole model again",
  ],
];

const DATA: Case[] = [
  [
    "--data nowhere",
    "Cannot read nowhere: there is no such file or folder; check the path",
  ],
  [
    "--data empty-file",
    "Cannot read empty-file/train.tsv: the file is empty; write or download it again",
  ],
  ["--data no-rows", "Cannot read no-rows/train.tsv: it has no rows"],
  [
    "--data column",
    'column/train.tsv has no column "label", only idx, lable, sentence1, sentence2: name its columns as GLUE does, sentence1, sentence2, label, or train on texts of your own with deno task classify --data …',
  ],
  [
    "--data label",
    "label/train.tsv has label 2 in row 1, and labels must be the numbers 0 or 1: correct it, or train on labels of your own with deno task classify --data … --text-columns sentence1,sentence2",
  ],
  [
    "--data word",
    'word/train.tsv has label "yes" in row 1, and labels must be the numbers 0 or 1: correct it, or train on labels of your own with deno task classify --data … --text-columns sentence1,sentence2',
  ],
  [
    "--data parquet",
    "Cannot read parquet/train.parquet: it is not a Parquet file, or the end of it is missing; write or download it again",
  ],
  [
    "--data twice",
    "Cannot load twice: it has train.csv and train.tsv for one split; remove or rename all but one",
  ],
  [
    "--data long", // the model has 32 positions, the tokenizer allows 512
    "long/train.tsv has 83 tokens in row 0, and the model takes 32: use --max-length 32",
  ],
];

const CHECKPOINTS: Case[] = [
  [
    `${GIVEN} --metric-for-best-model f2`,
    '--metric-for-best-model must be one of accuracy, f1, loss, not "f2"',
  ],
  [
    "--resume",
    "--resume found no run below runs that did not end: name its folder, --resume DIR",
  ],
];

const FOLDERS: Case[] = [
  [
    `${GIVEN} --output-dir runs/old`,
    "--output-dir runs/old already exists: a run never overwrites one, so name another folder or remove it; --resume runs/old goes on with a run",
  ],
  [
    `${GIVEN} --output-dir results`,
    "--output-dir results cannot be written with the permissions given, which for the train task cover runs alone: name a folder below runs, or use deno run --allow-read --allow-write=results scripts/train_mrpc.ts …",
  ],
];

Deno.test(
  needs(
    "train_mrpc.ts reports errors before the first step, and writes nothing",
    "read",
    "write",
    "run",
  ),
  async (t) => {
    await using fixture = await trainFixture();
    const { write, text } = fixture;
    const [config, tokenizer] = [
      await text("model/config.json"),
      await text("model/tokenizer.json"),
    ];
    const weights = await Deno.readFile(
      `${fixture.path}/model/model.safetensors`,
    );
    for (
      const model of ["empty", "torn", "pickled", "gpt2", "layers", "shard"]
    ) {
      await write(`${model}/config.json`, config);
      await write(`${model}/tokenizer.json`, tokenizer);
    }
    await write("torn/model.safetensors", weights.subarray(0, 3000));
    await write("pickled/pytorch_model.bin", "\x80\x02.");
    await write("gpt2/config.json", config.replace('"bert"', '"gpt2"'));
    await write("gpt2/model.safetensors", weights);
    await write(
      "layers/config.json",
      config.replace('"num_hidden_layers": 1', '"num_hidden_layers": 2'),
    );
    await write("layers/model.safetensors", weights);
    await write(
      "shard/model.safetensors.index.json",
      '{"weight_map": {"x": "model-00002-of-00002.safetensors"}}',
    );

    const rows = tsv([1, 0]);
    const trains = {
      "empty-file/train.tsv": "",
      "no-rows/train.tsv": tsv([]),
      "column/train.tsv": rows.replace("label", "lable"),
      "label/train.tsv": tsv([1, 2]),
      "word/train.tsv": rows.replace("\t0\t", "\tyes\t"),
      "parquet/train.parquet": "PAR1",
      "twice/train.tsv": rows,
      "twice/train.csv": rows.replaceAll("\t", ","),
      "long/train.tsv": tsv([1, 0], 40),
    };
    for (const [path, content] of Object.entries(trains)) {
      await write(path, content);
      await write(path.replace(/[^/]*$/, "validation.tsv"), rows);
    }
    await write("runs/old/mine.txt", "keep");

    const before = await fixture.list(".");
    const check = (
      { code, stderr, error }: Awaited<ReturnType<typeof fixture.run>>,
      message: string,
    ) =>
      assertEquals({ code, error, lines: stderr.split("\n").length }, {
        code: 2,
        error: `error: ${message}`,
        lines: 2, // the message and its end: no stack trace
      });
    const cases: Case[] = [
      ...FLAGS,
      ...MODELS.map(([flags, message]): Case => [
        `${flags} --data data`,
        message.replace("SIZE", `${weights.length}`),
      ]),
      ...DATA.map(([flags, message]): Case => [
        `--model model ${flags}`,
        message,
      ]),
      ...CHECKPOINTS,
      ...FOLDERS,
    ];
    for (const [flags, message] of cases) {
      await t.step(flags, async () => check(await fixture.run(flags), message));
    }
    await t.step("without --allow-write", async () => {
      const run = await fixture.run(`${GIVEN} --output-dir runs/a`, {
        permissions: ["--allow-read"],
      });
      check(
        run,
        "--output-dir runs/a cannot be written with the permissions given, which for the train task cover runs alone: name a folder below runs, or use deno run --allow-read --allow-write=runs/a scripts/train_mrpc.ts …",
      );
    });
    await t.step("without --allow-read for the output", async () => {
      const run = await fixture.run(`${GIVEN} --output-dir runs/a`, {
        permissions: ["--allow-read=model,data", "--allow-write=runs"],
      });
      check(
        run,
        "--output-dir runs/a cannot be read with the permissions given, and saving the model needs that: add runs/a to --allow-read",
      );
    });
    await t.step("without an adapter", async () => {
      const { code, error } = await fixture.run(GIVEN, {
        env: { DENO_WEBGPU_BACKEND: "vulkan", VK_DRIVER_FILES: "/nonexistent" },
      });
      assertEquals(code, 2);
      assertMatch(
        error,
        /^error: Cannot request a WebGPU device: no adapter was found; .*(install|update)/,
      );
    });
    await t.step("nothing was written", async () => {
      assertEquals(await fixture.list("."), before);
      assertEquals(await fixture.list("runs"), ["old"]);
      assertEquals(await fixture.list("runs/old"), ["mine.txt"]);
    });
  },
);

Deno.test(
  needs("train_mrpc.ts --help needs no permission", "read", "write", "run"),
  async () => {
    await using fixture = await trainFixture();
    const { code, stdout, stderr } = await fixture.run("--help", {
      permissions: [],
    });
    assertEquals({ code, stdout, stderr }, {
      code: 0,
      stdout: `${help()}\n`,
      stderr: "",
    });
  },
);

Deno.test(
  needs(
    "train_mrpc.ts ends if a loss is not finite, and keeps what it wrote",
    "read",
    "write",
    "run",
  ),
  async (t) => {
    await using fixture = await trainFixture();
    const flags = `${GIVEN} --learning-rate 1e30 --logging-steps 1`;
    await t.step("in training", async () => {
      const { code, error } = await fixture.run(`${flags} --output-dir runs/a`);
      assertEquals({ code, error }, {
        code: 1,
        error:
          "error: The loss of step 2 is NaN: its rows, from 0, are 6, and its gradient norm is NaN; use a lower --learning-rate, or --max-grad-norm 1, or --debug-nan to find the first tensor that is not finite",
      });
      assertEquals(
        (await fixture.events("a")).map(({ event, step }) => [event, step]),
        [["step", 1]],
      );
      assertEquals(
        await fixture.list("runs/a"),
        ["config.json", "metrics.jsonl"],
      );
    });
    await t.step("in evaluation, after the last step", async () => {
      const { code, error } = await fixture.run(
        `${flags} --max-steps 1 --output-dir runs/b`,
      );
      assertEquals({ code, error }, {
        code: 1,
        error:
          "error: The evaluation loss after step 1 is NaN: use a lower --learning-rate, or --max-grad-norm 1, or --debug-nan to find the first tensor that is not finite",
      });
      assertEquals((await fixture.events("b")).length, 1);
      assertEquals(
        await fixture.list("runs/b"),
        ["config.json", "metrics.jsonl"],
      );
    });
  },
);

Deno.test(
  needs("train_mrpc.ts exits with code 130 on Ctrl-C", "read", "write", "run"),
  async (t) => {
    await using fixture = await trainFixture();
    /** Sends SIGINT when stdout has `text`; returns exit code, stderr and milliseconds. */
    async function interrupt(flags: string, text: string) {
      const child = fixture.start(`${GIVEN} ${flags}`);
      const errors = new Response(child.stderr).text();
      const stuck = setTimeout(() => child.kill("SIGKILL"), 60_000);
      let sentAt = 0;
      let seen = "";
      for await (
        const chunk of child.stdout.pipeThrough(new TextDecoderStream())
      ) {
        seen += chunk;
        if (sentAt > 0 || !seen.includes(text)) continue;
        sentAt = performance.now();
        child.kill("SIGINT");
      }
      const { code } = await child.status;
      clearTimeout(stuck);
      return {
        code,
        stderr: withoutCompileTime(await errors),
        ms: performance.now() - sentAt,
      };
    }
    await t.step("before the first step", async () => {
      const { ms, ...ended } = await interrupt("", "Running on ");
      assertEquals(ended, { code: 130, stderr: "" });
      assertEquals(ms < 1000, true, `${ms} ms`);
      assertEquals(await fixture.list("."), ["data", "model"]);
    });
    // A long epoch: the run must not wait for its end.
    const labels = Array.from({ length: 5000 }, (_, i) => i % 2);
    await fixture.write("data/train.tsv", tsv(labels));
    await t.step("in training", async () => {
      const { ms, ...ended } = await interrupt(
        "--batch-size 1 --logging-steps 1 --output-dir runs/a",
        "\ntraining 1/",
      );
      assertEquals(ended, {
        code: 130,
        stderr:
          "Interrupted by SIGINT\nContinue with: ./denow task train --resume runs/a\n",
      });
      // step 1 may still compile its kernels; a step takes a few ms
      assertEquals(ms < 5000, true, `${ms} ms`);
      const steps = (await fixture.events("a")).map(({ step }) => step);
      assertEquals(steps, steps.map((_, i) => i + 1));
      assertEquals(steps.length > 0, true);
      assertEquals(
        await fixture.list("runs/a"),
        [`checkpoint-${steps.length}`, "config.json", "metrics.jsonl"],
      );
    });
  },
);
