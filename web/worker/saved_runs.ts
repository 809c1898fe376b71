/**
 * The training that the browser keeps, in its private file system (OPFS): a reload
 * or a crash loses what was computed since the last evaluation alone.
 *
 * Two checkpoints take turns. The last file of each names its number, so that one
 * that is torn is not taken for complete.
 *
 * @module
 */
/// <reference lib="dom" />
import type { ModelSummary, SavedRun, Settings } from "../messages.ts";
import type { PreparedData } from "./prepared_data.ts";
import type { History } from "./training.ts";

/** Version of the format: another one is discarded. */
const VERSION = 1;
const FOLDER = "training";
const RUN = "run.json";
const PROGRESS = "progress.json";

/** Parts of a training that do not change. */
export interface RunFacts {
  readonly data: PreparedData;
  readonly model: ModelSummary;
  readonly settings: Settings;
  readonly totalSteps: number;
}

/** The rest, at an evaluation. */
export interface RunProgress {
  /** Number of the save: the greatest is the newest. */
  readonly save: number;
  readonly savedAt: number;
  readonly history: History;
  readonly isFinished: boolean;
  readonly probabilities: readonly (readonly number[])[];
}

/** A kept training. */
export interface StoredRun {
  readonly facts: RunFacts;
  readonly progress: RunProgress;
  /** Files of the state. */
  readonly files: Readonly<Record<string, File>>;
}

/** Keeps one training. */
export class SavedRuns {
  #saves = 0;

  /**
   * Keeps the facts of a new training, in the place of an older one.
   *
   * @param facts The facts.
   */
  async begin(facts: RunFacts): Promise<void> {
    await this.discard();
    this.#saves = 0;
    const folder = await open(true);
    await write(folder, RUN, JSON.stringify({ version: VERSION, ...facts }));
  }

  /**
   * Keeps a state.
   *
   * @param files Its files.
   * @param progress The course.
   */
  async save(
    files: Readonly<Record<string, Blob>>,
    progress: Omit<RunProgress, "save" | "savedAt">,
  ): Promise<void> {
    const save = ++this.#saves;
    const folder = await open(true);
    const place = await folder.getDirectoryHandle(`${save % 2}`, {
      create: true,
    });
    await place.removeEntry(PROGRESS).catch(() => {}); // there is none at first
    for (const [name, content] of Object.entries(files)) {
      await write(place, name, content);
    }
    const json: RunProgress = { ...progress, save, savedAt: Date.now() };
    await write(place, PROGRESS, JSON.stringify(json));
  }

  /**
   * Looks for a kept training.
   *
   * @returns It, with its newest complete checkpoint; none if there is none.
   */
  async find(): Promise<StoredRun | undefined> {
    try {
      const folder = await open(false);
      const { version, ...facts } = await readJson(folder, RUN);
      if (version !== VERSION) return undefined;
      const places = await Promise.all(["0", "1"].map(async (name) => {
        try {
          const place = await folder.getDirectoryHandle(name);
          const progress = await readJson(place, PROGRESS);
          return { place, progress: progress as unknown as RunProgress };
        } catch {
          return undefined; // torn, or not there
        }
      }));
      const [newest] = places.filter((place) => place !== undefined)
        .sort((a, b) => b.progress.save - a.progress.save);
      if (!newest) return undefined;
      const { place, progress } = newest;
      this.#saves = progress.save;
      return {
        facts: facts as unknown as RunFacts,
        progress,
        files: await filesOf(place),
      };
    } catch {
      return undefined; // nothing was kept, or the browser keeps nothing
    }
  }

  /** Forgets the kept training. */
  async discard(): Promise<void> {
    const root = await navigator.storage.getDirectory();
    await root.removeEntry(FOLDER, { recursive: true }).catch(() => {});
  }
}

/**
 * Describes a kept training.
 *
 * @param run The training.
 * @returns What the page shows of it.
 */
export function describeRun({ facts, progress }: StoredRun): SavedRun {
  const { steps, evaluations } = progress.history;
  return {
    table: facts.data.name,
    model: facts.model.name,
    step: steps.length,
    totalSteps: facts.totalSteps,
    accuracy: evaluations.at(-1)?.accuracy ?? 0,
    isFinished: progress.isFinished,
    savedAt: progress.savedAt,
  };
}

async function open(create: boolean): Promise<FileSystemDirectoryHandle> {
  const root = await navigator.storage.getDirectory();
  return root.getDirectoryHandle(FOLDER, { create });
}

async function write(
  folder: FileSystemDirectoryHandle,
  name: string,
  content: string | Blob,
): Promise<void> {
  const handle = await folder.getFileHandle(name, { create: true });
  const stream = await handle.createWritable();
  await stream.write(content);
  await stream.close(); // replaces the file whole
}

async function readJson(
  folder: FileSystemDirectoryHandle,
  name: string,
): Promise<Record<string, unknown>> {
  const handle = await folder.getFileHandle(name);
  return JSON.parse(await (await handle.getFile()).text());
}

async function filesOf(
  folder: FileSystemDirectoryHandle,
): Promise<Record<string, File>> {
  const files: Record<string, File> = {};
  for await (const [name, handle] of folder.entries()) {
    if (handle.kind !== "file" || name === PROGRESS) continue;
    files[name] = await (handle as FileSystemFileHandle).getFile();
  }
  return files;
}
