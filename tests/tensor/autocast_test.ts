import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  add,
  autocast,
  type Device,
  fromArray,
  gelu,
  linear,
  noGrad,
  requestDevice,
  sum,
  tanh,
  type Tensor,
} from "../../mod.ts";
import { keepHalf } from "../../lib/tensor/autocast.ts";
import { device } from "../helpers/device.ts";
import { needsFloat16 } from "../helpers/float16.ts";
import { overriding } from "../helpers/overriding.ts";

/** Numbers that f16 cannot hold. */
const VALUES = [0.1, -0.7, 1.3, 0.33];

function leaf(values: readonly number[]): Tensor {
  return fromArray(device, values, [values.length], { requiresGrad: true });
}

/** Rounds to f16, for numbers of its normal range. */
function half(x: number): number {
  const unit = 2 ** (Math.floor(Math.log2(Math.abs(x))) - 10);
  return unit * Math.round(x / unit);
}

Deno.test(
  needsFloat16(
    "keepHalf() rounds what the backward pass reads, not the output",
  ),
  async () => {
    using _scope = device.scope();
    using _autocast = autocast(device);
    const x = leaf(VALUES);
    const inner: Tensor[] = [];
    const y = keepHalf((x) => {
      inner.push(tanh(x));
      inner.push(tanh(inner[0]!));
      return tanh(inner[1]!);
    }, x);
    sum(y).backward();
    const [first, second, third] = [x, ...inner].map((_, i) =>
      VALUES.map((v) =>
        [Math.tanh, Math.tanh, Math.tanh].slice(0, i + 1)
          .reduce((value, f) => f(value), v)
      )
    ) as [number[], number[], number[]];
    const close = (actual: ArrayLike<number>, expected: readonly number[]) =>
      expected.forEach((value, i) =>
        assert(Math.abs(actual[i]! - value) < 2e-6 * Math.abs(value), `${i}`)
      );
    close(await y.toArray(), third);
    close(await inner[0]!.toArray(), first.map(half));
    close(await inner[1]!.toArray(), second.map(half));
    // The derivative of tanh is computed from its output.
    close(
      await x.grad!.toArray(),
      third.map((y, i) =>
        (1 - y ** 2) * (1 - half(second[i]!) ** 2) * (1 - half(first[i]!) ** 2)
      ),
    );
  },
);

Deno.test(
  needsFloat16(
    "keepHalf() does not round an output that an op of the layer keeps too",
  ),
  async () => {
    using _scope = device.scope();
    const weight = leaf(VALUES);
    const matrix = fromArray(device, VALUES, [2, 2], { requiresGrad: true });
    const layer = (x: Tensor) => {
      const y = linear(x, matrix, undefined, { activation: "gelu" });
      linear(y, matrix); // its backward pass reads y
      return y;
    };
    const x = add(fromArray(device, VALUES, [2, 2]), sum(weight));
    const expected = [...await layer(x).toArray()];
    using _autocast = autocast(device);
    assertEquals([...await keepHalf(layer, x).toArray()], expected);
  },
);

Deno.test(
  needsFloat16("keepHalf() keeps nothing where gradients are off"),
  () => {
    using _scope = device.scope();
    using _autocast = autocast(device);
    const x = tanh(leaf(VALUES));
    using _noGrad = noGrad();
    const { dispatches } = device.counters;
    keepHalf(tanh, x);
    assertEquals(device.counters.dispatches - dispatches, 1);
  },
);

Deno.test(
  needsFloat16("a second backward pass reads the numbers in f16 again"),
  async () => {
    using _scope = device.scope();
    using _autocast = autocast(device);
    const x = leaf(VALUES);
    const y = sum(keepHalf((x) => tanh(gelu(tanh(x))), x));
    y.backward();
    const once = [...await x.grad!.toArray()];
    y.backward();
    assertEquals([...await x.grad!.toArray()], once.map((g) => 2 * g));
  },
);

