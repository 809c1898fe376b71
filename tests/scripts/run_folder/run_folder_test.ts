import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  type Communicator,
  requestDevice,
  SingleProcess,
} from "../../../mod.ts";
import {
  type FolderOptions,
  RunFolder,
  type Task,
} from "../../../scripts/run_folder/run_folder.ts";
import { needs } from "../../helpers/permissions.ts";
import { tempFolder } from "../../helpers/temp_folder.ts";
import {
  list,
  newFolder,
  resumedFolder,
  runConfigOf,
} from "./run_folder_fixture.ts";

Deno.test("RunFolder names the command if it may not write", async (t) => {
  const processes = (size: number): Communicator =>
    Object.assign(new SingleProcess() as { size: number }, {
      size,
    }) as Communicator;
  const cases: [FolderOptions, Task, string, number?][] = [
    [
      { outputDir: "elsewhere/run", resume: undefined },
      "train",
      "--output-dir elsewhere/run cannot be written with the permissions given, which for the train task cover runs alone: name a folder below runs, or use deno run --allow-read --allow-write=elsewhere/run scripts/train_mrpc.ts …",
    ],
    [
      { outputDir: "elsewhere/run", resume: "elsewhere/run" },
      "classify",
      "--resume elsewhere/run cannot be written with the permissions given, which for the classify task cover runs alone: name a folder below runs, or use deno run --allow-read --allow-write=elsewhere/run scripts/train_classifier.ts …",
    ],
    [
      { outputDir: "elsewhere/run", resume: undefined },
      "classify",
      "--output-dir elsewhere/run cannot be written with the permissions given, which for the classify:mpi task cover runs alone: name a folder below runs, or use deno run --allow-read --allow-write=elsewhere/run --allow-env --allow-ffi scripts/classify_mpi.ts …",
      2,
    ],
  ];
  for (const [options, task, message, size = 1] of cases) {
    await t.step(`${task}, ${size} processes`, () => {
      const communicator = processes(size);
      const make = () => new RunFolder(options, task, { communicator });
      assertEquals(assertThrows(make, Error).message, message);
    });
  }
});

Deno.test(
  needs("RunFolder writes nothing before create()", "read", "write"),
  async () => {
    await using temp = await tempFolder();
    const path = `${temp.path}/not/yet/there`;
    using folder = newFolder(path);
    await assertRejects(() => Deno.lstat(path), Deno.errors.NotFound);

    await folder.create(runConfigOf());
    assertEquals(await list(path), ["config.json"]);
    folder.events.log({ event: "step", step: 1, loss: 0.5 });
    folder.events.log({ event: "eval", epoch: 0 });
    await folder.writeResults({ accuracy: 0.75 });
    await folder.writePredictions("RTE.tsv", "index\tprediction\n");
    const text = (name: string) => Deno.readTextFile(`${path}/${name}`);
    assertEquals(
      JSON.parse(await text("config.json")),
      { script: "train_mrpc", ...runConfigOf() },
    );
    assertEquals(
      await text("metrics.jsonl"),
      '{"event":"step","step":1,"loss":0.5}\n{"event":"eval","epoch":0}\n',
    );
    assertEquals(await text("results.json"), '{\n  "accuracy": 0.75\n}\n');
    assertEquals(await text("predictions/RTE.tsv"), "index\tprediction\n");
  },
);

Deno.test(
  needs("RunFolder adds the tiles of the run to config.json", "read", "write"),
  async () => {
    await using temp = await tempFolder();
    const path = `${temp.path}/run`;
    using folder = newFolder(path);
    await folder.create(runConfigOf());
    const config = async () =>
      JSON.parse(await Deno.readTextFile(`${path}/config.json`));
    const before = await config();
    using untuned = await requestDevice();
    await folder.recordTuning(untuned);
    assertEquals(await config(), before);

    const tuning = { "NT 32x32x32": "4x8x16_8x8" };
    using tuned = await requestDevice({ kernels: "hardware", tuning });
    tuned.tuning.spentMs = 250;
    await folder.recordTuning(tuned);
    assertEquals(await config(), { ...before, tuning, tuningSeconds: 0.25 });
    assertEquals(await list(path), ["config.json"]);
  },
);

