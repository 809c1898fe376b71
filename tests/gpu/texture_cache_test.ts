import { assertEquals, assertRejects } from "@std/assert";
import {
  type Device,
  fromArray,
  Kernel,
  matmul,
  requestDevice,
  Tensor,
} from "../../mod.ts";

/** Initial rows of the texture, texels used in a row, and bytes of a row. */
const [ROWS, TEXELS, ROW_BYTES] = [2048, 2048, 16 * 2052];

const ADD = new Kernel(
  "add_textures",
  `
struct Params {
  a_offset: u32,
  b_offset: u32,
}

@group(0) @binding(0) var a: texture_storage_2d<rgba32float, read>;
@group(0) @binding(1) var b: texture_storage_2d<rgba32float, read>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(3) var<uniform> params: Params;

fn at(i: u32) -> vec2u { return vec2u(i & 2047u, i >> 11u); }

@compute @workgroup_size(1)
fn main() {
  y[0] = textureLoad(a, at(params.a_offset)) + textureLoad(b, at(params.b_offset));
}
`,
);

/** Makes a tensor that takes `rows` rows of the texture, filled with `value`. */
function rowsOf(device: Device, rows: number, value: number): Tensor {
  const length = rows * 4 * TEXELS;
  return fromArray(device, new Float32Array(length).fill(value), [length]);
}

/** Records the sum of the last texels of two tensors. */
function addLast(a: Tensor, b: Tensor): Tensor {
  const y = new Tensor(a.device, [4]);
  const [aOffset, bOffset] = [a.size / 4 - 1, b.size / 4 - 1];
  const params = { "a_offset": aOffset, "b_offset": bOffset };
  a.device.dispatch(ADD, [a, b, y], params, 1);
  return y;
}

/** Number of compute passes of two additions: every copy into the texture ends one. */
function passesOf(a: Tensor, b: Tensor): number {
  const { device } = a;
  device.submit();
  const { passes } = device.counters;
  addLast(a, a).dispose();
  addLast(a, b).dispose();
  device.submit();
  return device.counters.passes - passes;
}

Deno.test("TextureCache evicts its oldest entries", async () => {
  using device = await requestDevice();
  using _scope = device.scope();
  // Eight tensors fit, nine do not.
  const xs = Array.from({ length: 9 }, (_, i) => rowsOf(device, 240, i));
  const { liveBytes } = device.memory;
  for (const [i, x] of xs.entries()) {
    assertEquals([...await addLast(x, x).toArray()], Array(4).fill(2 * i));
  }
  const results = 9 * 256; // bytes, each in a buffer of the smallest size
  assertEquals(
    device.memory.liveBytes - liveBytes,
    ROWS * ROW_BYTES + results,
  );
  assertEquals(passesOf(xs[8]!, xs[1]!), 1, "both are cached");
  assertEquals(passesOf(xs[8]!, xs[0]!), 2, "one was evicted");
  assertEquals(passesOf(xs[8]!, xs[1]!), 2, "evicted by the first");
});

Deno.test("TextureCache keeps all operands of one kernel", async () => {
  using device = await requestDevice();
  using _scope = device.scope();
  const [a, b, c] = [1, 2, 4].map((value) => rowsOf(device, 800, value));
  addLast(a!, b!);
  // c fits only if it evicts a.
  assertEquals([...await addLast(a!, c!).toArray()], [5, 5, 5, 5]);
  assertEquals([...await addLast(b!, a!).toArray()], [3, 3, 3, 3]);
});

Deno.test("TextureCache grows to fit the operands of one kernel", async () => {
  using device = await requestDevice();
  using _scope = device.scope();
  const [a, b] = [rowsOf(device, 3, 1), rowsOf(device, ROWS - 2, 2)];
  const first = addLast(a, a);
  const { liveBytes, peakBytes } = device.memory;
  const second = addLast(a, b);
  assertEquals(
    device.memory.liveBytes - liveBytes,
    ROWS * ROW_BYTES + second.storage.byteLength,
    "twice as many rows, and the result",
  );
  assertEquals(
    device.memory.peakBytes - peakBytes,
    device.memory.liveBytes - liveBytes,
    "the smaller texture is destroyed first",
  );
  assertEquals([...await first.toArray()], [2, 2, 2, 2]);
  assertEquals([...await second.toArray()], [3, 3, 3, 3]);
});

const TOO_LARGE = new Kernel(
  "too_large",
  `@group(0) @binding(0) var<storage, read_write> y: array<mat4x4f>;
@compute @workgroup_size(1)
fn main() { y[0][0][0] = 1.0; }
`,
);

Deno.test("TextureCache copies all operands again after an error", async () => {
  using device = await requestDevice();
  using _scope = device.scope();
  const x = rowsOf(device, 1, 3);
  addLast(x, x);
  const small = new Tensor(device, [4], { lifetime: "kept" });
  device.dispatch(TOO_LARGE, [small], {}, 1); // makes the whole submit invalid
  await assertRejects(() => small.toArray(), Error, "64");
  assertEquals([...await addLast(x, x).toArray()], [6, 6, 6, 6]);
  assertEquals(passesOf(x, x), 1, "cached again");
});

Deno.test("TextureCache takes an empty operand first", async () => {
  using device = await requestDevice({ kernels: "software" });
  using _scope = device.scope();
  const [a, b] = [new Tensor(device, [4, 0]), new Tensor(device, [0, 4])];
  assertEquals([...await matmul(a, b).toArray()], Array(16).fill(0));
});
