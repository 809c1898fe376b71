import { assertEquals, assertThrows } from "@std/assert";
import { fromArray, requestDevice, Tensor, zeros } from "../../mod.ts";
import { device } from "../helpers/device.ts";
import { FROM_TEXTURE } from "./from_texture_kernel.ts";
import { scale } from "./scale_kernel.ts";

/** Copies the first texel of `x` to `y`. */
function firstTexel(x: Tensor, y: Tensor): void {
  x.device.dispatch(FROM_TEXTURE, [x, y], { "x_offset": 0 }, 1);
}

Deno.test("BindGroups binds a whole buffer once, whatever range of it is used", () => {
  using _step = device.scope();
  const x = new Tensor(device, [64]);
  const y = new Tensor(device, [64]);
  scale(device, x, y, 2);
  const { bindGroups } = device.counters;
  scale(device, { ...operand(x), byteLength: 32 }, y, 2);
  assertEquals(device.counters.bindGroups, bindGroups);
});

Deno.test("BindGroups binds a range of a buffer at its offset", async () => {
  using _step = device.scope();
  const offset = 256; // aligned on every adapter
  const x = fromArray(device, Array.from({ length: 256 }, (_, i) => i), [256]);
  const y = new Tensor(device, [4]);
  scale(
    device,
    { storage: x.storage, byteOffset: offset, byteLength: 16 },
    y,
    2,
  );
  const first = offset / 4;
  assertEquals(
    [...await y.toArray()],
    [0, 1, 2, 3].map((i) => 2 * (first + i)),
  );
});

Deno.test("BindGroups binds a kept buffer with the size that is used", async () => {
  using own = await requestDevice();
  const [x, y] = [zeros(own, [256]), zeros(own, [256])];
  own.upload(x, new Float32Array(256).fill(1));
  scale(own, { ...operand(x), byteLength: 256 }, y, 2);
  scale(own, x, y, 3);
  assertEquals((await y.toArray())[255], 3);
});

Deno.test("BindGroups rebinds the texture after it has grown", async () => {
  using own = await requestDevice();
  const rowLength = 4 * 2048; // 2048 rows fit before it grows
  const y = zeros(own, [4]);
  firstTexel(fromArray(own, [1, 2, 3, 4], [4]), y);
  const large = zeros(own, [2049 * rowLength]);
  own.upload(large, Float32Array.of(5, 6, 7, 8));
  firstTexel(large, y);
  assertEquals([...await y.toArray()], [5, 6, 7, 8]);
});

Deno.test("BindGroups names a kernel with too few operands", () => {
  using _step = device.scope();
  const x = new Tensor(device, [1]);
  assertThrows(
    () => device.dispatch(FROM_TEXTURE, [x], { "x_offset": 0 }, 1),
    TypeError,
    'Cannot dispatch "from_texture": it has 2 bindings, not 1',
  );
});

Deno.test("BindGroups rejects an unaligned range", () => {
  using _step = device.scope();
  const { storage } = new Tensor(device, [64]);
  const y = new Tensor(device, [1]);
  assertThrows(
    () => scale(device, { storage, byteOffset: 4, byteLength: 4 }, y, 2),
    RangeError,
    'Cannot dispatch "scale": binding 0 begins at byte 4, which is not a multiple of ',
  );
});

Deno.test("BindGroups rejects a buffer that is both read and written", () => {
  using _step = device.scope();
  const x = new Tensor(device, [1]);
  assertThrows(
    () => scale(device, x, x, 2),
    RangeError,
    'Cannot dispatch "scale": bindings 0 and 1 read and write the same buffer',
  );
});

function operand({ storage, byteOffset, byteLength }: Tensor) {
  return { storage, byteOffset, byteLength };
}
