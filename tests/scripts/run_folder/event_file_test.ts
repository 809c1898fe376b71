import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { EventFile } from "../../../scripts/run_folder/event_file.ts";
import { injectFault } from "../../helpers/faulty_files.ts";
import { needs } from "../../helpers/permissions.ts";
import { tempFolder } from "../../helpers/temp_folder.ts";

const step = (step: number) => ({ event: "step", step });
const lineOf = (number: number) => `${JSON.stringify(step(number))}\n`;
/** The text of a file with the steps from `first` to `last`. */
const textOf = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, i) => lineOf(first + i))
    .join("");

/** A file of events in a folder of its own. */
async function eventFixture() {
  const folder = await tempFolder();
  const path = `${folder.path}/metrics.jsonl`;
  const failures: string[] = [];
  return {
    path,
    failures,
    /** Opens the events, as a process does. */
    open: () =>
      new EventFile(path, (error) => failures.push((error as Error).message)),
    text: () => Deno.readTextFile(path),
    write: (text: string) => Deno.writeTextFile(path, text),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

Deno.test(
  needs("EventFile appends lines, and reads them again", "read", "write"),
  async () => {
    await using fixture = await eventFixture();
    const events = fixture.open();
    assertEquals([events.lineCount, events.events], [0, []]);
    await assertRejects(() => fixture.text(), Deno.errors.NotFound);
    events.log(step(1));
    events.log({ event: "eval", accuracy: 0.5 });
    assertEquals(
      await fixture.text(),
      '{"event":"step","step":1}\n{"event":"eval","accuracy":0.5}\n',
    );
    const again = fixture.open();
    assertEquals(again.lineCount, 2);
    assertEquals(again.events, [step(1), { event: "eval", accuracy: 0.5 }]);
    again.log(step(2));
    assertEquals(fixture.open().events, again.events);
    assertEquals(again.events.length, 3);
    assertEquals(fixture.failures, []);
  },
);

Deno.test(
  needs("EventFile keeps the order of many lines", "read", "write"),
  async () => {
    await using fixture = await eventFixture();
    await fixture.write(textOf(1, 20_000));
    const events = fixture.open();
    assertEquals(events.lineCount, 20_000);
    for (let i = 1; i <= 500; i++) events.log(step(20_000 + i));
    assertEquals(await fixture.text(), textOf(1, 20_500));
    assertEquals(events.events.at(-1), step(20_500));
  },
);

Deno.test(
  needs(
    "EventFile drops a torn last line, and skips one that is no JSON",
    "read",
    "write",
  ),
  async () => {
    await using fixture = await eventFixture();
    await fixture.write(`${lineOf(1)}mine\n${lineOf(2)}{"event":"st`);
    const events = fixture.open();
    assertEquals(events.lineCount, 3);
    assertEquals(events.events, [step(1), step(2)]);
    events.log(step(3));
    assertEquals(
      await fixture.text(),
      `${lineOf(1)}mine\n${lineOf(2)}${lineOf(3)}`,
    );
  },
);

Deno.test(
  needs(
    "EventFile writes lines later that could not be written",
    "read",
    "write",
  ),
  async (t) => {
    for (const call of ["open", "write"] as const) {
      await t.step(call, async () => {
        await using fixture = await eventFixture();
        const events = fixture.open();
        events.log(step(1));
        {
          using _fault = injectFault({
            paths: fixture.path,
            call,
            nth: 1,
            fault: "ENOSPC",
            isLasting: true,
          });
          events.log(step(2)); // half of it, where the write fails
          events.log(step(3));
        }
        assertEquals(fixture.failures.length, 2);
        assertMatch(fixture.failures[0]!, /^No space left on device/);
        const part = call === "open" ? "" : lineOf(2).slice(0, 13);
        assertEquals(await fixture.text(), `${lineOf(1)}${part}`);
        assertEquals([events.lineCount, events.events.length], [3, 3]);
        // a process that is killed now has lost these two
        assertEquals(fixture.open().lineCount, 1);
        events.log(step(4));
        assertEquals(await fixture.text(), textOf(1, 4));
        assertEquals(fixture.failures.length, 2);
      });
    }
  },
);

Deno.test(
  needs(
    "EventFile.sync() writes lines that wait, to the disk",
    "read",
    "write",
  ),
  async () => {
    await using fixture = await eventFixture();
    const events = fixture.open();
    {
      using fault = injectFault({
        paths: fixture.path,
        call: "write",
        nth: 1,
        fault: "EIO",
      });
      events.log(step(1));
      assertEquals(fault.operations.length, 1);
    }
    using fault = injectFault({
      paths: fixture.path,
      call: "fsync",
      nth: 2,
      fault: "EIO",
    });
    events.sync();
    assertEquals(fault.operations, [`fsync ${fixture.path}`]);
    assertEquals(await fixture.text(), lineOf(1));
    events.sync();
    assertEquals(fixture.failures.at(-1), "Input/output error (os error 5)");
    events.log(step(2));
    assertEquals(fault.operations.length, 2); // not for each line
  },
);

Deno.test(
  needs(
    "EventFile writes all lines again where the file was removed or cut",
    "read",
    "write",
  ),
  async (t) => {
    const changes = {
      removed: (path: string) => Deno.remove(path),
      "cut in a line": (path: string) => Deno.truncate(path, 40),
      emptied: (path: string) => Deno.truncate(path),
      longer: (path: string) =>
        Deno.writeTextFile(path, "mine", { append: true }),
    };
    for (const [name, change] of Object.entries(changes)) {
      await t.step(name, async () => {
        await using fixture = await eventFixture();
        const events = fixture.open();
        for (const number of [1, 2, 3]) events.log(step(number));
        await change(fixture.path);
        events.log(step(4));
        assertEquals(await fixture.text(), textOf(1, 4));
        assertEquals(fixture.failures, []);
      });
    }
  },
);

Deno.test(
  needs(
    "EventFile.cutBack() drops the lines after a checkpoint",
    "read",
    "write",
  ),
  async (t) => {
    await t.step("lines of the file", async () => {
      await using fixture = await eventFixture();
      await fixture.write(textOf(1, 5));
      const events = fixture.open();
      assertEquals(events.cutBack(6), false);
      assertEquals(events.lineCount, 5);
      assertEquals(events.cutBack(3), true);
      assertEquals(events.events.length, 3);
      events.log(step(9));
      assertEquals(await fixture.text(), `${textOf(1, 3)}${lineOf(9)}`);
    });
    await t.step("all lines", async () => {
      await using fixture = await eventFixture();
      await fixture.write(textOf(1, 5));
      const events = fixture.open();
      assertEquals(events.cutBack(0), true);
      events.sync();
      assertEquals(await fixture.text(), "");
    });
    await t.step("lines that wait", async () => {
      await using fixture = await eventFixture();
      const events = fixture.open();
      events.log(step(1));
      {
        using _fault = injectFault({
          paths: fixture.path,
          nth: 1,
          fault: "EIO",
          isLasting: true,
        });
        events.log(step(2));
        events.log(step(3));
      }
      assertEquals(events.cutBack(2), true);
      events.log(step(4));
      assertEquals(
        await fixture.text(),
        `${textOf(1, 2)}${lineOf(4)}`,
      );
    });
  },
);