Deno.test(
  needs("RunFolder never overwrites a folder", "read", "write"),
  async () => {
    await using temp = await tempFolder();
    const path = `${temp.path}/not/yet/there`;
    using first = newFolder(path);
    using second = newFolder(path);
    await first.create(runConfigOf({ run: 1 }));
    const message =
      `--output-dir ${path} already exists: a run never overwrites one, so name another folder or remove it; --resume ${path} goes on with a run`;
    // made after the check of second, and before the check of the third
    const { message: late } = await assertRejects(
      () => second.create(runConfigOf()),
      Error,
    );
    assertEquals(late, message);
    // a slash at the end names the same folder
    for (const name of [path, `${path}/`]) {
      const make = () => newFolder(name);
      assertEquals(assertThrows(make, Error).message, message);
    }
    const { run } = JSON.parse(await Deno.readTextFile(`${path}/config.json`));
    assertEquals(run, 1);
  },
);

Deno.test(
  needs("RunFolder reports a folder that cannot be made", "read", "write"),
  async () => {
    await using temp = await tempFolder();
    const path = `${temp.path}/other/run`;
    const early = newFolder(path);
    await Deno.writeTextFile(`${temp.path}/other`, "");
    for (const folder of [early, newFolder(path)]) {
      const { message } = await assertRejects(
        () => folder.create(runConfigOf()),
        Error,
      );
      const beginning = `--output-dir ${path} cannot be made (`;
      assert(message.startsWith(beginning), message);
      assert(message.endsWith("): name another folder"), message);
    }
  },
);

Deno.test(
  needs(
    "RunFolder defaults to runs/, and names the command that goes on",
    "run",
  ),
  async () => {
    const source = new URL(
      "../../../scripts/run_folder/run_folder.ts",
      import.meta.url,
    );
    const code = `import { RunFolder } from "${source}";
      const start = new Date("2026-02-03T04:05:06.789Z");
      console.log(new RunFolder({}, "train", { startTime: start }).path);
      for (const outputDir of ["runs/a/", "./runs/a", "runs/../a", "a", "runs/it's 1", "a, b", "a b"]) {
        console.log(new RunFolder({ outputDir }, "classify").command);
      }`;
    const { stdout } = await new Deno.Command("deno", {
      args: ["eval", code],
    }).output();
    const direct = (folder: string) =>
      `deno run --allow-read --allow-write=${folder} scripts/train_classifier.ts --resume ${folder}`;
    assertEquals(
      new TextDecoder().decode(stdout).trimEnd().split("\n"),
      [
        "runs/2026-02-03T04-05-06",
        "./denow task classify --resume runs/a",
        "./denow task classify --resume ./runs/a",
        direct("runs/../a"),
        direct("a"),
        "./denow task classify --resume 'runs/it'\\''s 1'",
        "deno run --allow-read --allow-write scripts/train_classifier.ts --resume 'a, b'",
        "deno run --allow-read '--allow-write=a b' scripts/train_classifier.ts --resume 'a b'",
      ],
    );
  },
);

Deno.test(
  needs("one process alone trains in a folder", "read", "write"),
  async () => {
    await using temp = await tempFolder();
    const path = `${temp.path}/run`;
    const message =
      `--resume ${path} is in use by another process, which trains in it: end that process first, or name another run`;
    const resume = () => resumedFolder(path);
    {
      using folder = newFolder(path);
      await folder.create(runConfigOf());
      assertEquals(assertThrows(resume, Error).message, message);
    }
    {
      using _resumed = resume(); // after the end of the first one
      assertEquals(assertThrows(resume, Error).message, message);
    }
    using _again = resume();
  },
);
