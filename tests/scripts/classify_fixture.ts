import project from "../../deno.json" with { type: "json" };
import { loadSafetensors, saveSafetensors } from "../../mod.ts";
import type { TASKS } from "../../scripts/classify/tasks.ts";
import { ROOT } from "../helpers/permissions.ts";
import {
  type Ended,
  type TrainFixture,
  trainFixture,
} from "./train_fixture.ts";

/** Command of the task. */
export const TASK = project.tasks.classify.command;
const SCRIPT = new URL("scripts/train_classifier.ts", ROOT).href;

/** Runs the script as `deno task classify` does. */
export async function glue(
  fixture: TrainFixture,
  flags: string,
): Promise<Ended> {
  const output = await new Deno.Command("deno", {
    args: [
      "run",
      "--no-prompt",
      ...TASK.split(" ").slice(2, -1),
      SCRIPT,
      ...flags.split(" "),
    ],
    cwd: fixture.url,
    stdin: "null",
  }).output();
  const [stdout, stderr] = [output.stdout, output.stderr]
    .map((bytes) => new TextDecoder().decode(bytes));
  const error = stderr!.trimEnd().split("\n").at(-1)!;
  return { code: output.code, stdout: stdout!, stderr: stderr!, error };
}

/** A fixture with a model without a head, as pretrained models are. */
export async function classifyFixture(): Promise<TrainFixture> {
  const fixture = await trainFixture();
  const path = `${fixture.path}/model/model.safetensors`;
  const tensors = loadSafetensors(await Deno.readFile(path));
  const rest = [...tensors].filter(([name]) => !name.startsWith("classifier"));
  await Deno.writeFile(path, saveSafetensors(Object.fromEntries(rest)));
  return fixture;
}

const WORDS = ["the", "ferry", "leaves", "island", "at", "seven", "rain", "."];
/** A text of `length` words. */
export const sentence = (i: number, length: number): string =>
  Array.from({ length }, (_, k) => WORDS[(i + k * k) % WORDS.length]).join(" ");

/** Rows as in GLUE: labels are numbers, -1 if they are not public. */
export function rowsOf(
  task: typeof TASKS[keyof typeof TASKS],
  count: number,
  known: boolean,
): Record<string, unknown>[] {
  const classes = task.labels === "numbers" ? 0 : task.labels.length;
  return Array.from({ length: count }, (_, i) => ({
    ...Object.fromEntries(
      task.textColumns.map((name, k) => [name, sentence(i + k, 2 + i % 4)]),
    ),
    label: known ? classes ? i % classes : i % 6 * 0.8 : -1,
    idx: i,
  }));
}

/** Rows as JSON Lines. */
export const jsonl = (rows: object[]): string =>
  rows.map((row) => JSON.stringify(row) + "\n").join("");

/** Flags of a short run. */
export const MODEL = "--model model --epochs 1 --batch-size 4";
