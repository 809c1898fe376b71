/**
 * Self-attention over unpadded sequences.
 *
 * @module
 */
import { type DeviceClass, Kernel } from "../gpu/kernel.ts";
import { record } from "../tensor/autograd.ts";
import { fromArray, Tensor } from "../tensor/tensor.ts";
import { hardwareBackwardSource } from "./attention/hardware_backward.ts";
import { hardwareForwardSource } from "./attention/hardware_forward.ts";
import { softwareBackwardSource } from "./attention/software_backward.ts";
import { softwareForwardSource } from "./attention/software_forward.ts";
import type { SoftwareForm } from "./attention/software_source.ts";
import { TILE_ROWS } from "./attention/source.ts";
import { grid } from "./vectorized_kernel.ts";
import { type DropoutKey, dropoutParams, NO_DROPOUT } from "./dropout_key.ts";
import { accessFor } from "./operand_source.ts";
import philox from "./philox.wgsl" with { type: "text" };

const SOURCES = {
  software: {
    forward: softwareForwardSource,
    backward: softwareBackwardSource,
  },
  hardware: {
    forward: hardwareForwardSource,
    backward: hardwareBackwardSource,
  },
};

const kernels = new Map<string, Kernel>();

function kernelFor(
  device: DeviceClass,
  direction: "forward" | "backward",
  form: SoftwareForm,
): Kernel {
  const { width, heads, access, lanes } = form;
  const kind = device.isSoftware ? "software" : "hardware";
  const label = `attention_${direction}_${heads}x${width}_${access}_${kind}${
    lanes ? "_lanes" : ""
  }`;
  let kernel = kernels.get(label);
  if (!kernel) {
    kernel = new Kernel(label, SOURCES[kind][direction](form) + philox);
    kernels.set(label, kernel);
  }
  return kernel;
}

/**
 * Splits unpadded sequences into the tiles of {@linkcode attention}.
 *
 * @param device The device of the tiles.
 * @param cuSeqlens Cumulative sequence lengths: `B + 1` numbers, the first 0.
 * @returns The tiles, `[N, 4]` u32.
 * @throws {RangeError} If the numbers do not increase from 0.
 */
export function attentionTiles(
  device: Tensor["device"],
  cuSeqlens: ArrayLike<number>,
): Tensor {
  const tiles: number[] = [];
  for (let i = 0; i + 1 < cuSeqlens.length; i++) {
    const [start, end] = [cuSeqlens[i]!, cuSeqlens[i + 1]!];
    if (end <= start || (i === 0 && start !== 0)) {
      throw new RangeError(
        `Cannot attend over sequence ${i} from row ${start} to ${end}: cuSeqlens must increase from 0`,
      );
    }
    for (let row = start; row < end; row += TILE_ROWS) {
      tiles.push(row, start, end, 0);
    }
  }
  return fromArray(device, tiles, [tiles.length / 4, 4], { dtype: "u32" });
}

/**
 * Computes scaled dot-product attention of every token over the tokens of its
 * sequence: `o = dropout(softmax(q kᵀ / √D)) v`, for all heads at once.
 * Probabilities are not stored: the backward pass recomputes them.
 *
 * @param qkv Query, key and value of every token, concatenated, `[T, 3H]`.
 * @param tiles The sequences, from {@linkcode attentionTiles}.
 * @param heads The number of heads A; H = A · D.
 * @param dropout Dropout of the probabilities; none if left out.
 * @returns The outputs of the heads, concatenated, `[T, H]`.
 * @throws {RangeError} If `qkv` is not `[T, 3H]` with H a multiple of `heads`.
 */
export function attention(
  qkv: Tensor,
  tiles: Tensor,
  heads: number,
  dropout: DropoutKey = NO_DROPOUT,
): Tensor {
  const { device } = qkv;
  const [rows = 0, columns = 0] = qkv.shape;
  const hidden = columns / 3;
  const width = hidden / heads;
  if (qkv.shape.length !== 2 || !Number.isInteger(width)) {
    throw new RangeError(
      `Cannot attend over [${qkv.shape}] with ${heads} heads: the last size must be 3 times a multiple of ${heads}`,
    );
  }
  const o = new Tensor(device, [rows, hidden]);
  const lse = new Tensor(device, [rows, heads]);
  const formFor = (tensors: readonly Tensor[]): SoftwareForm => {
    const access = accessFor(device, tensors, [width]);
    const lanes = access === "texture" && device.subgroupSize === 8 &&
      width % 8 === 0;
    return { width, heads, access, lanes };
  };
  const { scale: keepScale, ...key } = dropoutParams(dropout);
  const params = {
    tiles: tiles.shape[0]!,
    scale: 1 / Math.sqrt(width),
    "keep_scale": keepScale!,
    ...key,
    ...{ "qkv_offset": 0, "o_offset": 0, "d_o_offset": 0 },
  };
  const workgroups = params.tiles * heads;
  device.dispatch(
    kernelFor(device, "forward", formFor([qkv])),
    [qkv, tiles, o, lse],
    params,
    ...grid(device, workgroups),
  );
  return record(o, {
    name: "attention",
    inputs: [qkv],
    backward(dO) {
      const dQkv = new Tensor(device, qkv.shape);
      device.dispatch(
        kernelFor(device, "backward", formFor([qkv, o, dO])),
        [qkv, o, dO, tiles, lse, dQkv],
        params,
        ...grid(device, 2 * workgroups),
      );
      return [dQkv];
    },
  });
}
