/**
 * Bias of attention scores by distance: that of MPNet, from a table, and the
 * kernels that DeBERTa's shares.
 *
 * @module
 */
import { Kernel, type Params } from "../gpu/kernel.ts";
import { record } from "../tensor/autograd.ts";
import { Tensor } from "../tensor/tensor.ts";
import forwardSource from "./position_bias.wgsl" with { type: "text" };
import backwardSource from "./position_bias_backward.wgsl" with {
  type: "text",
};
import type { RelativePositions } from "./relative_positions.ts";
import { sumAlong } from "./sum.ts";
import { grid, rowThreads } from "./vectorized_kernel.ts";

/** Operands of a bias, each in the memory that the strides describe. */
export interface BiasOperands {
  /** Scores of each query and bucket. */
  readonly byQuery: Tensor | undefined;
  /** Scores of each key and bucket. */
  readonly byKey: Tensor | undefined;
}

/** Order of heads, rows and buckets in the operands, and the factor of their sum. */
export interface BiasLayout {
  /** The number of heads A. */
  readonly heads: number;
  /** Elements from head to head. */
  readonly headStride: number;
  /** Elements from row to row; 0 where all rows have the same scores. */
  readonly rowStride: number;
  /** Elements from bucket to bucket. */
  readonly bucketStride: number;
  /** The factor. */
  readonly scale: number;
}

/** Kernels of one direction, by their operands. */
function kernelsFor(
  label: string,
  source: string,
): (operands: BiasOperands) => Kernel {
  const make = (name: string, hasQuery: number, hasKey: number) =>
    new Kernel(`${label}${name}`, source, (device) => ({
      ...rowThreads(device),
      HAS_QUERY: hasQuery,
      HAS_KEY: hasKey,
    }));
  const both = make("", 1, 1);
  const byQuery = make("_by_query", 1, 0);
  const byKey = make("_by_key", 0, 1);
  return (operands) =>
    !operands.byKey ? byQuery : operands.byQuery ? both : byKey;
}

const forwardKernel = kernelsFor("position_bias", forwardSource);
const backwardKernel = kernelsFor("position_bias_backward", backwardSource);

/**
 * Computes a bias, `[A, N]`, and records no gradient.
 *
 * @param operands Scores of queries, keys or both.
 * @param positions The distances.
 * @param layout Order of the operands, and the factor.
 * @returns The bias, for `attention`.
 */
export function computeBias(
  operands: BiasOperands,
  positions: RelativePositions,
  layout: BiasLayout,
): Tensor {
  const { tiles, pairs, longest, buckets } = positions;
  const { device } = tiles;
  const bias = new Tensor(device, [layout.heads, pairs]);
  const other = operands.byQuery ?? operands.byKey!;
  device.dispatch(
    forwardKernel(operands),
    // Every binding needs a buffer: the one that is missing is not read.
    [
      operands.byQuery ?? other,
      operands.byKey ?? other,
      ...[tiles, buckets, bias],
    ],
    { longest, ...paramsOf(positions, layout) },
    ...grid(device, tiles.shape[0]! * layout.heads),
  );
  return bias;
}

/**
 * Computes the gradients of a bias.
 *
 * @param dBias The gradient of the bias, `[A, N]`.
 * @param targets Memory of the gradients.
 * @param positions The distances.
 * @param layout Order of the targets, and the factor.
 */
export function computeBiasGradients(
  dBias: Tensor,
  targets: BiasOperands,
  positions: RelativePositions,
  layout: BiasLayout,
): void {
  const { tiles, ranges, count } = positions;
  const { device } = dBias;
  const unused = () => new Tensor(device, [1]); // bound, not written
  device.dispatch(
    backwardKernel(targets),
    [
      ...[dBias, tiles, ranges],
      targets.byQuery ?? unused(),
      targets.byKey ?? unused(),
    ],
    { count, ...paramsOf(positions, layout) },
    ...grid(device, tiles.shape[0]! * layout.heads),
  );
}

function paramsOf(
  { tiles, pairs }: RelativePositions,
  { heads, headStride, rowStride, bucketStride, scale }: BiasLayout,
): Params {
  return {
    tiles: tiles.shape[0]!,
    heads,
    "bias_stride": pairs / 4,
    "head_stride": headStride,
    "row_stride": rowStride,
    "bucket_stride": bucketStride,
    scale,
  };
}

/**
 * Computes the bias of attention scores that depends on the distance of query and
 * key alone: `bias[a,i,j] = table[bucket(i - j), a]`. The gradient of a bucket is
 * summed in the order of the rows.
 *
 * @param table Biases of each bucket, `[R, A]`.
 * @param positions The distances, with R buckets.
 * @returns The bias, `[A, N]`, for `attention`.
 * @throws {RangeError} If the table has not a row for each bucket.
 */
export function positionBias(
  table: Tensor,
  positions: RelativePositions,
): Tensor {
  const { rows, count } = positions;
  const [buckets, heads = 0] = table.shape;
  if (table.shape.length !== 2 || buckets !== count) {
    throw new RangeError(
      `Cannot apply positionBias to a table of shape [${table.shape}]: it must be [${count},A] for ${count} buckets`,
    );
  }
  const layout = { heads, headStride: 1, bucketStride: heads, scale: 1 };
  const bias = computeBias(
    { byQuery: table, byKey: undefined },
    positions,
    { ...layout, rowStride: 0 },
  );
  return record(bias, {
    name: "positionBias",
    inputs: [table],
    backward(dBias) {
      const byRow = new Tensor(table.device, [rows, count, heads]);
      computeBiasGradients(
        dBias,
        { byQuery: byRow, byKey: undefined },
        positions,
        { ...layout, rowStride: count * heads },
      );
      const along = { outer: 1, length: rows, inner: count * heads };
      const dTable = sumAlong(byRow, along, table.shape);
      byRow.dispose();
      return [dTable];
    },
  });
}
