/**
 * Sums the gradients of the processes that train together.
 *
 * @module
 */
import type { MappedBytes } from "../gpu/readback.ts";
import type { ParamAndGradBuffer, Parameter } from "../nn/parameter.ts";
import { rowsFrom, shardsOf } from "../tensor/shards.ts";
import { Tensor } from "../tensor/tensor.ts";
import type { Communicator } from "./communicator.ts";

/** Elements that are read and summed at once, per process; those of two, 4 MiB, stay in the cache of a CPU. */
const PIECE = 2 ** 19;

/** A part of the gradients that the host can read. */
interface Part {
  /** Returns its values, which become the sums over all processes. */
  readonly values: () => Float32Array<ArrayBuffer>;
  /** Takes the sums. */
  readonly write: (sums: Float32Array<ArrayBuffer>) => void;
}

/**
 * Replaces the gradient of each parameter by its sum over all processes: that of the
 * whole batch, where each process multiplies its mean loss by its share of the rows.
 * Whole flat buffers are summed; of a large embedding table, the rows that
 * any process has. Scalars of `device.readLater()` are read at the same time. With a
 * single process nothing is read or copied.
 *
 * @param communicator The processes; all call it, those without rows too.
 * @param parameters The parameters, the same in every process.
 * @throws {Error} If the GPU or another process failed.
 */
export async function allReduceGradients(
  communicator: Communicator,
  parameters: Iterable<Parameter>,
): Promise<void> {
  if (communicator.size === 1) return;
  const all = [...parameters];
  const pieceSize = PIECE * communicator.size;
  const own = all.filter((p) => p.hasGrad && !p.rowGradient);
  const reads = readDense(buffersOf(own), pieceSize);
  const devices = new Set(all.map(({ device }) => device));
  const scalars = [...devices].map((device) => handled(device.flushReads()));
  const used = await usedAnywhere(communicator, all);
  const trained = all.filter((p) => used.has(p));
  const parts = buffersOf(trained).flatMap((buffer) => {
    const [first] = parametersIn(buffer);
    const ids = used.get(first!);
    if (ids instanceof Uint32Array) return handled(rowsOf(first!, ids));
    return reads.get(buffer) ?? readDense([buffer], pieceSize).get(buffer)!;
  });
  for (const parameter of trained) {
    if (used.get(parameter) !== "dense") continue;
    parameter.grad = parameter.gradSlot().tensor;
  }
  for (const part of parts) {
    const { values, write } = await part;
    const sums = values();
    await communicator.allReduceSum(sums);
    write(sums);
  }
  await Promise.all(scalars);
}

/** Returns a promise whose error is ignored where another one is thrown before it. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

/** The parameters of a flat buffer, but for those that were moved to another one. */
function parametersIn(buffer: ParamAndGradBuffer): Parameter[] {
  return buffer.parameters.filter((p) => p.flatBuffer === buffer);
}

/** The flat buffers of parameters, the last one first: about the order of a backward pass. */
function buffersOf(parameters: readonly Parameter[]): ParamAndGradBuffer[] {
  return [...new Set(parameters.map((p) => p.flatBuffer))].reverse();
}

/**
 * Finds the parameters that have a gradient in any process.
 *
 * @returns For each of them, the ids of a sparse gradient's rows, or "dense".
 */
