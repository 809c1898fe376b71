import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { requestDevice } from "../../../mod.ts";
import { digests, RunFolder } from "../../../scripts/run_folder/run_folder.ts";
import { needs } from "../../helpers/permissions.ts";
import { tempFolder } from "../../helpers/temp_folder.ts";

Deno.test("RunFolder names the command if it may not write", () => {
  const path = "elsewhere/run";
  const message = assertThrows(() => new RunFolder(path), Error).message;
  assertEquals(
    message,
    "--output-dir elsewhere/run cannot be written with the permissions given, which for the train task cover runs alone: name a folder below runs, or use deno run --allow-read --allow-write=elsewhere/run scripts/train_mrpc.ts …",
  );
});

Deno.test(
  needs("RunFolder writes nothing before create()", "read", "write"),
  async () => {
    await using temp = await tempFolder();
    const path = `${temp.path}/not/yet/there`;
    const folder = new RunFolder(path);
    await assertRejects(() => Deno.lstat(path), Deno.errors.NotFound);

    folder.create({ seed: 42 });
    folder.log({ event: "step", step: 1, loss: 0.5 });
    folder.log({ event: "eval", epoch: 0 });
    folder.writeResults({ accuracy: 0.75 });
    const text = (name: string) => Deno.readTextFile(`${path}/${name}`);
    assertEquals(await text("config.json"), '{\n  "seed": 42\n}\n');
    assertEquals(
      await text("metrics.jsonl"),
      '{"event":"step","step":1,"loss":0.5}\n{"event":"eval","epoch":0}\n',
    );
    assertEquals(await text("results.json"), '{\n  "accuracy": 0.75\n}\n');
  },
);

Deno.test(
  needs("RunFolder adds the tiles of the run to config.json", "read", "write"),
  async () => {
    await using temp = await tempFolder();
    const path = `${temp.path}/run`;
    const folder = new RunFolder(path);
    folder.create({ seed: 42 });
    const config = async () =>
      JSON.parse(await Deno.readTextFile(`${path}/config.json`));
    using untuned = await requestDevice();
    folder.recordTuning(untuned);
    assertEquals(await config(), { seed: 42 });

    const tuning = { "NT 32x32x32": "4x8x16_8x8" };
    using tuned = await requestDevice({ kernels: "hardware", tuning });
    tuned.tuning.spentMs = 250;
    folder.recordTuning(tuned);
    assertEquals(await config(), { seed: 42, tuning, tuningSeconds: 0.25 });
    const names = await Array.fromAsync(Deno.readDir(path), (e) => e.name);
    assertEquals(names, ["config.json"]);
  },
);

Deno.test(
  needs("RunFolder never overwrites a folder", "read", "write"),
  async () => {
    await using temp = await tempFolder();
    const path = `${temp.path}/not/yet/there`;
    const [first, second] = [new RunFolder(path), new RunFolder(path)];
    first.create({ run: 1 });
    const message =
      `--output-dir ${path} already exists: a run never overwrites one, so name another folder or remove it`;
    // made after the check of second, and before the check of the third
    assertEquals(assertThrows(() => second.create({}), Error).message, message);
    assertEquals(
      assertThrows(() => new RunFolder(path), Error).message,
      message,
    );
    assertEquals(
      await Deno.readTextFile(`${path}/config.json`),
      '{\n  "run": 1\n}\n',
    );
  },
);

Deno.test(
  needs("RunFolder reports a folder that cannot be made", "read", "write"),
  async () => {
    await using temp = await tempFolder();
    const { path } = temp;
    const folder = new RunFolder(`${path}/other/run`);
    await Deno.writeTextFile(`${path}/other`, "");
    const { message } = assertThrows(() => folder.create({}), Error);
    assertEquals(
      message.startsWith(`--output-dir ${path}/other/run cannot be made (`),
      true,
    );
    assertEquals(message.endsWith("): name another folder"), true);
  },
);

Deno.test(
  needs("RunFolder defaults to runs/ and the start time", "run"),
  async () => {
    const source = new URL(
      "../../../scripts/run_folder/run_folder.ts",
      import.meta.url,
    );
    const code = `import { RunFolder } from "${source}";
      console.log(new RunFolder(undefined, new Date("2026-02-03T04:05:06.789Z")).path);`;
    const { stdout } = await new Deno.Command("deno", {
      args: ["eval", code],
    }).output();
    assertEquals(
      new TextDecoder().decode(stdout),
      "runs/2026-02-03T04-05-06\n",
    );
  },
);

Deno.test(
  needs("digests() hashes the files of a model or data set", "read", "write"),
  async () => {
    await using folder = await tempFolder();
    const shard = "model-00001-of-00002.safetensors";
    for (
      const name of ["train.tsv", "config.json", "notes.txt", "dev.tsv", shard]
    ) {
      await Deno.writeTextFile(`${folder.path}/${name}`, "abc");
    }
    // FIPS 180-2, appendix B.1: SHA-256 of "abc"
    const abc =
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    const expected = { "config.json": abc, [shard]: abc, "train.tsv": abc };
    assertEquals(await digests(folder.url), expected);
    assertEquals(await digests(folder.path), expected);
  },
);
