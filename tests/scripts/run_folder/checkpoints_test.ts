import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { Linear } from "../../../mod.ts";
import {
  Checkpoints,
  checkpointSteps,
  keptSteps,
} from "../../../scripts/run_folder/checkpoints.ts";
import { device } from "../../helpers/device.ts";
import { injectFault } from "../../helpers/faulty_files.ts";
import { needs } from "../../helpers/permissions.ts";
import { printed } from "../../helpers/printed.ts";
import { tempFolder } from "../../helpers/temp_folder.ts";
import { list } from "./run_folder_fixture.ts";

/** The state of a run, for the tests. */
interface State {
  step: number;
  isTemporary: boolean;
  notes: string;
}

/** Checkpoints of a model with one layer, in a folder of their own. */
async function checkpointFixture() {
  const folder = await tempFolder();
  const model = new Linear(device, 3, 2);
  let state: State = { step: 0, isTemporary: false, notes: "" };
  const run = {
    stateDict: () => state,
    loadStateDict: (saved: State) => void (state = { ...saved }),
  };
  const checkpoints = new Checkpoints(folder.path, { model, run });
  const weight = () => model.weight.toArray();
  return {
    path: folder.path,
    checkpoints,
    weight,
    state: () => state,
    /** Saves a checkpoint whose weights are its step. */
    async save(step: number, own: Partial<State> = {}): Promise<void> {
      model.weight.load(new Float32Array(6).fill(step));
      state = { step, isTemporary: false, notes: "", ...own };
      await checkpoints.save(step);
    },
    /** Loads the newest one; returns its step by each of its parts. */
    async load(): Promise<unknown[]> {
      model.weight.load(new Float32Array(6).fill(-1));
      state = { step: -1, isTemporary: false, notes: "" };
      const step = await checkpoints.load();
      return [step, state.step, (await weight())[5]];
    },
    async [Symbol.asyncDispose](): Promise<void> {
      await folder[Symbol.asyncDispose]();
    },
  };
}

Deno.test(
  needs("Checkpoints saves, and loads the newest", "read", "write"),
  async () => {
    await using fixture = await checkpointFixture();
    const { checkpoints, path } = fixture;
    assertEquals([await checkpoints.load(), checkpoints.steps], [
      undefined,
      [],
    ]);
    for (const step of [6, 12, 9]) await fixture.save(step);
    assertEquals(checkpoints.steps, [6, 9, 12]); // by number
    assertEquals(await list(checkpoints.pathOf(9)), [
      "model.safetensors",
      "trainer_state.json",
    ]);
    assertEquals(await fixture.load(), [12, 12, 12]);
    await checkpoints.remove(12);
    assertEquals(await fixture.load(), [9, 9, 9]);
    assertEquals(await list(path), ["checkpoint-6", "checkpoint-9"]);
  },
);

Deno.test(
  needs(
    "Checkpoints replaces only the state of one that is there",
    "read",
    "write",
  ),
  async () => {
    await using fixture = await checkpointFixture();
    const { checkpoints, path } = fixture;
    await fixture.save(7, { isTemporary: true, notes: "interrupted" });
    const weights = `${checkpoints.pathOf(7)}/model.safetensors`;
    const before = await Deno.stat(weights);
    await fixture.save(7, { notes: "evaluated" });
    assertEquals((await Deno.stat(weights)).ino, before.ino);
    assertEquals(await fixture.load(), [7, 7, 7]);
    assertEquals(fixture.state().notes, "evaluated");
    assertEquals(await list(path), ["checkpoint-7"]);
  },
);

Deno.test(
  needs(
    "Checkpoints keeps the old state where the new one cannot be saved",
    "read",
    "write",
  ),
  async () => {
    await using fixture = await checkpointFixture();
    const { checkpoints, path } = fixture;
    await fixture.save(7, { notes: "old" });
    let operations = 0;
    for (let nth = 1;; nth++) {
      using fault = injectFault({ paths: path, nth, fault: "ENOSPC" });
      const isSaved = await fixture.save(7, { notes: `new ${nth}` })
        .then(() => true, () => false);
      operations = fault.operations.length;
      if (isSaved && operations < nth) break; // no fault was left to inject
      if (isSaved) continue; // what failed was the removal of what was left
      assertEquals(await fixture.load(), [7, 7, 7]);
    }
    assertEquals(operations > 10, true, `${operations}`);
    assertMatch(fixture.state().notes, /^new/);
    await checkpoints.removePartial();
    assertEquals(await list(path), ["checkpoint-7"]);
  },
);

