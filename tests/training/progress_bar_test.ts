import { assert, assertEquals, assertThrows } from "@std/assert";
import { fromArray } from "../../mod.ts";
import {
  ProgressBar,
  type ProgressBarOptions,
} from "../../lib/training/progress_bar.ts";
import { device } from "../helpers/device.ts";
import { fakeClock } from "../helpers/fake_clock.ts";
import { needs, needsNode, ROOT } from "../helpers/permissions.ts";

const TO_COLUMN_1 = "\x1b[1G";
const CLEAR_TO_THE_RIGHT = "\x1b[0K";
/** Control sequences: of the cursor's position alone too. */
// deno-lint-ignore no-control-regex
const SEQUENCES = /\x1b(\[[?\d;]*[A-Za-z]|\d)/g;

/** An output that keeps what is written, on a terminal if it has columns. */
function fakeOutput(columns?: number) {
  const written: string[] = [];
  return {
    written,
    ...columns === undefined ? {} : { isTTY: true, columns },
    write: (text: string) => void written.push(text),
  };
}

const turn = (ms = 0) => new Promise((resolve) => setTimeout(resolve, ms));

/** A bar on a fake terminal; cli-progress has loaded and drawn a first line. */
async function startBar(
  total: number,
  { columns = 100, ...options }: ProgressBarOptions & { columns?: number } = {},
) {
  const output = fakeOutput(columns);
  const progress = new ProgressBar(total, { output, ...options });
  for (let i = 0; i < 500 && output.written.length === 0; i++) {
    await turn(1);
    progress.update(0);
  }
  /** Text written since the last call. */
  const drawn = () => output.written.splice(0).join("");
  drawn();
  return { progress, output, drawn };
}

Deno.test(
  needsNode("ProgressBar redraws one line on a terminal, five times a second"),
  async () => {
    using clock = fakeClock();
    const { progress, drawn } = await startBar(4, { unit: "samples" });
    using _ended = progress;
    clock.ms += 2000;
    progress.update(1, { samples: 8, learningRate: 5e-5 });
    assertEquals(
      drawn(),
      `${TO_COLUMN_1}██████░░░░░░░░░░░░░░░░░░ training 1/4  lr 5.00e-5  4.0 samples/s  0:06 left${CLEAR_TO_THE_RIGHT}`,
    );
    clock.ms += 200; // too soon to draw again
    progress.show({ loss: 0.7 });
    assertEquals(drawn(), "");
    clock.ms += 1;
    progress.show({ loss: 0.65432 });
    assertEquals(
      drawn(),
      `${TO_COLUMN_1}██████░░░░░░░░░░░░░░░░░░ training 1/4  loss 0.6543  lr 5.00e-5  3.6 samples/s  0:07 left${CLEAR_TO_THE_RIGHT}`,
    );
  },
);

Deno.test(
  needsNode("ProgressBar draws the last numbers though no step follows"),
  async () => {
    using clock = fakeClock();
    const { progress, drawn } = await startBar(4);
    using _ended = progress;
    clock.ms += 2000;
    progress.update();
    progress.show({ loss: 0.65432 });
    assertEquals(drawn().includes("loss"), false);
    clock.ms += 60_000; // the line is that of the last call, not of the redraw
    await turn(150);
    assertEquals(
      drawn(),
      `${TO_COLUMN_1}██████░░░░░░░░░░░░░░░░░░ training 1/4  loss 0.6543  0.5 steps/s  0:06 left${CLEAR_TO_THE_RIGHT}`,
    );
  },
);

Deno.test(
  needsNode("ProgressBar stays within the terminal's width"),
  async () => {
    for (const columns of [10, 40, 75]) {
      using clock = fakeClock();
      const options = { label: "train", unit: "samples", columns };
      const { progress, drawn } = await startBar(100, options);
      using _ended = progress;
      clock.ms += 2000;
      progress.update(1, { loss: 0.7, learningRate: 5e-5 });
      const line = drawn().replaceAll(SEQUENCES, "");
      assert(line.length <= columns - 1, `${columns}: ${line}`);
      assert(line.startsWith("train 1/1"), line); // the bar went first
    }
  },
);

Deno.test(
  needsNode("ProgressBar leaves the terminal as it was where the loop throws"),
  async () => {
    const { progress, drawn } = await startBar(4);
    const failure = new Error("The loss of step 2 is NaN");
    const error = assertThrows(() => {
      using bar = progress;
      bar.update();
      throw failure;
    });
    assertEquals(error, failure);
    const text = drawn();
    assert(text.endsWith("\n"), text);
    assertEquals(
      [...new Set(text.match(SEQUENCES))].sort(),
      [CLEAR_TO_THE_RIGHT, TO_COLUMN_1], // no cursor, line wrap or colour to restore
    );
    await turn(150);
    assertEquals(drawn(), "");
  },
);

Deno.test("ProgressBar ends with the loop's error where its output is closed", () => {
  const failure = new Error("The loop failed");
  const error = assertThrows(() => {
    using _progress = new ProgressBar(4, {
      output: {
        write() {
          throw new Deno.errors.BrokenPipe();
        },
      },
    });
    throw failure;
  });
  assertEquals(error, failure);
});

Deno.test(
  needsNode("ProgressBar redraws nothing on a terminal that has hung up"),
  async () => {
    using clock = fakeClock();
    const { progress, output } = await startBar(4);
    using _ended = progress;
    let writes = 0;
    output.write = () => {
      writes++;
      throw Object.assign(new Error("Input/output error"), { code: "EIO" });
    };
    for (let i = 0; i < 3; i++) {
      clock.ms += 1000;
      progress.update();
      await turn(150); // a redraw of the bar by itself
    }
    assertEquals(writes, 1);
  },
);

Deno.test("ProgressBar writes plain lines every five seconds elsewhere", () => {
  using clock = fakeClock();
  const output = fakeOutput();
  {
    using progress = new ProgressBar(4000, {
      label: "tokenizing",
      unit: "rows",
      output,
    });
    for (let i = 0; i < 4000; i++) {
      clock.ms += 3;
      progress.update();
    }
  }
  assertEquals(output.written, [
    "tokenizing 1/4000  333 rows/s  0:12 left\n",
    "tokenizing 1668/4000  333 rows/s  0:07 left\n",
    "tokenizing 3335/4000  333 rows/s  0:02 left\n",
    "tokenizing 4000/4000  333 rows/s  took 0:12\n",
  ]);
});

Deno.test("ProgressBar writes plain lines on a terminal too while the loop never awaits", () => {
  using clock = fakeClock();
  const output = fakeOutput(100);
  {
    using progress = new ProgressBar(4, { label: "tokenizing", output });
    for (let i = 0; i < 4; i++) {
      clock.ms += 2500;
      progress.update();
    }
  }
  assertEquals(output.written, [
    "tokenizing 2/4  0.4 steps/s  0:05 left\n",
    "tokenizing 4/4  0.4 steps/s  took 0:10\n",
    "tokenizing 4/4  0.4 steps/s  took 0:10\n",
  ]);
});

Deno.test("ProgressBar begins at the steps that were done before, with the rate of its own", () => {
  using clock = fakeClock();
  const output = fakeOutput();
  const options = { unit: "samples", initial: 60, output };
  const progress = new ProgressBar(100, options);
  progress.pause(); // before a step there is no rate
  for (let i = 0; i < 10; i++) {
    progress.update(1, { samples: 8 });
    clock.ms += 1000;
  }
  progress.pause();
  assertEquals([output.written[0], output.written.at(-1)], [
    "training 60/100\n",
    "training 70/100  8.0 samples/s  0:30 left\n",
  ]);
  assertEquals(progress.seconds, 10);
});

Deno.test(
  needsNode("ProgressBar draws the steps that were done before on a terminal"),
  async () => {
    const output = fakeOutput(100);
    using progress = new ProgressBar(100, { initial: 60, output });
    for (let i = 0; i < 500 && output.written.length === 0; i++) {
      await turn(1);
      progress.update(0);
    }
    assert(output.written.join("").includes("░ training 60/100"));
  },
);

Deno.test(
  needsNode("ProgressBar does not count the time of a pause"),
  async () => {
    using clock = fakeClock();
    const { progress, drawn } = await startBar(2, { unit: "samples" });
    clock.ms += 1000;
    progress.update(1, { samples: 10 });
    progress.pause();
    progress.pause(); // the line has ended already
    assertEquals(drawn().split("\n").length, 2);
    progress.show({ loss: 1 }); // too late for that line
    clock.ms += 3_600_000;
    assertEquals(progress.seconds, 1);
    assertEquals(drawn(), "");
    progress.update(1, { samples: 10 });
    clock.ms += 1000;
    assertEquals(progress.seconds, 2);
    drawn();
    progress.pause();
    assertEquals(
      drawn(),
      `${TO_COLUMN_1}████████████████████████ training 2/2  loss 1.0000  10 samples/s  took 0:02${CLEAR_TO_THE_RIGHT}\n`,
    );
  },
);

Deno.test("ProgressBar shows hours", () => {
  using clock = fakeClock();
  const output = fakeOutput();
  const progress = new ProgressBar(101, { unit: "samples", output });
  clock.ms += 36_610;
  progress.update();
  assertEquals(
    output.written,
    ["training 1/101  0.0 samples/s  1:01:01 left\n"],
  );
});

Deno.test("ProgressBar shows a loss that has arrived, and does not wait for it", async () => {
  using clock = fakeClock();
  using _scope = device.scope();
  const loss = fromArray(device, [0.65432], []);
  const output = fakeOutput();
  using progress = new ProgressBar(4, { output });
  clock.ms += 2000;
  const { waits } = device.counters;
  progress.update(loss);
  assertEquals(device.counters.waits, waits);
  clock.ms += 5000;
  await device.flushReads();
  await turn();
  assertEquals(output.written, [
    "training 1/4  0.5 steps/s  0:06 left\n",
    "training 1/4  loss 0.6543  0.1 steps/s  0:21 left\n",
  ]);
});

/** Runs a program that has no permission, and may not ask for one. */
async function runProgram(body: string) {
  const child = new Deno.Command("deno", {
    args: ["run", "--no-prompt", "-"],
    cwd: ROOT,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const program = `
    import { ProgressBar } from "./lib/training/progress_bar.ts";
    const turn = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
    const terminal = { isTTY: true, write: (text) => console.log(text) };
    ${body}`;
  await new Blob([program]).stream().pipeTo(child.stdin);
  const stuck = setTimeout(() => child.kill("SIGKILL"), 10_000);
  const { code, signal, stdout, stderr } = await child.output();
  clearTimeout(stuck);
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, signal, stdout: decode(stdout), stderr: decode(stderr) };
}

Deno.test(
  needs("ProgressBar needs no permission and keeps no process alive", "run"),
  async () => {
    const { code, stdout, stderr } = await runProgram(`
      const progress = new ProgressBar(4, { output: terminal });
      await turn(200);
      progress.update();`);
    assertEquals({ code, stderr }, { code: 0, stderr: "" });
    assert(stdout.includes("░ training 1/4"), stdout);
  },
);

Deno.test(
  needs("ProgressBar leaves signals to others", "run"),
  async () => {
    const { stdout, stderr } = await runProgram(`
      const progress = new ProgressBar(4, { output: terminal });
      await turn(200);
      progress.update();
      const { process } = globalThis;
      console.log("listeners", ...["SIGINT", "SIGTERM", "exit"]
        .map((name) => process.listenerCount(name)));`);
    assertEquals(stderr, "");
    assert(stdout.endsWith("listeners 0 0 0\n"), stdout);
  },
);

Deno.test(
  needs("ProgressBar writes to standard output, in order, by default", "run"),
  async () => {
    const { code, stdout, stderr } = await runProgram(`
      console.log("before");
      const progress = new ProgressBar(2);
      progress.pause();
      Deno.stdout.writeSync(new TextEncoder().encode("between\\n"));
      progress.update(0);
      progress.pause();
      Deno.exit(3);`);
    assertEquals({ code, stderr }, { code: 3, stderr: "" });
    assertEquals(
      stdout,
      "before\ntraining 0/2\nbetween\ntraining 0/2\n",
    );
  },
);

Deno.test(
  needs("ProgressBar writes to the console where there is no process", "run"),
  async () => {
    const { code, stdout, stderr } = await runProgram(`
      delete globalThis.process;
      const lines = [];
      console.log = (line) => lines.push(line);
      new ProgressBar(2).pause();
      Deno.stdout.writeSync(new TextEncoder().encode(JSON.stringify(lines)));`);
    assertEquals({ code, stderr }, { code: 0, stderr: "" });
    assertEquals(stdout, '["training 0/2"]');
  },
);

Deno.test("ProgressBar says how to pass a loss and a total", () => {
  const output = { write() {} };
  using progress = new ProgressBar(2, { output });
  assertThrows(
    () => progress.update(0.69),
    RangeError,
    "Cannot count 0.69 steps: the number must be whole; pass the tensor of the loss, or update(1, { loss })",
  );
  const loader: unknown = [1, 2];
  assertThrows(
    () => new ProgressBar(loader as number, { output }),
    TypeError,
    "Cannot make a ProgressBar: its total is an array, not a number of steps; pass that of a loader, loader.length",
  );
});
