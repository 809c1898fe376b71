/**
 * Recorded commands, and their encoding.
 *
 * @module
 */
import type { Counters } from "./counters.ts";
import type { Compiled } from "./pipelines.ts";

/** A copy or a clear, which ends a compute pass. */
export type EncoderCommand = (encoder: GPUCommandEncoder) => void;

/** A recorded dispatch of a kernel. */
export interface DispatchCommand {
  /** The kernel; its pipeline is made by the time that the dispatch is encoded. */
  readonly compiled: Compiled;
  readonly bindGroup: GPUBindGroup;
  /** Start of its `Params`, in bytes; `undefined` if it has none. */
  readonly paramsOffset: number | undefined;
  /** Number of workgroups along x, y and z. */
  readonly workgroups: readonly [number, number, number];
  /** Number of times that it runs, one after the other. */
  readonly repeats: number;
  /** Descriptor of its own compute pass, if it is timed. */
  readonly timedPass: GPUComputePassDescriptor | undefined;
}

/** A recorded command. */
export type Command = DispatchCommand | EncoderCommand;

// In Deno 2.9 a list of offsets takes four times as long, and an empty array panics.
const OFFSET = new Uint32Array(1);

/**
 * Encodes commands.
 *
 * @param gpu The device.
 * @param commands The commands, in order.
 * @param counters Counts the compute passes.
 * @returns The command buffer.
 */
export function encode(
  gpu: GPUDevice,
  commands: readonly Command[],
  counters: Counters,
): GPUCommandBuffer {
  const encoder = gpu.createCommandEncoder();
  let pass: GPUComputePassEncoder | undefined;
  for (const command of commands) {
    if (typeof command === "function") {
      pass?.end();
      pass = undefined;
      command(encoder);
      continue;
    }
    const { paramsOffset } = command;
    if (command.timedPass || !pass) {
      pass?.end();
      counters.passes++;
      pass = encoder.beginComputePass(command.timedPass);
    }
    OFFSET[0] = paramsOffset ?? 0;
    const offsetCount = paramsOffset === undefined ? 0 : 1;
    pass.setPipeline(command.compiled.pipeline!);
    pass.setBindGroup(0, command.bindGroup, OFFSET, 0, offsetCount);
    for (let i = 0; i < command.repeats; i++) {
      pass.dispatchWorkgroups(...command.workgroups);
    }
  }
  pass?.end();
  return encoder.finish();
}
