/**
 * Training loops that are saved and resumed at any batch, and the check that they
 * end with the bits of the uninterrupted one.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import {
  clipGradNorm,
  type DataLoader,
  GradientAccumulation,
  type LambdaLR,
  loadState,
  type Module,
  mul,
  type Optimizer,
  type Row,
  saveState,
  type StateObjects,
  type Tensor,
} from "../../mod.ts";
import { device } from "../helpers/device.ts";
import { tempFolder } from "../helpers/temp_folder.ts";

/** The parts of a loop. */
export interface LoopParts<B> {
  readonly modules: Readonly<Record<string, Module>>;
  readonly optimizers: Readonly<Record<string, Optimizer>>;
  readonly schedulers?: Readonly<Record<string, LambdaLR>>;
  readonly loader: DataLoader<Row, B>;
  /** Other objects to save. */
  readonly others?: StateObjects;
  readonly forward: (batch: B) => Tensor;
  /** Batches of an optimizer step. */
  readonly accumulate?: number;
  /** Norm of the gradients; not clipped without it. */
  readonly maxNorm?: number;
  /** Called before each batch, with the number of those before it. */
  readonly beforeBatch?: (count: number) => void;
  /** Called after each step of the optimizer. */
  readonly afterStep?: () => void;
}

/** Place in a loop: after batch `count`, and before its optimizer step or after it. */
export interface Place {
  readonly count: number;
  readonly beforeStep?: boolean;
}

/** A training loop that can go on at any place. */
export class ResumableLoop<B> {
  readonly #parts: LoopParts<B>;
  readonly #accumulation: GradientAccumulation;
  /** Losses and norms of gradients, in order. */
  readonly values: number[] = [];
  #place: Place = { count: 0 };

  constructor(parts: LoopParts<B>) {
    this.#parts = parts;
    const { loader, accumulate = 1 } = parts;
    this.#accumulation = new GradientAccumulation(loader, accumulate);
  }

  /** Everything to save; the loop's own place is a user's object. */
  get objects(): StateObjects {
    const { modules, optimizers, schedulers, loader, others } = this.#parts;
    const place = {
      stateDict: () => this.#place,
      loadStateDict: (saved: Place) => this.#place = saved,
    };
    return {
      ...modules,
      ...optimizers,
      ...schedulers,
      ...others,
      loader,
      place,
    };
  }

  /** Trains until there were `count` batches; calls `visit` at each place. */
  async train(
    count: number,
    visit: (place: Place) => Promise<void> = async () => {},
  ): Promise<void> {
    const { loader, forward, beforeBatch } = this.#parts;
    if (this.#place.beforeStep) await this.#step();
    this.#place = { count: this.#place.count };
    while (this.#place.count < count) {
      for await (const batch of loader) {
        using _batch = device.scope();
        beforeBatch?.(this.#place.count);
        const loss = forward(batch);
        const { share, isLast } = this.#accumulation.current;
        mul(loss, share).backward();
        this.values.push(await loss.item());
        const done = this.#place.count + 1;
        this.#place = { count: done, beforeStep: isLast };
        if (isLast) {
          await visit(this.#place);
          await this.#step();
        }
        this.#place = { count: done };
        await visit(this.#place);
        if (done === count) break;
      }
    }
  }

  async #step(): Promise<void> {
    const { modules, optimizers, schedulers, maxNorm } = this.#parts;
    using _step = device.scope();
    const all = new Set(
      Object.values(modules).flatMap((module) => [...module.parameters()]),
    );
    if (maxNorm !== undefined) {
      this.values.push(await clipGradNorm(all, maxNorm).item());
    }
    for (const optimizer of Object.values(optimizers)) optimizer.step();
    for (const scheduler of Object.values(schedulers ?? {})) scheduler.step();
    for (const parameter of all) parameter.grad = undefined;
    this.#parts.afterStep?.();
  }
}

/** The files of a folder by name. */
export async function filesOf(
  path: string,
): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  for await (const { name } of Deno.readDir(path)) {
    files.set(name, await Deno.readFile(`${path}/${name}`));
  }
  return files;
}

/** Fails unless two folders have the same files, byte for byte. */
export async function assertSameFiles(
  actual: string,
  expected: string,
  message: string,
): Promise<void> {
  const [files, others] = [await filesOf(actual), await filesOf(expected)];
  assertEquals([...files.keys()].sort(), [...others.keys()].sort(), message);
  for (const [name, bytes] of files) {
    const other = others.get(name)!;
    if (name.endsWith(".json")) {
      const [text, expected] = [bytes, other]
        .map((bytes) => new TextDecoder().decode(bytes));
      assertEquals(text, expected, `${message}: ${name}`);
    }
    const at = bytes.findIndex((byte, i) => byte !== other[i]);
    if (at < 0 && bytes.length === other.length) continue;
    throw new Error(`${message}: ${name} differs at byte ${at}`);
  }
}

/**
 * Fails unless a loop that is saved at each of some places and goes on, and loops
 * that are resumed there, give the losses and the files of one that is not saved.
 *
 * @param make Makes a loop; every call is another process.
 * @param count Number of batches.
 * @param places Where it is saved; by default at every place.
 */
export async function assertResumes<B>(
  make: () => ResumableLoop<B>,
  count: number,
  places?: readonly Place[],
): Promise<void> {
  await using folder = await tempFolder();
  const pathOf = ({ count, beforeStep }: Place) =>
    `${folder.path}/${beforeStep ? "before step of " : "after "}${count}`;
  const uninterrupted = make();
  const start = pathOf({ count: 0 });
  await saveState(start, uninterrupted.objects); // seeds of dropout differ
  await uninterrupted.train(count);
  const end = `${folder.path}/end`;
  await saveState(end, uninterrupted.objects);

  const saved = make();
  await loadState(start, saved.objects);
  const visited: [Place, valueCount: number][] = [[{ count: 0 }, 0]];
  await saved.train(count, async (place) => {
    const isWanted = places?.some((other) =>
      other.count === place.count && !other.beforeStep === !place.beforeStep
    ) ?? true;
    if (!isWanted) {
      return;
    }
    visited.push([place, saved.values.length]);
    await saveState(pathOf(place), saved.objects);
  });
  assertEquals(saved.values, uninterrupted.values, "losses of the saved loop");
  const again = `${folder.path}/again`;
  await saveState(again, saved.objects);
  await assertSameFiles(again, end, "the saved loop");

  for (const [place, valueCount] of visited) {
    const resumed = make();
    await loadState(pathOf(place), resumed.objects);
    await resumed.train(count);
    const message = `resumed ${
      place.beforeStep ? "before" : "after"
    } the step of batch ${place.count}`;
    assertEquals(
      resumed.values,
      uninterrupted.values.slice(valueCount),
      message,
    );
    const path = `${folder.path}/resumed`;
    await saveState(path, resumed.objects);
    await assertSameFiles(path, end, message);
    await Deno.remove(path, { recursive: true });
  }
}
