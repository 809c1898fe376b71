import type { FileMutations } from "./mutation.ts";

const DATA_PARALLEL = "tests/distributed/data_parallel_test.ts";
const ALL_REDUCE = "tests/distributed/all_reduce_gradients_test.ts";
const PARTITION = "tests/data/partition_test.ts";
const SAMPLER = "tests/data/distributed_sampler_test.ts";

/** Mutations of training on several processes. */
export const DISTRIBUTED: readonly FileMutations[] = [
  {
    file: "lib/distributed/all_reduce_gradients.ts",
    tests: [ALL_REDUCE],
    changes: [
      ["own[id] = 1", "own[0] = 1"],
      ["counts[2 * i + 1] === 0 &&\n      ", ""],
      ["if (counts[2 * i] === 0) return;", ""],
      ["rows.size - first)", "rows.size - first - 64)"],
      ["rowsFrom(rows, first", "rowsFrom(rows, 0"],
      ["      unmap();\n", ""],
      ["  promise.catch(() => {});\n", ""],
      ["pieces.length >> 1", "0"],
      [
        "buffer.parameters.filter((p) => p.flatBuffer === buffer)",
        "[...buffer.parameters]",
      ],
      ["  ).reverse();", "  );"],
      ["reads.get(buffer) ?? ", ""],
      ['if (used.get(parameter) !== "dense") continue;', ""],
      ["await communicator.allReduceSum(sums);\n    write", "write"],
      ["if (!hasGrad) device.clear(tensor);", ""],
      ["handled(device.flushReads())", "Promise.resolve()"],
      ["  await Promise.all(scalars);\n", ""],
      ["places.get(own[i]!)! * columns", "i * columns"],
    ],
  },
  {
    file: "lib/data/partition.ts",
    tests: [PARTITION],
    changes: [
      ["tokens + length / 2", "tokens"],
      ["(part + 1) * total / size", "part * total / size"],
      ["division.longest < best.longest", "false"],
      ["start < lengths.length ? 0 : lengths.length", "0"],
      ["{ rows: first, tokens: sum(", "{ rows: first, tokens: 0 * sum("],
      ["isEmpty ? 1 : end", "end"],
      ["[...rows, ...rows]", "[...rows]"],
      ["sum + value, 0)", "sum + 1, 0)"],
    ],
  },
  {
    file: "lib/data/data_loader.ts",
    tests: [PARTITION],
    changes: [
      ["{ ...this.#collateFn(rows), ...place }", "this.#collateFn(rows)"],
      ["this.#part = range;", ""],
    ],
  },
  {
    file: "lib/models/encoder.ts",
    tests: [DATA_PARALLEL],
    changes: [
      ["firstRow: before?.rows, ", ""],
      [", batchRows: whole?.rows", ""],
      [", batchRows: whole?.tokens", ""],
      ["({ ...this.dropoutKey(p), ...ofTokens })", "this.dropoutKey(p)"],
    ],
  },
  {
    file: "lib/models/deberta_v2/attention.ts",
    tests: [DATA_PARALLEL],
    changes: [
      ["{ ...key, ...place }", "key"],
      ["{ firstRow, batchRows: undefined }", "{ firstRow }"],
    ],
  },
  {
    file: "lib/ops/dropout.ts",
    tests: ["tests/ops/dropout_test.ts"],
    changes: [
      ["dropoutParams(key, columns)", "dropoutParams(key)"],
      ["params, columns);", "params);"],
    ],
  },
  {
    file: "lib/ops/philox.wgsl",
    tests: [DATA_PARALLEL],
    changes: [
      ["dropout.first_row + row", "row"],
      ["place >= count", "false"],
    ],
  },
  {
    file: "lib/ops/attention.ts",
    tests: [DATA_PARALLEL],
    changes: [["dropoutParams(dropout, heads)", "dropoutParams(dropout)"]],
  },
  {
    file: "lib/training/gradient_accumulation.ts",
    tests: [PARTITION],
    changes: [
      ["part.end - part.start", "end - start"],
      ["ownRows === 0", "false"],
    ],
  },
  {
    file: "lib/data/distributed_sampler.ts",
    tests: [SAMPLER],
    changes: [
      ["seed + this.#epoch", "seed"],
      ["% this.#rows", "% (this.#rows - 1)"],
      ["Math.floor(share)", "Math.ceil(share)"],
    ],
  },
  {
    file: "lib/data/torch_random.ts",
    tests: [SAMPLER],
    changes: [
      ["random() % (length - i)", "random() % length"],
      ["bits >>> 11", "bits >>> 12"],
      ["bits & 1 ? 0x9908b0df : 0", "0"],
    ],
  },
  {
    file: "lib/distributed/mpi_library.ts",
    tests: ["tests/distributed/mpi_library_test.ts"],
    changes: [
      ['"mpirun of MPICH", MPICH]', '"mpirun of MPICH", OPEN_MPI]'],
      ["if (named) return [named];", ""],
    ],
  },
  {
    file: "scripts/run_folder/same_run.ts",
    tests: ["tests/scripts/run_folder/same_run_test.ts"],
    changes: [
      ["own[name] === other[name]", "true"],
      ['"outputDir", ', ""],
      ["other === `${step}`", "true"],
    ],
  },
  {
    file: "scripts/cli/process_group.ts",
    tests: ["tests/scripts/cli/process_group_test.ts"],
    changes: [
      ["Number(name === signal)", "0"],
      ["all.subarray(votes.length)", "all"],
      ["await this.#communicator.broadcast(", "void ("],
    ],
  },
];
