/**
 * The files of a run that a comparison shows.
 *
 * @module
 */
import type { LogEvent } from "../run_folder/event_file.ts";
import { evaluations, parseEvents } from "./series.ts";

/** A run as a comparison shows it. */
export interface RunSummary {
  /** Name of its folder. */
  readonly name: string;
  /** Content of `config.json`. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Lines of `metrics.jsonl`. */
  readonly events: readonly LogEvent[];
  /** Scores by name: those of `results.json`, or of the last evaluation before it is there. */
  readonly scores: Readonly<Record<string, number>>;
  /** Bounds of scores by name. */
  readonly intervals: Readonly<
    Record<string, readonly [low: number, high: number]>
  >;
  /** F1 of each class by its name. */
  readonly classScores: Readonly<Record<string, number>>;
  /** Whether `results.json` is there, which ends a run. */
  readonly isFinished: boolean;
}

/** The parts of `results.json` that are shown. */
interface Results {
  readonly intervals?: RunSummary["intervals"];
  readonly perClass?: Readonly<Record<string, { readonly f1: number }>>;
}

/** Numbers of `results.json` that are no scores of the model. */
const NOT_SCORES = new Set(["epochs", "trainLoss"]);

/**
 * Reads the files of a run.
 *
 * @param folder The folder of the run.
 * @param name Its name in the comparison.
 * @returns The summary.
 * @throws {Error} If it is not the folder of a run, or a file cannot be read.
 */
export async function readRun(
  folder: string,
  name: string,
): Promise<RunSummary> {
  const configText = await readText(folder, "config.json");
  const eventsText = await readText(folder, "metrics.jsonl");
  if (configText === undefined || eventsText === undefined) {
    throw new Error(
      `${folder} is no run: it has no ${
        configText === undefined ? "config.json" : "metrics.jsonl"
      }; name the folder of a run, such as runs/2026-01-31T12-00-00`,
    );
  }
  const resultsText = await readText(folder, "results.json");
  const results = resultsText === undefined
    ? undefined
    : parse(folder, "results.json", resultsText) as Results;
  const events = parseEvents(eventsText);
  const last = evaluations(events).at(-1);
  const { perClass, intervals } = results ?? {};
  return {
    name,
    config: parse(folder, "config.json", configText),
    events,
    scores: results
      ? numbersOf(results)
      : { ...last?.scores, ...last?.loss !== undefined && { loss: last.loss } },
    intervals: intervals ?? {},
    classScores: Object.fromEntries(
      Object.entries(perClass ?? {}).map(([label, { f1 }]) => [label, f1]),
    ),
    isFinished: results !== undefined,
  };
}

async function readText(
  folder: string,
  name: string,
): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(`${folder}/${name}`);
  } catch (error) {
    if (
      error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.NotADirectory
    ) return;
    throw new Error(
      `${folder}/${name} cannot be read: ${(error as Error).message}`,
    );
  }
}

function parse(
  folder: string,
  name: string,
  text: string,
): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) {
      return value as Record<string, unknown>;
    }
  } catch {
    // reported below
  }
  throw new Error(
    `${folder}/${name} is no JSON object: it may be torn; remove it to train again, or leave the run out`,
  );
}

function numbersOf(results: object): Record<string, number> {
  const entries = Object.entries(results).filter(([name, value]) =>
    typeof value === "number" && !NOT_SCORES.has(name)
  );
  return Object.fromEntries(entries);
}
