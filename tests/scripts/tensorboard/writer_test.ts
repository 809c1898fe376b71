import { assertEquals, assertRejects } from "@std/assert";
import { TensorBoardWriter } from "../../../scripts/tensorboard/writer.ts";
import { fakeClock } from "../../helpers/fake_clock.ts";
import { needs } from "../../helpers/permissions.ts";
import { tempFolder } from "../../helpers/temp_folder.ts";
import fixture from "./fixtures/events.json" with { type: "json" };

const { settings, trainSeconds } = fixture;
const lines: readonly LogLine[] = fixture.lines;
type LogLine = { readonly event: string; readonly step: number };

/** The bytes of the event file that tensorboard wrote. */
const GOLDEN = Uint8Array.fromHex(fixture.hex);
/** Bytes of its first record, which has the time of the start. */
const FIRST = 12 + 24 + 4;

/** A folder of a run with an event file. */
async function fixtureFolder(bytes?: Uint8Array) {
  const folder = await tempFolder();
  const path = `${folder.path}/tensorboard/events.out.tfevents.gradloop`;
  await Deno.mkdir(`${folder.path}/tensorboard`);
  if (bytes) await Deno.writeFile(path, bytes);
  return {
    folder: folder.path,
    path,
    read: () => Deno.readFile(path),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

Deno.test(
  needs("TensorBoardWriter writes tensorboard's own bytes", "read", "write"),
  async () => {
    await using run = await fixtureFolder(GOLDEN.subarray(0, FIRST));
    await new TensorBoardWriter(run.folder, settings)
      .write(lines, trainSeconds);
    assertEquals((await run.read()).toHex(), fixture.hex);
  },
);

Deno.test(
  needs("TensorBoardWriter appends, at each occasion", "read", "write"),
  async () => {
    await using run = await fixtureFolder(GOLDEN.subarray(0, FIRST));
    const writer = new TensorBoardWriter(run.folder, settings);
    const { ino } = await Deno.stat(run.path);
    for (const count of [0, 2, 3, 5, 6, 7, 8, 8]) {
      await writer.write(lines.slice(0, count), 2 * count);
    }
    await writer.write(lines, trainSeconds);
    assertEquals((await run.read()).toHex(), fixture.hex);
    // Not another file under the name: TensorBoard keeps it open.
    assertEquals((await Deno.stat(run.path)).ino, ino);
  },
);

Deno.test(
  needs(
    "TensorBoardWriter repairs what a killed process left, without an event twice",
    "read",
    "write",
  ),
  async (t) => {
    const other = GOLDEN.slice();
    other[FIRST + 30]! ^= 1;
    for (
      const [left, bytes] of Object.entries({
        "a torn event": GOLDEN.subarray(0, -7),
        "events after the checkpoint": new Uint8Array([...GOLDEN, ...GOLDEN]),
        "a broken event": other,
      })
    ) {
      await t.step(left, async () => {
        await using run = await fixtureFolder(bytes);
        const writer = new TensorBoardWriter(run.folder, settings);
        await writer.write(lines.slice(0, 5), 10);
        await writer.write(lines, trainSeconds);
        assertEquals((await run.read()).toHex(), fixture.hex);
      });
    }
  },
);

Deno.test(
  needs(
    "TensorBoardWriter starts its times at the first write, and keeps them",
    "read",
    "write",
  ),
  async () => {
    await using run = await fixtureFolder(new Uint8Array([1, 2, 3]));
    using clock = fakeClock();
    const startOf = async () =>
      new DataView((await run.read()).buffer).getFloat64(13, true);
    for (
      const [ms, start] of [[2000, 2], [9000, 2]] as const // it goes on
    ) {
      clock.ms = ms;
      await new TensorBoardWriter(run.folder, settings).write(lines, 1);
      assertEquals(await startOf(), start);
    }
    const bytes = await run.read();
    new DataView(bytes.buffer).setFloat64(13, 5, true);
    await Deno.writeFile(run.path, bytes); // its checksum is wrong now
    await new TensorBoardWriter(run.folder, settings).write(lines, 1);
    assertEquals(await startOf(), 9);
  },
);

Deno.test(
  needs(
    "TensorBoardWriter writes everything again if the file was removed",
    "read",
    "write",
  ),
  async () => {
    await using run = await fixtureFolder();
    using clock = fakeClock();
    clock.ms = 1000 * fixture.start;
    const writer = new TensorBoardWriter(run.folder, settings);
    await writer.write(lines, trainSeconds);
    assertEquals((await run.read()).toHex(), fixture.hex);
    await Deno.remove(`${run.folder}/tensorboard`, { recursive: true });
    await writer.write(lines, trainSeconds);
    assertEquals((await run.read()).toHex(), fixture.hex);
  },
);

Deno.test(
  needs("TensorBoardWriter fails if it cannot write", "read", "write"),
  async () => {
    await using run = await fixtureFolder();
    await Deno.mkdir(run.path);
    const writer = new TensorBoardWriter(run.folder, settings);
    await assertRejects(() => writer.write(lines, 1));
    await Deno.remove(run.path);
    await writer.write(lines, 1); // at the next occasion
  },
);
