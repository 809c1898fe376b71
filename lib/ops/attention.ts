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
  const { width, heads, access, lanes, isLocal, hasBias } = form;
  const kind = device.isSoftware ? "software" : "hardware";
  const label = `attention_${direction}_${heads}x${width}_${access}_${kind}${
    lanes ? "_lanes" : ""
  }${isLocal ? "_local" : ""}${hasBias ? "_bias" : ""}`;
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
 * @returns The tiles, `[N, 4]` u32; the last column counts groups of four keys, over the rows of the sequences before.
 * @throws {RangeError} If the numbers do not increase from 0.
 */
export function attentionTiles(
  device: Tensor["device"],
  cuSeqlens: ArrayLike<number>,
): Tensor {
  const tiles: number[] = [];
  let pairs = 0;
  for (let i = 0; i + 1 < cuSeqlens.length; i++) {
    const [start, end] = [cuSeqlens[i]!, cuSeqlens[i + 1]!];
    if (end <= start || (i === 0 && start !== 0)) {
      throw new RangeError(
        `Cannot attend over sequence ${i} from row ${start} to ${end}: cuSeqlens must increase from 0`,
      );
    }
    for (let row = start; row < end; row += TILE_ROWS) {
      tiles.push(row, start, end, pairs);
    }
    pairs += (end - start) * Math.ceil((end - start) / 4);
  }
  return fromArray(device, tiles, [tiles.length / 4, 4], { dtype: "u32" });
}

/** Options of {@linkcode attention}. */
export interface AttentionOptions {
  /**
   * Farthest key that a query sees, in rows on either side: local attention, with
   * costs that grow with the window instead of the sequence.
   *
   * @default All keys of the sequence.
   */
  readonly window?: number;
  /**
   * Factor of the products of queries and keys.
   *
   * @default 1 / √D
   */
  readonly scale?: number;
  /**
   * Added to the scores, `[A, N]`: for each head, the rows of a sequence with the
   * keys of that sequence, padded to a multiple of four, one sequence after the
   * other. Not with a window.
   *
   * @default None.
   */
  readonly bias?: Tensor | undefined;
}

/**
 * Computes scaled dot-product attention of every token over the tokens of its
 * sequence: `o = dropout(softmax(q kᵀ / √D + bias)) v`, for all heads at once.
 * Probabilities are not stored: the backward pass recomputes them.
 *
 * @param qkv Query, key and value of every token, concatenated, `[T, 3H]`.
 * @param tiles The sequences, from {@linkcode attentionTiles}.
 * @param heads The number of heads A; H = A · D.
 * @param dropout Dropout of the probabilities; none if left out.
 * @param options The window of local attention, or a bias of the scores.
 * @returns The outputs of the heads, concatenated, `[T, H]`.
 * @throws {RangeError} If `qkv` is not `[T, 3H]` with H a multiple of `heads`, the window is not a whole number from 0, or the bias is not `[A, N]`.
 */
export function attention(
  qkv: Tensor,
  tiles: Tensor,
  heads: number,
  dropout: DropoutKey = NO_DROPOUT,
  { window, scale, bias }: AttentionOptions = {},
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
  const isLocal = window !== undefined;
  if (isLocal && !(Number.isInteger(window) && window >= 0)) {
    throw new RangeError(
      `Cannot attend over a window of ${window} rows: it must be a whole number from 0`,
    );
  }
  const hasBias = bias !== undefined;
  if (hasBias) checkBias(bias, heads, isLocal);
  const o = new Tensor(device, [rows, hidden]);
  const lse = new Tensor(device, [rows, heads]);
  const formFor = (tensors: readonly Tensor[]): SoftwareForm => {
    const access = accessFor(device, tensors, [width]);
    const lanes = access === "texture" && device.subgroupSize === 8 &&
      width % 8 === 0;
    return { width, heads, access, lanes, isLocal, hasBias };
  };
  const { scale: keepScale, ...key } = dropoutParams(dropout, heads);
  const params = {
    tiles: tiles.shape[0]!,
    scale: scale ?? 1 / Math.sqrt(width),
    "keep_scale": keepScale!,
    ...key,
    window: Math.min(window ?? 0, rows),
    "bias_stride": hasBias ? bias.size / heads / 4 : 0,
    ...{ "qkv_offset": 0, "o_offset": 0, "d_o_offset": 0 },
  };
  const workgroups = params.tiles * heads;
  device.dispatch(
    kernelFor(device, "forward", formFor([qkv])),
    [qkv, tiles, o, lse, ...hasBias ? [bias] : []],
    params,
    ...grid(device, workgroups),
  );
  return record(o, {
    name: "attention",
    inputs: hasBias ? [qkv, bias] : [qkv],
    backward(dO) {
      const dQkv = new Tensor(device, qkv.shape);
      const dBias = hasBias ? [new Tensor(device, bias.shape)] : [];
      device.dispatch(
        kernelFor(device, "backward", formFor([qkv, o, dO])),
        [
          ...[qkv, o, dO, tiles, lse, dQkv],
          ...hasBias ? [bias, ...dBias] : [],
        ],
        params,
        ...grid(device, 2 * workgroups),
      );
      return [dQkv, ...dBias];
    },
  });
}

function checkBias(bias: Tensor, heads: number, isLocal: boolean): void {
  const refuse = (reason: string): never => {
    throw new RangeError(
      `Cannot attend with a bias of shape [${bias.shape}]: ${reason}`,
    );
  };
  if (isLocal) refuse("a window and a bias exclude each other");
  const [rows, columns = 0] = bias.shape;
  if (bias.shape.length !== 2 || rows !== heads || columns % 4 !== 0) {
    refuse(`it must be [${heads},N] with N a multiple of 4`);
  }
}
