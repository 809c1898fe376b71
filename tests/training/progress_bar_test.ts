import { assertEquals } from "@std/assert";
import { ProgressBar } from "../../lib/training/progress_bar.ts";

/** An output of so many columns, or none, whose clock the test moves. */
function fakeOutput(columns: number | undefined) {
  const written: string[] = [];
  const clock = { ms: 1000 };
  return {
    written,
    clock,
    columns: () => columns,
    write: (text: string) => void written.push(text),
    now: () => clock.ms,
  };
}

Deno.test("ProgressBar redraws one line on a terminal", () => {
  const output = fakeOutput(100);
  const progress = new ProgressBar(4, {
    label: "training",
    unit: "samples",
    output,
  });
  output.clock.ms += 2000;
  progress.update(1, { samples: 8, learningRate: 5e-5 });
  output.clock.ms += 10; // too soon to draw again
  progress.show({ loss: 0.7 });
  output.clock.ms += 90;
  progress.show({ loss: 0.65432 });
  assertEquals(output.written, [
    "\r██████░░░░░░░░░░░░░░░░░░ training 1/4  lr 5.00e-5  4.0 samples/s  0:06 left\x1b[K",
    "\r██████░░░░░░░░░░░░░░░░░░ training 1/4  loss 0.6543  lr 5.00e-5  3.8 samples/s  0:06 left\x1b[K",
  ]);
});

Deno.test("ProgressBar stays within the terminal's width", () => {
  for (const columns of [10, 40, 75]) {
    const output = fakeOutput(columns);
    const progress = new ProgressBar(100, {
      label: "training",
      unit: "samples",
      output,
    });
    output.clock.ms += 2000;
    progress.update(1, { loss: 0.7, learningRate: 5e-5 });
    const [line] = output.written;
    const shown = line!.slice("\r".length, -"\x1b[K".length);
    assertEquals(
      [...shown].length <= columns - 1,
      true,
      `${columns}: ${shown}`,
    );
    assertEquals(shown.startsWith("training"), true); // the bar went first
  }
});

Deno.test("ProgressBar writes plain lines every five seconds elsewhere", () => {
  const output = fakeOutput(undefined);
  {
    using progress = new ProgressBar(4000, {
      label: "tokenising",
      unit: "rows",
      output,
    });
    for (let i = 0; i < 4000; i++) {
      output.clock.ms += 3;
      progress.update();
    }
  }
  assertEquals(output.written, [
    "tokenising 1/4000  333 rows/s  0:12 left\n",
    "tokenising 1668/4000  333 rows/s  0:07 left\n",
    "tokenising 3335/4000  333 rows/s  0:02 left\n",
    "tokenising 4000/4000  333 rows/s  took 0:12\n",
  ]);
});

Deno.test("ProgressBar does not count the time of a pause", () => {
  const output = fakeOutput(80);
  const progress = new ProgressBar(2, {
    label: "training",
    unit: "samples",
    output,
  });
  output.clock.ms += 1000;
  progress.update(1, { samples: 10 });
  progress.pause();
  progress.pause(); // nothing is left to end
  const before = output.written.length;
  progress.show({ loss: 1 }); // its line has ended
  assertEquals(output.written.slice(before - 1), ["\n"]);
  output.clock.ms += 3_600_000;
  progress.update(1, { samples: 10 });
  output.clock.ms += 1000;
  progress.pause();
  assertEquals(
    output.written.at(-2),
    "\r████████████████████████ training 2/2  loss 1.0000  10 samples/s  took 0:02\x1b[K",
  );
});

Deno.test("ProgressBar shows hours", () => {
  const output = fakeOutput(undefined);
  const progress = new ProgressBar(101, {
    label: "training",
    unit: "samples",
    output,
  });
  output.clock.ms += 36_610;
  progress.update();
  assertEquals(
    output.written,
    ["training 1/101  0.0 samples/s  1:01:01 left\n"],
  );
});
