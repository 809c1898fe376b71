import { SingleProcess } from "../../../mod.ts";
import type { Run } from "../../../scripts/cli/run_main.ts";

/** What a run of a single process has, as `runMain()` makes it. */
export const ALONE: Pick<Run, "communicator" | "startTime" | "allReduceSum"> = {
  communicator: new SingleProcess(),
  startTime: new Date(),
  allReduceSum: (values) => Promise.resolve([...values]),
};
