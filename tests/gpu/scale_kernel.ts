import { type BufferBinding, type Device, Kernel } from "../../mod.ts";

const kernel = new Kernel(
  "scale",
  `
struct Params {
  factor: f32,
}

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(1)
fn main(@builtin(workgroup_id) i: vec3u) {
  y[i.x] = params.factor * x[i.x];
}
`,
);

/** Makes the pipeline of {@linkcode scale}. */
export const compileScale = (device: Device) => device.compile([kernel]);

/** `y[i] = factor · x[i]`, a minimal kernel. */
export function scale(
  device: Device,
  x: BufferBinding,
  y: BufferBinding,
  factor: number,
): void {
  device.dispatch(kernel, [x, y], { factor }, x.byteLength / 4);
}
