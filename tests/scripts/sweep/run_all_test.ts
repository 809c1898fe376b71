import {
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import type { Classify } from "../../../scripts/sweep/run_all.ts";
import { needs } from "../../helpers/permissions.ts";
import { printed } from "../../helpers/printed.ts";
import { tempFolder } from "../../helpers/temp_folder.ts";
import { FakeRuns, sweepOf } from "./fake_runs.ts";

/** Names in a folder. */
const namesIn = (path: string) =>
  Array.fromAsync(Deno.readDir(path), ({ name }) => name);

const GRID = "--learning-rate 0.1,0.2 --seed 1,2";
const [A1, A2, B1, B2] = [0.1, 0.2].flatMap((rate) =>
  [1, 2].map((seed) => `learning-rate=${rate}_seed=${seed}`)
) as [string, string, string, string];

Deno.test(
  needs("runAll() runs each once, and skips it afterwards", "read", "write"),
  async () => {
    await using folder = await tempFolder();
    const sweep = sweepOf(folder.path, GRID);
    const text = await sweep.run();
    assertEquals(sweep.runs.begun, [A1, A2, B1, B2]);
    assertEquals(sweep.main.continueWith, undefined);
    assertStringIncludes(text, "Run 2 of 4: --learning-rate 0.1 --seed 2");
    assertMatch(text, /\n0\.2 +2 of 2 +0\.2000 ± 0\.0000\n/);
    const lost = "No run is better than the word baseline, 0.2500";
    assertStringIncludes(text, lost);
    const { best, settings } = await sweep.json();
    assertEquals(best.run, B1);
    assertEquals(settings[0].flags, { learningRate: 0.2 });
    const again = sweepOf(folder.path, GRID);
    assertStringIncludes(await again.run(), "--seed 2: finished");
    assertEquals(again.runs.begun, []);
    assertEquals(again.hasBegun(), false);
    // More values go on in the same folder.
    const more = sweepOf(folder.path, "--learning-rate 0.1,0.2,0.3 --seed 1,2");
    assertEquals((await more.run()).includes("No run"), false);
    assertEquals(
      more.runs.begun,
      [1, 2].map((seed) => `learning-rate=0.3_seed=${seed}`),
    );
    // Nothing of this process is left.
    const names = await namesIn(folder.path);
    assertEquals(names.filter((name) => /^sweep/.test(name)).sort(), [
      "sweep.html",
      "sweep.json",
    ]);
  },
);

Deno.test(
  needs("runAll() ends by a signal, and goes on", "read", "write"),
  async () => {
    await using folder = await tempFolder();
    const sweep = sweepOf(folder.path, GRID);
    sweep.runs.atStep = (name, step) => {
      if (name === A2 && step === 2) sweep.controller.abort();
    };
    await sweep.run();
    assertEquals(sweep.runs.begun, [A1, A2]);
    assertMatch(
      sweep.main.continueWith!,
      /sweep.*--data a\.csv .*--seed '1,2'/,
    );
    const again = sweepOf(folder.path, GRID);
    await again.run();
    assertEquals(again.runs.begun, [`+${A2}`, B1, B2]);
    assertEquals(await again.statuses(), Array(4).fill("finished"));
  },
);

Deno.test(
  needs(
    "runAll() goes on after a run that fails, and tries it again",
    "read",
    "write",
  ),
  async () => {
    await using folder = await tempFolder();
    const sweep = sweepOf(folder.path, GRID);
    sweep.runs.atStep = (name) => {
      if (name === A2) throw new Error("loss of step 1 is NaN");
    };
    const { message } = await assertRejects(sweep.run, Error);
    assertStringIncludes(message, `1 of 4 runs failed, ${A2}: `);
    assertEquals(await sweep.statuses(), [
      "finished",
      "failed",
      "finished",
      "finished",
    ]);
    const { runs } = await sweep.json();
    assertEquals(runs[1].reason, "loss of step 1 is NaN");
    const again = sweepOf(folder.path, GRID);
    await again.run();
    assertEquals(again.runs.begun, [`+${A2}`]);
    assertEquals(await again.statuses(), Array(4).fill("finished"));
  },
);

Deno.test(
  needs("runAll() ends at once if the first run cannot begin", "read", "write"),
  async () => {
    await using folder = await tempFolder();
    const { classify } = new FakeRuns();
    const refused: Classify = (options, run) => {
      if (options.seed === 1) throw new Error("no column");
      return classify(options, run);
    };
    const sweep = sweepOf(folder.path, "--seed 1,2", refused);
    await assertRejects(sweep.run, Error, "no column");
    assertEquals(await namesIn(folder.path), []);
    // A later one that cannot begin has failed; its folder is made anew.
    const other = sweepOf(folder.path, "--seed 2,1", refused);
    await assertRejects(other.run, Error, "1 of 2 runs failed, seed=1");
    const again = sweepOf(folder.path, "--seed 2,1");
    await again.run();
    assertEquals(again.runs.begun, ["seed=1"]);
  },
);

Deno.test(
  needs(
    "runAll() with --stop-worst ends runs below the median",
    "read",
    "write",
  ),
  async () => {
    await using folder = await tempFolder();
    const rates = "--learning-rate 0.5,0.6,0.7,0.1,0.57,0.9";
    const sweep = sweepOf(folder.path, `${rates} --stop-worst`);
    await sweep.run();
    // The last but one is below the median of those that were not stopped.
    const ended = [..."fffssf"].map((letter) =>
      letter === "s" ? "stopped" : "finished"
    );
    assertEquals(await sweep.statuses(), ended);
    const { runs } = await sweep.json();
    assertEquals(
      runs[3].reason,
      "f1 is 0.033 at best up to step 1, and the median of 3 others there is 0.200",
    );
    assertMatch(runs[4].reason, /step 1, and the median of 3 others/);
    const again = sweepOf(folder.path, `${rates} --stop-worst`);
    await again.run();
    assertEquals(again.runs.begun, []);
    // Without it, both go on.
    const all = sweepOf(folder.path, rates);
    await all.run();
    assertEquals(all.runs.begun, [
      "+learning-rate=0.1",
      "+learning-rate=0.57",
    ]);
    assertEquals(await all.statuses(), Array(6).fill("finished"));
  },
);

Deno.test(
  needs(
    "runAll() of three parts at once writes the same as one",
    "read",
    "write",
  ),
  async () => {
    await using folder = await tempFolder();
    using _output = printed();
    const grid = "--learning-rate 0.1,0.2,0.3 --seed 1,2";
    const parts = [1, 2, 3].map((i) =>
      sweepOf(folder.path, `${grid} --part ${i}/3`)
    );
    await Promise.all(parts.map(({ start }) => start()));
    assertEquals(parts.map(({ runs }) => runs.begun.length), [2, 2, 2]);
    const json = await Deno.readTextFile(`${folder.path}/sweep.json`);
    const whole = sweepOf(folder.path, grid);
    await whole.start();
    assertEquals(whole.runs.begun, []);
    assertEquals(await Deno.readTextFile(`${folder.path}/sweep.json`), json);
    assertEquals(await whole.statuses(), Array(6).fill("finished"));
  },
);

Deno.test(
  needs("runAll() keeps what another process writes", "read", "write"),
  async () => {
    await using folder = await tempFolder();
    using _output = printed();
    const [first, second] = [1, 2].map((i) =>
      sweepOf(folder.path, `--seed 1,2 --part ${i}/2`)
    );
    const { rename } = Deno;
    try {
      Deno.rename = async (from, to) => {
        if (`${to}`.endsWith("/sweep.json")) {
          // The other part ends between the reading and the writing of this one.
          Deno.rename = rename;
          await second!.start();
        }
        await rename(from, to);
      };
      await first!.start();
    } finally {
      Deno.rename = rename;
    }
    assertEquals(await first!.statuses(), ["finished", "finished"]);
  },
);

Deno.test(
  needs("runAll() goes on without its page", "read", "write"),
  async () => {
    await using folder = await tempFolder();
    await Deno.mkdir(`${folder.path}/sweep.html`); // so that it cannot be written
    const sweep = sweepOf(folder.path, "--seed 1,2");
    assertStringIncludes(
      await sweep.run(),
      `Warning: ${folder.path}/sweep.html could not be saved: `,
    );
    assertEquals(await sweep.statuses(), ["finished", "finished"]);
  },
);

Deno.test(
  needs("sweepFlags refuse a folder with other runs", "read", "write"),
  async () => {
    await using folder = await tempFolder();
    await sweepOf(folder.path, "--seed 1,2 --epochs 2").run();
    assertThrows(
      () => sweepOf(folder.path, "--seed 1,2 --epochs 3"),
      Error,
      `--output-dir ${folder.path} has the run seed=1 with --epochs 2, not with --epochs 3: give the same flags, or name another folder`,
    );
    assertThrows(
      () => sweepOf(folder.path, "--seed 1,2"),
      Error,
      "with --epochs 2, not without --epochs: give",
    );
    sweepOf(folder.path, "--seed 1,2 --epochs 2 --save-total-limit 1"); // changes nothing
    assertThrows(
      () => sweepOf(`${folder.path}/seed=1`, "--seed 1,2"),
      Error,
      "is a run, not a sweep: name another folder",
    );
  },
);
