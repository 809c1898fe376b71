/**
 * Conversions between f32 and f16, for tensors that are kept for the backward pass.
 *
 * @module
 */
import type { Device } from "../gpu/device.ts";
import { Kernel } from "../gpu/kernel.ts";
import type { BufferBinding } from "../gpu/storage_buffer.ts";
import { provideHalf } from "../tensor/half_storage.ts";
import fromHalfSource from "./from_half.wgsl" with { type: "text" };
import toHalfSource from "./to_half.wgsl" with { type: "text" };
import { grid } from "./vectorized_kernel.ts";

const toHalfKernel = new Kernel("to_half", toHalfSource);
const fromHalfKernel = new Kernel("from_half", fromHalfSource);

/**
 * Rounds numbers to f16; those beyond its range become ±∞.
 *
 * @param device The device.
 * @param source The numbers in f32, a multiple of four.
 * @param half As many numbers in f16.
 */
export function toHalf(
  device: Device,
  source: BufferBinding,
  half: BufferBinding,
): void {
  convert(device, toHalfKernel, source, half, source.byteLength / 16);
}

/**
 * Converts numbers from f16.
 *
 * @param device The device, with `shader-f16`.
 * @param half The numbers in f16, a multiple of four.
 * @param target As many numbers in f32.
 */
export function fromHalf(
  device: Device,
  half: BufferBinding,
  target: BufferBinding,
): void {
  convert(device, fromHalfKernel, half, target, target.byteLength / 16);
}

function convert(
  device: Device,
  kernel: Kernel,
  from: BufferBinding,
  to: BufferBinding,
  vectors: number,
): void {
  const workgroups = grid(device, Math.ceil(vectors / 64));
  device.dispatch(kernel, [from, to], { vectors }, ...workgroups);
}

provideHalf({ toHalf, fromHalf });
