import { assertEquals } from "@std/assert";
import { type LostDevice, lostDeviceFlags } from "../helpers/lost_device.ts";
import { needs } from "../helpers/permissions.ts";
import { differences, Runs } from "../resume/harness.ts";
import { RUN, type Scenario } from "../resume/scenarios.ts";
import { commandOf, trainFixture } from "./train_fixture.ts";

const FLAGS = [
  "--batch-size 2 --eval-batch-size 3 --gradient-accumulation-steps 2",
  "--epochs 4 --save-steps 2 --dropout 0.1 --learning-rate 3e-3",
  `--logging-steps 1 --output-dir ${RUN}`,
].join(" ");
const TASKS = {
  train: "--model ../model --data ../data",
  classify:
    "--model ../model --data ../data --text-columns sentence1,sentence2 --label-column label",
};
/** Submits that are enough to go on from a checkpoint to the next one. */
const SUBMITS = 120;
const LOST =
  "Cannot continue: the GPU device was lost (Xid 79); restart the run, with a smaller batch if memory ran out";

/** A run of 12 steps whose process loses devices. */
function scenario(
  task: keyof typeof TASKS,
  retries: number,
  losses: readonly LostDevice[],
): Scenario {
  const { permissions, script } = commandOf(task);
  const flags = `${TASKS[task]} ${FLAGS} --retry-on-device-lost ${retries}`;
  return {
    name: task,
    permissions: [...lostDeviceFlags(losses), ...permissions],
    script,
    args: flags.split(" "),
    resumeArgs: ["--resume", RUN],
    started: /^config\.json$/,
    ended: "results.json",
    command: `./denow task ${task} --resume ${RUN}`,
  };
}

for (const task of ["train", "classify"] as const) {
  Deno.test(
    needs(
      `--retry-on-device-lost of ${task} gives the bytes of a run that lost no device`,
      "read",
      "write",
      "run",
    ),
    async (t) => {
      await using fixture = await trainFixture();
      const run = async (
        name: string,
        retries: number,
        losses: readonly LostDevice[],
      ) => {
        const runs = new Runs(fixture, scenario(task, retries, losses), name);
        return { runs, ...await runs.process() };
      };
      const whole = async (retries: number) => {
        const { runs, code, stderr } = await run(
          `whole ${retries}`,
          retries,
          [],
        );
        assertEquals(code, 0, stderr);
        return runs.snapshot();
      };

      await t.step("at any moment", async () => {
        const { runs, code, stdout, stderr } = await run("lost", 20, [
          { device: 1, submit: 1 }, // before the first step
          { device: 2, submit: 10 }, // in one of the first two
          ...Array.from({ length: 18 }, (_, i) => ({
            device: 3 + i,
            submit: SUBMITS + 7 * i,
          })),
        ]);
        assertEquals(code, 0, stderr);
        const retries = [
          ...stderr.matchAll(/^Warning: (.*)\nGoing on, retry (\d+) of 20$/gm),
        ].map(([, message, retry]) => [message, retry]);
        assertEquals(retries, retries.map((_, i) => [LOST, `${i + 1}`]));
        assertEquals(retries.length > 4, true, stderr);
        const starts = stdout
          .match(/.*training starts again$|^Going on after step \d+/gm)!;
        assertEquals(
          starts[0],
          `${RUN} has no checkpoint: training starts again`,
        );
        assertEquals(new Set(starts).size > 3, true, `${starts}`);
        assertEquals(differences(runs.snapshot(), await whole(20)), "");
      });

      if (task === "classify") return;
      await t.step("once more than it may go on", async () => {
        const { runs, code, stderr } = await run("end", 1, [
          { device: 1, submit: 1 },
          { device: 2, submit: 2 * SUBMITS },
        ]);
        const last = stderr.trimEnd().split("\n").slice(-2);
        assertEquals({ code, last }, {
          code: 1,
          last: [
            `Continue with: ./denow task ${task} --resume ${RUN}`,
            `error: ${LOST}`,
          ],
        });
        const resumed = await runs.process({
          isResumed: true,
          more: ["--retry-on-device-lost", "3"],
        });
        assertEquals(resumed.code, 0, resumed.stderr);
        assertEquals(differences(runs.snapshot(), await whole(1)), "");
      });
    },
  );
}
