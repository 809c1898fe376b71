/**
 * `train_mrpc.ts` on several processes, which an MPI launcher starts:
 *
 *     mpirun -n 2 ./denow task train:mpi
 *
 * `--allow-ffi`: the MPI library. `--allow-env`: what tells the launcher, and the
 * library if it lies elsewhere. The rest as without MPI.
 *
 * @module
 */
import { connectMpi } from "../mod.ts";
import { runMain } from "./cli/run_main.ts";
import { trainMrpc } from "./train_mrpc.ts";
import { trainFlags } from "./train/options.ts";

await runMain(trainFlags, trainMrpc, {
  ignoreOutputErrors: true,
  connect: connectMpi,
});
