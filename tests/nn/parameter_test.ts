import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import {
  constant,
  type Device,
  fromArray,
  Linear,
  mul,
  Parameter,
  SGD,
  type Shape,
  sum,
} from "../../mod.ts";
import { BLOCK } from "../../lib/nn/parameter.ts";
import { flattenParameters } from "../../lib/nn/flatten_parameters.ts";
import { device } from "../helpers/device.ts";

function parameter(shape: Shape, value = 0, isTable = false): Parameter {
  return new Parameter(device, shape, constant(value), { isTable });
}

/** Names of the parameters that share a flat buffer with this one. */
function namesIn(
  { flatBuffer }: Parameter,
  named: Readonly<Record<string, Parameter>>,
): string[] {
  return flatBuffer.parameters.map((p) =>
    Object.entries(named).find(([, other]) => other === p)![0]
  );
}

Deno.test("Parameter computes its initial values once", async () => {
  let calls = 0;
  const p = new Parameter(device, [2, 3], (values) => {
    calls++;
    values.forEach((_, i) => values[i] = i);
  });
  assertEquals([p.requiresGrad, p.isAllocated, calls], [true, false, 0]);
  assertEquals([...await p.toArray()], [0, 1, 2, 3, 4, 5]);
  assertEquals([...await p.toArray()], [0, 1, 2, 3, 4, 5]);
  assertEquals([p.isAllocated, calls], [true, 1]);
});

Deno.test("Parameter.load() replaces the initial values", async () => {
  const p = new Parameter(device, [2], () => {
    throw new Error("not needed");
  });
  const values = Float32Array.of(1, 2);
  p.load(values);
  values.fill(0); // load() copies them
  assertEquals(p.isAllocated, false);
  assertEquals([...await p.toArray()], [1, 2]);
  p.load(Float32Array.of(3, 4));
  assertEquals([...await p.toArray()], [3, 4]);
  assertEquals(
    assertThrows(() => p.load(Float32Array.of(1, 2, 3)), RangeError).message,
    "Cannot load 3 values into a parameter of shape [2]",
  );
  assertEquals([...await p.toArray()], [3, 4]);
});

Deno.test("Parameter.grad is a view of the gradient buffer, at the offset of the values", async () => {
  const [a, b] = [parameter([3], 2), parameter([2], 5)];
  flattenParameters(Object.entries({ a, b }));
  using _scope = device.scope();
  sum(mul(b, b)).backward();
  assertEquals([...await b.grad!.toArray()], [10, 10]);
  assertStrictEquals(b.grad!.storage, a.flatBuffer.gradStorage);
  assertEquals(b.grad!.byteOffset, b.byteOffset);
  assertStrictEquals(a.grad, undefined);
  const { tensor } = a.gradSlot();
  assertEquals([...await tensor.toArray()], [0, 0, 0], "initially cleared");
});

Deno.test("Parameter starts from its initial values if its first use is an optimizer step", async () => {
  using _scope = device.scope();
  const p = parameter([2], 5);
  p.grad = fromArray(device, [1, 2], [2]);
  new SGD([p], { lr: 1 }).step();
  assertEquals([...await p.toArray()], [4, 3]);
});

Deno.test("Parameter accepts the gradient of another parameter in its flat buffer", async () => {
  using _scope = device.scope();
  const [a, b] = [parameter([3], 2), parameter([3], 5)];
  flattenParameters(Object.entries({ a, b }));
  sum(mul(b, b)).backward();
  a.grad = b.grad; // a copy within one buffer
  new SGD([a, b], { lr: 0.5 }).step();
  assertEquals([...await a.toArray()], [-3, -3, -3]);
  assertEquals([...await b.toArray()], [0, 0, 0]);
});

Deno.test("flattenParameters() separates large embedding tables, matrices and other parameters", async () => {
  const named = {
    "words.weight": parameter([1024, 64], 1, true),
    "norm.weight": parameter([3], 2),
    "dense.weight": parameter([9, 9], 3),
    "dense.bias": parameter([9], 4),
    "types.weight": parameter([2, 3], 5, true),
    "scale": parameter([], 6),
    "out.weight": parameter([2, 9], 7),
  };
  const early = named["dense.bias"].flatBuffer; // allocates it
  named["dense.bias"].load(new Float32Array(9).fill(8));
  named["out.weight"].load(new Float32Array(18).fill(9));
  flattenParameters(Object.entries(named));

  const buffers = new Set(
    Object.values(named).map(({ flatBuffer }) => flatBuffer),
  );
  assertEquals(
    [...buffers].map(({ parameters }) => namesIn(parameters[0]!, named)),
    [
      ["words.weight"],
      ["norm.weight", "types.weight", "scale"],
      ["dense.weight", "out.weight"],
      ["dense.bias"],
    ],
  );
  assertStrictEquals(named["dense.bias"].flatBuffer, early);
  for (const flatBuffer of buffers) {
    let end = 0;
    for (const { byteOffset, size } of flatBuffer.parameters) {
      assertEquals(byteOffset, 4 * end, "they are adjacent");
      end += BLOCK * Math.ceil(size / BLOCK);
    }
    assertEquals(flatBuffer.size, end);
  }
  const expected = [1, 2, 3, 8, 5, 6, 9];
  for (const [i, p] of Object.values(named).entries()) {
    assertEquals([...await p.toArray()], Array(p.size).fill(expected[i]));
  }
});

/** The device with a limit of seven blocks per binding. */
const small = new Proxy(device, {
  get(target, name: keyof Device) {
    if (name === "maxBindingBytes") return 7 * 4 * BLOCK;
    const value = target[name];
    return typeof value === "function" ? value.bind(target) : value;
  },
});

Deno.test("flattenParameters() makes no flat buffer larger than the device can bind", () => {
  const names = [0, 1, 2, 3, 4].flatMap((i) =>
    ["query", "key", "value"].map((name) => `layer.${i}.${name}.weight`)
  );
  const named = Object.fromEntries(
    names.map((name) => {
      // One block each, two in layer 2.
      const rows = name.includes("2") ? BLOCK : BLOCK / 2;
      return [name, new Parameter(small, [rows, 2], constant(0))];
    }),
  );
  flattenParameters(Object.entries(named));
  const buffers = new Set(
    Object.values(named).map(({ flatBuffer }) => flatBuffer),
  );
  assertEquals(
    [...buffers].map(({ parameters }) => namesIn(parameters[0]!, named)),
    [names.slice(0, 6), names.slice(6, 9), names.slice(9)],
    "whole layers, at most seven blocks",
  );
});

Deno.test("flattenParameters() splits a layer that is larger than the device can bind", () => {
  const named = Object.fromEntries(
    [1, 3, 3, 2, 5, 1].map((blocks, i) => [
      `weight${i}`,
      new Parameter(small, [blocks, BLOCK], constant(0)),
    ]),
  );
  flattenParameters(Object.entries(named));
  const buffers = new Set(
    Object.values(named).map(({ flatBuffer }) => flatBuffer),
  );
  assertEquals(
    [...buffers].map(({ parameters }) => namesIn(parameters[0]!, named)),
    [["weight0", "weight1", "weight2"], ["weight3", "weight4"], ["weight5"]],
  );
});

Deno.test("a layer says that it takes the device first", () => {
  const features: unknown = 4;
  assertThrows(
    () => new Linear(features as Device, 2, 1),
    TypeError,
    "Cannot make a parameter: its device is the number 4; pass the device first: await requestDevice()",
  );
});
