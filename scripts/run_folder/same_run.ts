/**
 * Checks that the processes of a run compute the same one.
 *
 * @module
 */
import type { Communicator } from "../../mod.ts";
import { gatherTexts } from "../cli/process_group.ts";
import type { RunConfig } from "./config.ts";

/** Parts of `config.json` in which processes may differ. */
const FREE = ["adapter", "outputDir", "resume", "flags"];

/**
 * Compares what decides the numbers of a run: its settings, the versions, and the
 * digests of model and data.
 *
 * @param communicator The processes; all call it.
 * @param config The content of `config.json` of this process.
 * @throws {Error} In the first process, if another one differs: it names the process and the part.
 */
export async function checkSameRun(
  communicator: Communicator,
  config: RunConfig,
): Promise<void> {
  const own = Object.fromEntries(partsOf(config));
  const all = await gatherTexts(communicator, JSON.stringify(own));
  for (const [rank, text] of all.entries()) {
    const other = JSON.parse(text);
    const names = new Set([...Object.keys(own), ...Object.keys(other)]);
    for (const name of names) {
      if (own[name] === other[name]) continue;
      throw new Error(
        `Cannot train together: ${name} of rank ${rank} is ${
          other[name] ?? "missing"
        }, and that of rank 0 is ${
          own[name] ?? "missing"
        }; give all of them the same files, flags and versions`,
      );
    }
  }
  await communicator.barrier();
}

/**
 * Checks that all processes go on from the same checkpoint.
 *
 * @param communicator The processes; all call it.
 * @param step Step of the checkpoint of this process; undefined without one.
 * @throws {Error} In the first process, if another one has another checkpoint.
 */
export async function checkSameStep(
  communicator: Communicator,
  step: number | undefined,
): Promise<void> {
  const all = await gatherTexts(communicator, `${step}`);
  for (const [rank, other] of all.entries()) {
    if (other === `${step}`) continue;
    throw new Error(
      `Cannot train together: rank ${rank} goes on from checkpoint-${other}, and rank 0 from checkpoint-${step}; give all of them the same folder`,
    );
  }
  await communicator.barrier();
}

/** The parts of a config by their names, as JSON texts. */
function partsOf(value: object, path = ""): [name: string, text: string][] {
  return Object.entries(value)
    .filter(([name]) => path !== "" || !FREE.includes(name))
    .flatMap(([name, part]) =>
      typeof part === "object" && part !== null && !Array.isArray(part)
        ? partsOf(part, `${path}${name}.`)
        : [[`${path}${name}`, JSON.stringify(part)]]
    );
}
