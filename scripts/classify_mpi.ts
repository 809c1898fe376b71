/**
 * `train_classifier.ts` on several processes, which an MPI launcher starts:
 *
 *     mpirun -n 2 ./denow task classify:mpi --data messages.csv
 *
 * `--allow-ffi`: the MPI library. `--allow-env`: what tells the launcher, and the
 * library if it lies elsewhere. The rest as without MPI.
 *
 * @module
 */
import { connectMpi } from "../mod.ts";
import { classifyFlags } from "./classify/flags.ts";
import { runMain } from "./cli/run_main.ts";
import { classify } from "./train_classifier.ts";

await runMain(classifyFlags, classify, {
  ignoreOutputErrors: true,
  connect: connectMpi,
});