async function usedAnywhere(
  communicator: Communicator,
  parameters: readonly Parameter[],
): Promise<Map<Parameter, Uint32Array | "dense">> {
  const tables = parameters.filter((p) => p.isLargeTable && p.requiresGrad);
  const rows = tables.reduce((sum, { shape }) => sum + shape[0]!, 0);
  const counts = new Float32Array(2 * parameters.length + rows);
  parameters.forEach((p, i) => {
    counts[2 * i] = Number(p.hasGrad);
    counts[2 * i + 1] = Number(p.hasGrad && !p.rowGradient);
  });
  const countsOf = new Map<Parameter, Float32Array>();
  let end = 2 * parameters.length;
  for (const table of tables) {
    const own = counts.subarray(end, end += table.shape[0]!);
    for (const id of Array.from(table.rowGradient?.ids ?? [])) own[id] = 1;
    countsOf.set(table, own);
  }
  await communicator.allReduceSum(counts);
  const used = new Map<Parameter, Uint32Array | "dense">();
  parameters.forEach((p, i) => {
    if (counts[2 * i] === 0) return;
    const ids: number[] = [];
    countsOf.get(p)?.forEach((count, id) => {
      if (count > 0) ids.push(id);
    });
    const isSparse = countsOf.has(p) && counts[2 * i + 1] === 0 &&
      ids.length < p.shape[0]!;
    used.set(p, isSparse ? Uint32Array.from(ids) : "dense");
  });
  return used;
}

/**
 * Reads the dense gradients of flat buffers in pieces, the last one of a buffer first, in
 * two halves: the GPU still computes what the second one depends on while the first is read.
 */
function readDense(
  buffers: readonly ParamAndGradBuffer[],
  pieceSize: number,
): Map<ParamAndGradBuffer, Promise<Part>[]> {
  const reads = new Map<ParamAndGradBuffer, Promise<Part>[]>();
  const pieces = buffers.flatMap((buffer) => {
    reads.set(buffer, []);
    return piecesOf(buffer, pieceSize).map((piece) => ({ buffer, piece }));
  });
  const half = pieces.length >> 1;
  for (const some of [pieces.slice(0, half), pieces.slice(half)]) {
    for (const device of new Set(some.map(({ piece }) => piece.device))) {
      const ofDevice = some.filter(({ piece }) => piece.device === device);
      const mapped = device.map(ofDevice.map(({ piece }) => piece));
      ofDevice.forEach(({ buffer, piece }, i) => {
        reads.get(buffer)!.push(handled(partOf(piece, mapped[i]!)));
      });
    }
  }
  return reads;
}

/** A piece of a flat buffer's gradients. */
async function partOf(
  piece: Tensor,
  mapped: Promise<MappedBytes>,
): Promise<Part> {
  const { bytes, unmap } = await mapped;
  return {
    values: () => new Float32Array(bytes()),
    write(sums) {
      piece.device.upload(piece, sums);
      unmap();
    },
  };
}

/** Divides the gradients of a flat buffer; those that a parameter lacks are zeros. */
function piecesOf(buffer: ParamAndGradBuffer, pieceSize: number): Tensor[] {
  const { device, size } = buffer;
  for (const parameter of parametersIn(buffer)) {
    const { hasGrad } = parameter;
    const { tensor } = parameter.gradSlot(); // with a gradient that was assigned, or sparse
    if (!hasGrad) device.clear(tensor);
  }
  const all = new Tensor(device, [size], { storage: buffer.gradStorage });
  return shardsOf(all).flatMap(({ rows }) =>
    Array.from({ length: Math.ceil(rows.size / pieceSize) }, (_, i) => {
      const first = i * pieceSize;
      return rowsFrom(rows, first, Math.min(pieceSize, rows.size - first));
    })
  ).reverse();
}

/** The rows of a table's sparse gradient that any process has. */
async function rowsOf(table: Parameter, ids: Uint32Array): Promise<Part> {
  const { device, shape: [, columns = 0], rowGradient } = table;
  const rows = new Float32Array(ids.length * columns);
  if (rowGradient) {
    const places = new Map(Array.from(ids, (id, i) => [id, i]));
    const own = rowGradient.ids;
    const values = await rowsFrom(rowGradient.values, 1, own.length).toArray();
    for (let i = 0; i < own.length; i++) {
      const row = values.subarray(i * columns, (i + 1) * columns);
      rows.set(row, places.get(own[i]!)! * columns);
    }
  }
  return {
    values: () => rows,
    write(sums) {
      table.grad = undefined;
      const memory = table.gradSlot().takeRows!(ids)!;
      device.upload(rowsFrom(memory, 1, ids.length), sums);
    },
  };
}