Deno.test(
  needs(
    "Checkpoints falls back from a damaged one, which it removes",
    "read",
    "write",
  ),
  async (t) => {
    const damages: [string, string, (path: string) => Promise<void>][] = [
      ["model.safetensors", "gone", (path) => Deno.remove(path)],
      ["model.safetensors", "cut", (path) => Deno.truncate(path, 20)],
      ["trainer_state.json", "gone", (path) => Deno.remove(path)],
      ["trainer_state.json", "cut", (path) => Deno.truncate(path, 20)],
      ["trainer_state.json", "empty", (path) => Deno.truncate(path)],
    ];
    for (const [file, how, damage] of damages) {
      await t.step(`${file} is ${how}`, async () => {
        await using fixture = await checkpointFixture();
        using output = printed();
        const { checkpoints } = fixture;
        for (const step of [3, 6, 9]) await fixture.save(step);
        for (const step of [6, 9]) {
          await damage(`${checkpoints.pathOf(step)}/${file}`);
        }
        assertEquals(await fixture.load(), [3, 3, 3]);
        assertEquals(checkpoints.steps, [3]);
        assertEquals(output.lines.length, 2);
        for (const [i, step] of [9, 6].entries()) {
          assertMatch(
            output.lines[i]!,
            RegExp(
              `^Warning: checkpoint-${step} is damaged and is removed: Cannot .*${file}`,
            ),
          );
        }
      });
    }
  },
);

Deno.test(
  needs("Checkpoints keeps one that does not fit the run", "read", "write"),
  async () => {
    await using fixture = await checkpointFixture();
    const { checkpoints, path } = fixture;
    await fixture.save(3);
    const other = new Linear(device, 5, 2);
    const run = { stateDict: fixture.state, loadStateDict: () => {} };
    const others = new Checkpoints(path, { model: other, run });
    await assertRejects(() => others.load(), RangeError);
    assertEquals(checkpoints.steps, [3]);
  },
);

Deno.test(
  needs(
    "Checkpoints.removeOld() keeps the newest, the best, and those of interruptions that count",
    "read",
    "write",
  ),
  async () => {
    await using fixture = await checkpointFixture();
    const { checkpoints } = fixture;
    const remove = async (step: number, limit: number, best?: number) => {
      await checkpoints.removeOld({ step, best, limit });
      return checkpoints.steps;
    };
    for (const step of [3, 6, 9, 12]) await fixture.save(step);
    assertEquals(await remove(12, 3), [6, 9, 12]);
    assertEquals(await remove(12, 2, 6), [6, 12]);
    // that of an interruption does not count
    await fixture.save(13, { isTemporary: true });
    assertEquals(await remove(13, 2, 6), [6, 12, 13]);
    await fixture.save(14, { isTemporary: true });
    assertEquals(await remove(14, 2, 6), [6, 12, 14]);
    // it becomes a regular one at its own step, and is replaced at another
    await fixture.save(15);
    assertEquals(await remove(15, 2, 6), [6, 15]);
    await fixture.save(16, { isTemporary: true });
    await fixture.save(16);
    assertEquals(await remove(16, 2), [15, 16]);
    // one whose state cannot be read stays
    await Deno.truncate(`${checkpoints.pathOf(15)}/trainer_state.json`);
    assertEquals(await remove(16, 2), [15, 16]);
    assertEquals(await remove(16, 1), [16]);
  },
);

Deno.test("keptSteps() keeps as many as the limit, and always the newest and the best", () => {
  const steps = [3, 6, 9, 12];
  const kept = (limit: number, best?: number) =>
    [...keptSteps(steps, best, limit)].sort((a, b) => a - b);
  assertEquals(kept(1), [12]);
  assertEquals(kept(2), [9, 12]);
  assertEquals(kept(9), steps);
  // transformers keeps two then, too: Trainer._rotate_checkpoints() in
  // https://github.com/huggingface/transformers/blob/v4.57.0/src/transformers/trainer.py
  assertEquals(kept(1, 3), [3, 12]);
  assertEquals(kept(2, 3), [3, 12]);
  assertEquals(kept(3, 3), [3, 9, 12]);
  assertEquals(kept(2, 12), [9, 12]);
  assertEquals(kept(2, 5), [9, 12]); // which was removed
  assertEquals(keptSteps([], 3, 2), new Set());
});

Deno.test(
  needs(
    "Checkpoints.removePartial() removes what a killed process left",
    "read",
    "write",
  ),
  async () => {
    await using fixture = await checkpointFixture();
    const { checkpoints, path } = fixture;
    await fixture.save(3);
    const left = ["3.new", "3.new.partial", "6.partial", "9"]
      .map((name) => `${path}/checkpoint-${name}`);
    for (const folder of left) {
      await Deno.mkdir(folder);
      await Deno.writeTextFile(`${folder}/model.safetensors`, "a part");
    }
    for (const other of ["model.partial", "checkpoint-mine.partial"]) {
      await Deno.mkdir(`${path}/${other}`);
    }
    await Deno.writeTextFile(`${path}/checkpoint-5`, "a file");
    assertEquals(checkpointSteps(path), [3, 9]);
    await checkpoints.removePartial();
    assertEquals(await list(path), [
      "checkpoint-3",
      "checkpoint-5",
      "checkpoint-9",
      "checkpoint-mine.partial",
      "model.partial",
    ]);
    assertEquals(checkpointSteps(`${path}/nowhere`), []);
  },
);
