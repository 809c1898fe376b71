// A run goes on where its disk is full or its folder is gone.
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import type { RunFolder } from "../../../scripts/run_folder/run_folder.ts";
import { injectFault } from "../../helpers/faulty_files.ts";
import { needs } from "../../helpers/permissions.ts";
import { printed } from "../../helpers/printed.ts";
import { tempFolder } from "../../helpers/temp_folder.ts";
import {
  list,
  newFolder,
  resumedFolder,
  runConfigOf,
} from "./run_folder_fixture.ts";

Deno.test(
  needs("RunFolder.create() leaves config.json or no folder", "read", "write"),
  async () => {
    await using temp = await tempFolder();
    const path = `${temp.path}/run`;
    let failures = 0;
    for (let nth = 1;; nth++) {
      using folder = newFolder(path);
      using fault = injectFault({ paths: path, nth, fault: "ENOSPC" });
      try {
        await folder.create(runConfigOf());
        assertEquals(fault.operations.length, nth - 1);
        break;
      } catch (error) {
        failures++;
        const { message } = error as Error;
        const beginning = `--output-dir ${path} cannot be made (`;
        assert(message.startsWith(beginning), message);
        assertStringIncludes(message, "No space left on device");
        assert(message.endsWith("): name another folder"), message);
        assertEquals(await list(temp.path), [], fault.operations.at(-1)!);
      }
    }
    // mkdir, and open, write, fsync and rename of config.json, and the folder's rename
    assert(failures >= 6, `${failures}`);
    assertEquals(await list(path), ["config.json"]);
  },
);

Deno.test(
  needs(
    "RunFolder.checkSpace() tells the room, and leaves no file",
    "read",
    "write",
  ),
  async (t) => {
    await using temp = await tempFolder();
    const message = (path: string) =>
      `--output-dir ${path} has room for 1.0 MB, and a checkpoint needs 2.5 MB: free space, name another folder, or use --save-strategy no (No space left on device (os error 28))`;
    const check = async (folder: RunFolder) => {
      using _fault = injectFault({
        paths: `${folder.path}/`,
        call: "write",
        nth: 2, // after 1 MiB
        fault: "ENOSPC",
        isLasting: true,
      });
      const { message } = await assertRejects(
        () => folder.checkSpace(2.5e6, "a checkpoint"),
        Error,
      );
      return message;
    };
    const path = `${temp.path}/run`;
    await t.step("enough", async () => {
      using folder = newFolder(path);
      await folder.create(runConfigOf());
      await folder.checkSpace(2.5e6, "a checkpoint");
      assertEquals(await list(path), ["config.json"]);
    });
    await t.step("too little: a run that goes on stays", async () => {
      using resumed = resumedFolder(path);
      assertEquals(await check(resumed), message(path));
      assertEquals(await list(path), ["config.json"]);
    });
    await t.step("too little: a new run leaves nothing", async () => {
      using other = newFolder(`${temp.path}/other`);
      await other.create(runConfigOf());
      assertEquals(await check(other), message(other.path));
      assertEquals(await list(temp.path), ["run"]);
    });
  },
);

Deno.test(
  needs("RunFolder makes a removed folder again", "read", "write"),
  async () => {
    await using temp = await tempFolder();
    using output = printed();
    const path = `${temp.path}/run`;
    using folder = newFolder(path);
    await folder.create(runConfigOf({ seed: 7 }));
    folder.events.log({ event: "step", step: 1 });
    await Deno.remove(path, { recursive: true });
    folder.events.log({ event: "step", step: 2 });
    await folder.restore();
    folder.events.log({ event: "step", step: 3 });
    const { seed } = JSON.parse(await Deno.readTextFile(`${path}/config.json`));
    assertEquals(seed, 7);
    const lines = await Deno.readTextFile(`${path}/metrics.jsonl`);
    assertEquals(
      lines,
      [1, 2, 3].map((step) => `{"event":"step","step":${step}}\n`).join(""),
    );
    assertEquals(output.lines.length, 1);
    assertMatch(
      output.lines[0]!,
      /^Warning: metrics\.jsonl could not be saved, and the run goes on: No such file/,
    );
    // nothing is written where it is still there
    await Deno.writeTextFile(`${path}/config.json`, "mine");
    await folder.restore();
    assertEquals(await Deno.readTextFile(`${path}/config.json`), "mine");
  },
);

Deno.test(
  needs(
    "RunFolder.attempt() tries twice, and says a failure once",
    "read",
    "write",
  ),
  async () => {
    await using temp = await tempFolder();
    using output = printed();
    using folder = newFolder(`${temp.path}/run`);
    const attempt = async (thing: string, failures: number) => {
      let tries = 0;
      const isSaved = await folder.attempt(thing, () => {
        if (tries++ < failures) return Promise.reject(new Error("disk full"));
        return Promise.resolve();
      });
      return [isSaved, tries];
    };
    assertEquals(await attempt("a checkpoint", 1), [true, 2]);
    assertEquals(output.lines, []);
    assertEquals(await attempt("a checkpoint", 2), [false, 2]);
    assertEquals(await attempt("a checkpoint", 2), [false, 2]);
    assertEquals(await attempt("config.json", 2), [false, 2]);
    assertEquals(await attempt("a checkpoint", 0), [true, 1]);
    const warning = (thing: string) =>
      `Warning: ${thing} could not be saved, and the run goes on: disk full`;
    assertEquals(output.lines, [
      warning("a checkpoint"),
      warning("config.json"),
    ]);
  },
);

Deno.test(
  needs(
    "RunFolder ends with the lines that wait, and prints results that it cannot write",
    "read",
    "write",
  ),
  async () => {
    await using temp = await tempFolder();
    using output = printed();
    using folder = newFolder(`${temp.path}/run`);
    await folder.create(runConfigOf());
    {
      using _full = injectFault({
        paths: "metrics.jsonl",
        nth: 1,
        fault: "EIO",
      });
      folder.events.log({ event: "step", step: 1 });
    }
    using _fault = injectFault({
      paths: "results.json",
      nth: 1,
      fault: "EIO",
      isLasting: true,
    });
    await folder.writeResults({ accuracy: 0.75 });
    assertEquals(
      await Deno.readTextFile(`${folder.path}/metrics.jsonl`),
      '{"event":"step","step":1}\n',
    );
    assertEquals(output.lines.length, 3);
    assertStringIncludes(output.lines[1]!, "results.json could not be saved");
    assertEquals(output.lines[2], '{\n  "accuracy": 0.75\n}\n');
    assertEquals(await list(folder.path), ["config.json", "metrics.jsonl"]);
  },
);
