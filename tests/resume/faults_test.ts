import { assert, assertEquals } from "@std/assert";
import { needs } from "../helpers/permissions.ts";
import { checkFault, checkLeft, faultReference } from "./faults.ts";
import { differences, Runs } from "./harness.ts";
import { resumeFixture, SHORT } from "./scenarios.ts";

/** Faults at the first operation of a name. */
const FAULTS = [
  ["ENOSPC once at", "mkdir runs/a"],
  ["EIO from then on at", "write runs/a/metrics.jsonl"],
  [
    "ENOSPC once at",
    "write runs/a/checkpoint-3.partial/model.safetensors.partial",
  ],
  ["EIO from then on at", "rename runs/a/checkpoint-4.partial"],
  ["EIO once at", "fsync runs/a/model.partial/model.safetensors.partial"],
  ["ENOSPC from then on at", "open runs/a/model.partial/config.json.partial"],
  ["EIO once at", "rename runs/a/results.json.partial"],
] as const;

/** Lines of the shell with a standard output that breaks, and exit code 0 of the run. */
const OUTPUTS = ["RUN | head -25", "RUN > /dev/full", "RUN >&-"];

Deno.test({
  ...needs(
    "a run survives faults of the disk and of its output",
    "read",
    "write",
    "run",
  ),
  async fn(t) {
    await using fixture = await resumeFixture();
    const reference = await faultReference(fixture, SHORT);

    for (const [kind, operation] of FAULTS) {
      const name = `${kind} ${operation}`;
      await t.step(name, async () => {
        const runs = new Runs(fixture, SHORT, name.replaceAll("/", " "));
        const nth = reference.operations.indexOf(operation) + 1;
        const problems = await checkFault(runs, {
          paths: "runs/",
          nth,
          fault: kind.startsWith("EIO") ? "EIO" : "ENOSPC",
          isLasting: kind.includes("from then on"),
        }, reference);
        assert(nth > 0);
        assertEquals(problems, "", runs.log);
      });
    }

    for (const line of OUTPUTS) {
      await t.step(line, async () => {
        const runs = new Runs(fixture, SHORT, line.replaceAll("/", " "));
        // The exit code, on stderr.
        const shell = line.replace("RUN", "{ RUN; echo code $? >&2; }");
        const { stderr } = await runs.process({ shell });
        assertEquals(stderr.match(/^code \d+$/m)?.[0], "code 0", stderr);
        assertEquals(differences(runs.snapshot(), reference.expected), "");
      });
    }

    await t.step("the folder of the run is removed", async () => {
      const runs = new Runs(fixture, SHORT, "removed");
      const action = ["rm", "-r", "runs/a"];
      const outcome = await runs.process({
        interruption: { moment: { event: "training batch", nth: 9, action } },
      });
      assertEquals(outcome.code, 0, outcome.stderr);
      const left = runs.snapshot();
      assertEquals(checkLeft(left, outcome, reference), [], outcome.stderr);
      for (const path of ["config.json", "metrics.jsonl", "results.json"]) {
        const [a, b] = [left, reference.expected]
          .map((files) => new Map([[path, files.get(`a/${path}`)!]]));
        assertEquals(differences(a!, b!), "");
      }
      assert(left.has("a/model/model.safetensors"));
      assert(left.has("a/checkpoint-6/model.safetensors"));
    });
  },
});