Deno.test(
  needsFloat16("the backward pass releases the numbers in f32 as it goes"),
  () => {
    const size = 1 << 16;
    const bytes = 4 * size;
    using _scope = device.scope();
    const x = leaf(new Array(size).fill(0.5));
    const flat = fromArray(device, [0], [1]);
    const run = (enabled: boolean) => {
      using _step = device.scope();
      using _autocast = autocast(device, { enabled });
      let y = add(x, flat);
      for (let i = 0; i < 8; i++) y = keepHalf((x) => tanh(gelu(tanh(x))), y);
      const loss = sum(y);
      const before = device.memory.liveBytes;
      loss.backward();
      return { before, after: device.memory.liveBytes };
    };
    run(true); // allocates the gradient
    const { before, after } = run(true);
    assert(after - before <= 2 * bytes, `${after - before} of ${bytes}`);
    assert(before < run(false).before - 8 * bytes);
  },
);

Deno.test(
  needsFloat16("a tensor in f16 ends with its scope, or when it is disposed"),
  async () => {
    const { liveBuffers } = device.counters;
    using _autocast = autocast(device);
    let kept: Tensor;
    {
      using _scope = device.scope();
      const x = leaf(VALUES);
      let inner: Tensor | undefined;
      keepHalf((x) => tanh(inner = tanh(x)), x);
      kept = inner!;
      assertEquals(kept.isDisposed, false);
      assertEquals((await kept.toArray()).length, VALUES.length);
      let other: Tensor | undefined;
      keepHalf((x) => tanh(other = tanh(x)), x);
      const before = device.counters.liveBuffers;
      await other!.toArray();
      assertEquals(device.counters.liveBuffers, before + 1);
      other!.dispose();
      assertEquals(device.counters.liveBuffers, before - 1);
      assertEquals(other!.isDisposed, true);
    }
    assertEquals(kept.isDisposed, true);
    assertThrows(
      () => kept.storage,
      ReferenceError,
      "the scope that it was made in has ended",
    );
    assertEquals(device.counters.liveBuffers, liveBuffers);
  },
);

Deno.test(
  needsFloat16(
    "a tensor in f16 that is moved out of its scope outlives the backward pass",
  ),
  async () => {
    using _scope = device.scope();
    using _autocast = autocast(device);
    const x = leaf(VALUES);
    let inner: Tensor | undefined;
    {
      using _inner = device.scope();
      keepHalf((x) => tanh(inner = tanh(x)), x);
      device.moveToOuterScope(inner!.storage);
    }
    const before = [...await inner!.toArray()];
    sum(inner!).backward();
    assertEquals([...await inner!.toArray()], before);
  },
);

Deno.test(needsFloat16("autocast() ends with its handle, once"), () => {
  const isKept = () => {
    using _scope = device.scope();
    const { dispatches } = device.counters;
    keepHalf((x) => tanh(tanh(x)), leaf(VALUES));
    return device.counters.dispatches - dispatches === 3;
  };
  assertEquals(isKept(), false);
  const [outer, inner] = [autocast(device), autocast(device)];
  assertEquals(isKept(), true);
  inner[Symbol.dispose]();
  inner[Symbol.dispose]();
  assertEquals(isKept(), true);
  outer[Symbol.dispose]();
  assertEquals(isKept(), false);
  using _off = autocast(device, { enabled: false });
  assertEquals(isKept(), false);
});

Deno.test(
  needsFloat16("autocast() leaves other devices as they are"),
  async () => {
    using other = await requestDevice();
    using _autocast = autocast(other);
    using _scope = device.scope();
    const { dispatches } = device.counters;
    keepHalf((x) => tanh(tanh(x)), leaf(VALUES));
    assertEquals(device.counters.dispatches - dispatches, 2);
  },
);

Deno.test("autocast() needs a device with shader-f16", () => {
  const other: Device = overriding(device, {
    hasFloat16: false,
    description: "an old GPU",
  });
  using _off = autocast(other, { enabled: false });
  assertThrows(
    () => autocast(other),
    Error,
    "Cannot use half precision on an old GPU: it has no shader-f16; leave half precision out, or use another adapter",
  );
  assertThrows(
    () => autocast(device, { dtype: "f16" } as never),
    TypeError,
    "dtype",
  );
  for (const wrong of [undefined, "cuda", () => {}]) {
    assertThrows(
      () => autocast(wrong as never),
      TypeError,
      "Cannot use half precision without a device: autocast() takes that of the model, and returns a handle; write `using _autocast = autocast(device);` at the start of a block",
    );
  }
});
