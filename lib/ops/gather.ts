/**
 * Gather and scatter-add by index, shared by `embedding`, `indexSelect` and
 * `select`.
 *
 * @module
 */
import type { Device } from "../gpu/device.ts";
import { isRecording, record } from "../tensor/autograd.ts";
import { type Shard, shardsOf } from "../tensor/shards.ts";
import { fromArray, type Shape, Tensor } from "../tensor/tensor.ts";
import { grid, VectorizedKernel } from "./vectorized_kernel.ts";
import type { Dimension } from "./dimension.ts";
import gatherSource from "./gather.wgsl" with { type: "text" };
import { groupIds, groupsByShard, type IdGroups } from "./id_groups.ts";
import { COLUMNS, columnThreads } from "./reduction.ts";
import scatterAddSource from "./scatter_add.wgsl" with { type: "text" };
import sliceSum from "./slice_sum.wgsl" with { type: "text" };

const GATHER_WORKGROUP_SIZE = 64;
const gatherKernel = new VectorizedKernel("gather", gatherSource);
const scatterAddKernel = new VectorizedKernel(
  "scatter_add",
  scatterAddSource + sliceSum,
  columnThreads,
);

/** Options of {@linkcode gather}. */
export interface GatherOptions {
  /** The op's name. */
  name: string;
  /** The indexed dimension of `x`. */
  along: Dimension;
  /** Integers in [0, along.length): `[J]`. */
  indices: ArrayLike<number>;
  /** Shape of the result, with the size of `[outer, J, inner]`. */
  shape: Shape;
  /** An index without a gradient. */
  frozen?: number;
}

/**
 * Gathers slices: `y[o,j,i] = x[o,indices[j],i]`.
 *
 * @param x Input, `[O, N, I]`.
 * @param options The indices, and the shape of the result.
 * @returns Output, `[O, J, I]` in the requested shape.
 */
export function gather(x: Tensor, options: GatherOptions): Tensor {
  const { device } = x;
  const { name, along, indices, shape, frozen } = options;
  const index = uploadIds(device, Uint32Array.from(indices));
  const y = new Tensor(device, shape);
  dispatchGather(x, index, y, along);
  if (isRecording([x])) {
    // Uploaded now: an upload in the middle of the backward pass may split it.
    const grouped = groupIds(indices, frozen);
    const groups = uploadGroups(device, grouped);
    record(y, {
      name,
      inputs: [x],
      backward(dY, [slot]) {
        const dRows = along.index === 0
          ? slot?.takeRows?.(grouped.ids)
          : undefined;
        if (dRows) {
          scatterAdd(dRows, dY, groups, along, true);
          return [undefined];
        }
        const dX = slot?.tensor ?? new Tensor(device, x.shape);
        if (!slot?.accumulate) device.clear(dX);
        scatterAdd(dX, dY, groups, along);
        return [dX];
      },
    });
  }
  return y;
}

/**
 * Gathers rows, `y[j,i] = x[index[j],i]`, and records no gradient.
 *
 * @param x Input, `[N, I]`; it may be split.
 * @param index Integers below N, `[J]` u32.
 * @param y Output, `[J, I]`.
 */
export function pickRows(x: Tensor, index: Tensor, y: Tensor): void {
  const [length = 0, inner = 0] = x.shape;
  dispatchGather(x, index, y, { outer: 1, length, inner });
}

function dispatchGather(
  x: Tensor,
  index: Tensor,
  y: Tensor,
  along: Pick<Dimension, "outer" | "length" | "inner">,
): void {
  const { device } = x;
  const { outer } = along;
  const { kernel, vectors: inner } = gatherKernel.for(along.inner);
  const vectors = outer * index.size * inner;
  for (const { rows, first } of shardsAlong(x, outer)) {
    device.dispatch(
      kernel,
      [rows, index, y],
      {
        vectors,
        length: rows.size / (outer * along.inner),
        indices: index.size,
        inner,
        first,
      },
      ...grid(device, Math.ceil(vectors / GATHER_WORKGROUP_SIZE)),
    );
  }
}

/** Shards of a tensor along its first dimension; no kernel takes those along another one. */
function shardsAlong(x: Tensor, outer: number): readonly Shard[] {
  return outer === 1 ? shardsOf(x) : [{ rows: x, first: 0 }];
}

/** {@linkcode IdGroups} on the GPU. */
export interface UploadedGroups {
  /** The same on the host. */
  readonly host: IdGroups;
  /** As in {@linkcode IdGroups}, `[U]` u32. */
  readonly ids: Tensor;
  /** As in {@linkcode IdGroups}, `[U + 1]` u32. */
  readonly starts: Tensor;
  /** As in {@linkcode IdGroups}, `[P]` u32. */
  readonly positions: Tensor;
}

/**
 * Uploads groups for {@linkcode scatterAdd}.
 *
 * @param device The device.
 * @param groups The groups.
 * @returns The groups on the GPU.
 */
export function uploadGroups(
  device: Device,
  host: IdGroups,
): UploadedGroups {
  const { ids, starts, positions } = host;
  return {
    host,
    ids: uploadIds(device, ids),
    starts: uploadIds(device, starts),
    positions: uploadIds(device, positions),
  };
}

/**
 * Adds slices by id, in the order of their positions:
 * `target[o,id,i] += Σ_p dY[o,p,i]` over the positions p of the id.
 *
 * @param target The target, `[O, N, I]`, which may be split; if compact, `[1, more than U, I]`.
 * @param dY The slices, `[O, J, I]`.
 * @param groups The positions of each id.
 * @param along The dimension of `target` that the ids index.
 * @param isCompact Whether group u goes to row u + 1 of the target, instead of to the row of its id.
 */
export function scatterAdd(
  target: Tensor,
  dY: Tensor,
  groups: UploadedGroups,
  along: Pick<Dimension, "outer" | "length" | "inner">,
  isCompact = false,
): void {
  const { device } = target;
  const { outer } = along;
  const { kernel, vectors: inner } = scatterAddKernel.for(along.inner);
  const { host, ids, starts, positions } = groups;
  const shards = shardsAlong(target, outer);
  const ranges = groupsByShard(host, shards.map(({ first }) => first));
  shards.forEach(({ rows, first }, i) => {
    const { from, count } = ranges[i]!;
    device.dispatch(
      kernel,
      [dY, ids, starts, positions, rows],
      {
        outer,
        length: rows.size / (outer * along.inner),
        inner,
        groups: count,
        rows: dY.size / (outer * along.inner),
        compact: Number(isCompact),
        first_group: from,
        first_row: first,
      },
      ...grid(device, outer * count * Math.ceil(inner / COLUMNS)),
    );
  });
}

function uploadIds(device: Device, ids: Uint32Array<ArrayBuffer>): Tensor {
  return fromArray(device, ids, [ids.length], { dtype: "u32" });
}
