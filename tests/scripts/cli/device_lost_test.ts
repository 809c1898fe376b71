import { assertEquals, assertInstanceOf } from "@std/assert";
import { DeviceLostError } from "../../../mod.ts";
import {
  retryOnDeviceLost,
  type RetryOptions,
} from "../../../scripts/cli/device_lost.ts";
import type { Run } from "../../../scripts/cli/run_main.ts";
import { ALONE } from "./alone.ts";
import { printed } from "../../helpers/printed.ts";

/** Runs a script that throws these errors, one a time, and then ends; begins at the second start. */
async function start(
  retries: number,
  errors: Error[],
  signal = new AbortController().signal,
) {
  const starts: RetryOptions[] = [];
  const run: Run = { ...ALONE, signal, begin() {} };
  const main = retryOnDeviceLost<RetryOptions>(async (options, run) => {
    starts.push(options);
    if (starts.length > 1) run.folder = "runs/a";
    await Promise.resolve();
    const error = errors.shift();
    if (error) throw error;
  });
  using output = printed();
  const options = {
    retryOnDeviceLost: retries,
    outputDir: undefined,
    resume: undefined,
  };
  const ended = await main(options, run).catch((error) => error);
  const folders = starts.map(({ resume, outputDir }) => [resume, outputDir]);
  return { folders, ended, lines: output.lines };
}

const lost = (message: string) => new DeviceLostError(message);
const NEW = [undefined, undefined];
const RESUMED = ["runs/a", "runs/a"];

Deno.test("retryOnDeviceLost() goes on in the folder of the run, once it has begun", async () => {
  const { folders, ended, lines } = await start(3, ["a", "b"].map(lost));
  assertEquals(folders, [NEW, NEW, RESUMED]);
  assertEquals(ended, undefined);
  assertEquals(lines, [
    "Warning: a\nGoing on, retry 1 of 3",
    "Warning: b\nGoing on, retry 2 of 3",
  ]);
});

Deno.test("retryOnDeviceLost() throws the error once too many devices were lost", async () => {
  for (const retries of [0, 2]) {
    const errors = Array.from({ length: 5 }, (_, i) => lost(`${i}`));
    const { folders, ended } = await start(retries, errors);
    assertEquals(folders.length, 1 + retries);
    assertEquals(ended.message, `${retries}`);
  }
});

Deno.test("retryOnDeviceLost() throws other errors, and all after a signal", async () => {
  const other = await start(3, [new Error("disk")]);
  assertEquals([other.folders.length, other.ended.message], [1, "disk"]);
  const interrupted = await start(3, [lost("a")], AbortSignal.abort());
  assertEquals(interrupted.folders.length, 1);
  assertInstanceOf(interrupted.ended, DeviceLostError);
});
