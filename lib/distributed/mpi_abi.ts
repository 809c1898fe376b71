/**
 * The binary interface of MPI: functions, handles and constants.
 *
 * @module
 */

/** Functions of the library. */
export const FUNCTIONS = {
  MPI_Init_thread: {
    parameters: ["pointer", "pointer", "i32", "buffer"],
    result: "i32",
  },
  MPI_Comm_rank: { parameters: ["usize", "buffer"], result: "i32" },
  MPI_Comm_size: { parameters: ["usize", "buffer"], result: "i32" },
  MPI_Iallreduce: {
    parameters: ["usize", "buffer", "i32", "usize", "usize", "usize", "buffer"],
    result: "i32",
  },
  MPI_Test: { parameters: ["buffer", "buffer", "usize"], result: "i32" },
  MPI_Allreduce: {
    parameters: ["usize", "buffer", "i32", "usize", "usize", "usize"],
    result: "i32",
  },
  MPI_Bcast: {
    parameters: ["buffer", "i32", "usize", "i32", "usize"],
    result: "i32",
    nonblocking: true,
  },
  MPI_Gatherv: {
    parameters: [
      "buffer",
      "i32",
      "usize",
      "buffer",
      "buffer",
      "buffer",
      "usize",
      "i32",
      "usize",
    ],
    result: "i32",
    nonblocking: true,
  },
  MPI_Abort: { parameters: ["usize", "i32"], result: "i32" },
  MPI_Finalize: { parameters: [], result: "i32" },
} as const;

/** Turns the Fortran number of a handle into the handle of C, in Open MPI a pointer. */
export const FROM_FORTRAN = {
  MPI_Comm_f2c: { parameters: ["i32"], result: "usize" },
  MPI_Type_f2c: { parameters: ["i32"], result: "usize" },
  MPI_Op_f2c: { parameters: ["i32"], result: "usize" },
} as const;

/** Handles and constants of an implementation. */
export interface Handles {
  readonly world: bigint;
  readonly byte: bigint;
  readonly float: bigint;
  readonly double: bigint;
  readonly sum: bigint;
  /** `MPI_IN_PLACE`. */
  readonly inPlace: bigint;
  /** `MPI_STATUS_IGNORE`. */
  readonly ignoreStatus: bigint;
}

/** Handles of the MPICH ABI, from its `mpi.h`: fixed since version 3.1. */
export const MPICH: Handles = {
  world: 0x44000000n,
  byte: 0x4c00010dn,
  float: 0x4c00040an,
  double: 0x4c00080bn,
  sum: 0x58000003n,
  inPlace: 0xffff_ffff_ffff_ffffn,
  ignoreStatus: 1n,
};
