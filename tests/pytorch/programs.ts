// Not named _test: `deno task test` needs no Python. `deno task test:pytorch` runs it, with
// the packages of docs/pytorch.md in python3.
import { assert, assertEquals } from "@std/assert";
import { loadDataFile } from "../../mod.ts";
import { assertAllClose } from "../helpers/all_close.ts";
import { ROOT } from "../helpers/permissions.ts";
import { tempFolder } from "../helpers/temp_folder.ts";
import { GOLDEN_LOSS } from "../helpers/tolerances.ts";

const PAGE = await Deno.readTextFile(new URL("docs/pytorch.md", ROOT));
const DATA = `${ROOT.pathname}data/`;

/** The program of the page that follows this text, with the data of the project. */
function program(after: string, language: string): string {
  const block = PAGE.split(after)[1]?.split("```")[1] ?? "";
  assert(block.startsWith(language), `docs/pytorch.md: no block: ${after}`);
  return block.slice(block.indexOf("\n") + 1).replaceAll('"data/', `"${DATA}`);
}

/** Runs a command in a folder, and returns its output. */
async function run(
  folder: string,
  command: string,
  ...args: string[]
): Promise<string> {
  const env = {
    HF_HUB_OFFLINE: "1",
    OMP_NUM_THREADS: "1",
    PYTHONWARNINGS: "ignore",
  };
  const { code, stdout, stderr } = await new Deno.Command(command, {
    args,
    cwd: folder,
    env,
  }).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

/** Losses that a program printed: the last number of each line of numbers. */
function numbers(output: string): number[] {
  return output.split("\n").filter((line) => /^[\d. e-]+$/.test(line.trim()))
    .map((line) => Number(line.trim().split(" ").at(-1)));
}

/** Losses of a run in gradloop, by step. */
async function losses(folder: string): Promise<Map<number, number>> {
  const text = await Deno.readTextFile(`${folder}/metrics.jsonl`);
  const events = text.trim().split("\n").map((line) => JSON.parse(line));
  return new Map(
    events.filter(({ event }) => event === "step")
      .map(({ step, loss }) => [step, loss]),
  );
}

/** Copies a run as it was after a checkpoint. */
async function copyUntil(step: number, from: string, to: string) {
  await Deno.mkdir(`${to}/checkpoint-${step}`, { recursive: true });
  for (const path of ["", `checkpoint-${step}/`]) {
    for await (const { name, isFile } of Deno.readDir(`${from}/${path}`)) {
      if (!isFile || ["results.json", "report.html"].includes(name)) continue;
      await Deno.copyFile(`${from}/${path}${name}`, `${to}/${path}${name}`);
    }
  }
}

async function writePrograms(folder: string) {
  for (
    const name of [
      "gradloop_run.py",
      "resume.py",
      "resume_distributed.py",
      "from_pytorch.py",
    ]
  ) {
    const text = program(
      name === "gradloop_run.py" ? "again:\n" : `\`${name}\`:\n`,
      "py",
    );
    await Deno.writeTextFile(`${folder}/${name}`, text);
  }
}

Deno.test("a run goes on in PyTorch, and from there in gradloop", async (t) => {
  await using folder = await tempFolder();
  const { path } = folder;
  await writePrograms(path);
  await Deno.mkdir(`${path}/data`);
  const pairs = await loadDataFile(`${DATA}pairs/train.arrow`);
  const csv = (first: number, last: number) =>
    "message,other,topic\n" +
    Array.from({ length: last - first }, (_, i) => {
      const { sentence1, sentence2, label } = pairs.at(first + i)!;
      return `"${sentence1}","${sentence2}",${label ? "same" : "different"}\n`;
    }).join("");
  // The last batch of 8 has one row.
  await Deno.writeTextFile(`${path}/data/train.csv`, csv(0, 57));
  await Deno.writeTextFile(`${path}/data/validation.csv`, csv(57, 77));
  const classify = (...args: string[]) =>
    run(
      path,
      "deno",
      "run",
      `--config=${ROOT.pathname}deno.json`,
      "--no-check",
      "--allow-read",
      `--allow-write=${path}`,
      `${ROOT.pathname}scripts/train_classifier.ts`,
      ...args,
    );
  await classify(
    ..."--data data --text-columns message,other --label-column topic --output-dir whole --dropout 0 --batch-size 8 --gradient-accumulation-steps 2 --max-grad-norm 1 --epochs 3 --learning-rate 5e-4 --lr-scheduler-type cosine --warmup-steps 3 --save-steps 2 --save-total-limit 9 --logging-steps 1"
      .split(" "),
  );
  const expected = await losses(`${path}/whole`);
  const lossesOf = (steps: number[]) =>
    steps.map((step) => expected.get(step)!);
  const args = ["data/train.csv", "6", "message", "other", "topic"];
  const launchers = {
    "resume.py": [],
    "resume_distributed.py":
      "-m accelerate.commands.launch --cpu --num_processes 2 --num_machines 1 --mixed_precision no --dynamo_backend no"
        .split(" "),
  };
  for (const [name, launcher] of Object.entries(launchers)) {
    await t.step(name, async () => {
      const copy = `${path}/${name}-run`;
      await copyUntil(2, `${path}/whole`, copy);
      const output = await run(
        path,
        "python3",
        ...launcher,
        name,
        `${copy}/checkpoint-2`,
        ...args,
      );
      assertAllClose(
        numbers(output),
        lossesOf([3, 4, 5, 6, 7, 8]),
        GOLDEN_LOSS,
      );
      await classify("--resume", copy);
      const own = await losses(copy);
      const rest = [9, 10, 11, 12];
      assertAllClose(
        rest.map((step) => own.get(step)!),
        lossesOf(rest),
        GOLDEN_LOSS,
      );
    });
  }
});

Deno.test("loadState() goes on with what PyTorch wrote", async () => {
  await using folder = await tempFolder();
  const { path } = folder;
  await writePrograms(path);
  await Deno.writeTextFile(
    `${path}/loop.ts`,
    program("three steps in gradloop:\n", "ts"),
  );
  const inPython = numbers(await run(path, "python3", "from_pytorch.py"));
  assertEquals(inPython.length, 3);
  const inGradloop = numbers(
    await run(path, "deno", "run", "--allow-read", "loop.ts"),
  );
  assertAllClose(inGradloop, inPython, GOLDEN_LOSS);
});
