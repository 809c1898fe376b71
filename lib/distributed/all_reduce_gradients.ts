/**
 * Sums the gradients of the processes that train together.
 *
 * @module
 */
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
  const devices = new Set(all.map(({ device }) => device));
  for (const device of devices) device.submit(); // it computes while the processes meet
  const used = await usedAnywhere(communicator, all);
  const trained = all.filter((p) => used.get(p) !== undefined);
  const parts = [...new Set(trained.map((p) => p.flatBuffer))]
    .flatMap((buffer) => {
      const [first] = buffer.parameters;
      const ids = used.get(first!);
      return ids instanceof Uint32Array ? [rowsOf(first!, ids)] : densePartsOf(
        buffer,
        trained.filter((p) => p.flatBuffer === buffer),
        PIECE * communicator.size,
      );
    });
  // After an error of one read, the others are not waited for.
  const scalars = [...devices].map((device) => device.flushReads());
  for (const read of [...scalars, ...parts]) read.catch(() => {});
  for (const part of parts) {
    const { values, write } = await part;
    const sums = values();
    await communicator.allReduceSum(sums);
    write(sums);
  }
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

/** The dense gradients of a flat buffer. */
function densePartsOf(
  buffer: ParamAndGradBuffer,
  parameters: readonly Parameter[],
  pieceSize: number,
): Promise<Part>[] {
  const { device, size } = buffer;
  for (const parameter of parameters) {
    const { hasGrad } = parameter;
    const { tensor } = parameter.gradSlot(); // with a gradient that was assigned, or sparse
    if (!hasGrad) device.clear(tensor);
    parameter.grad = tensor;
  }
  const all = new Tensor(device, [size], { storage: buffer.gradStorage });
  return shardsOf(all).flatMap(({ rows }) => piecesOf(rows, pieceSize)).map(
    async (piece): Promise<Part> => {
      const { bytes, unmap } = await device.map(piece);
      return {
        values: () => new Float32Array(bytes()),
        write(sums) {
          device.upload(piece, sums);
          unmap();
        },
      };
    },
  );
}

/** Divides elements into pieces. */
function piecesOf(elements: Tensor, pieceSize: number): Tensor[] {
  const { size } = elements;
  return Array.from(
    { length: Math.ceil(size / pieceSize) },
    (_, i) => {
      const first = i * pieceSize;
      return rowsFrom(elements, first, Math.min(pieceSize, size - first));
    },
  );
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
