import {
  assert,
  assertEquals,
  assertNotStrictEquals,
  assertThrows,
} from "@std/assert";
import { fromArray } from "../../../mod.ts";
import {
  copyState,
  decodeState,
  encodeState,
  type Json,
  tensorNames,
} from "../../../lib/training/state/values.ts";
import { device } from "../../helpers/device.ts";

/** Encodes a state, writes and reads its JSON, and decodes it. */
async function roundTrip(state: unknown): Promise<unknown> {
  const { json, tensors } = encodeState(state, "x");
  const values = new Map<string, ArrayBufferView>();
  for (const { name, data } of tensors) values.set(name, await data());
  const read = JSON.parse(JSON.stringify(json)) as Json;
  return decodeState(read, (name) => values.get(name) as Uint8Array);
}

Deno.test("encodeState() keeps every value", async () => {
  const states: unknown[] = [
    ...[null, true, false, "", "NaN", 0, -0, NaN, Infinity, -Infinity, 0.1],
    ...[Number.MAX_VALUE, Number.MIN_VALUE, 2 ** 53, [], {}, [[], [{}]]],
    { a: { b: [1, [-0, NaN]] }, "a/b.c": "text", "": 1, constructor: 2 },
    JSON.parse('{"__proto__": {"x": 1}, "toString": [2]}'),
    Float32Array.of(NaN, -0, Math.fround(0.1)),
    [Float64Array.of(0.1, -Infinity), BigUint64Array.of(2n ** 64n - 1n)],
    {
      bytes: Uint8Array.of(255),
      none: new Int16Array(),
      words: Int8Array.of(),
    },
    Object.assign(Object.create(null), { a: 1 }),
  ];
  for (const state of states) {
    const restored = await roundTrip(state);
    const plain =
      state && typeof state === "object" && !ArrayBuffer.isView(state) &&
        !Array.isArray(state)
        ? { ...state }
        : state;
    assertEquals(restored, plain);
    assert(typeof state !== "number" || Object.is(restored, state));
    if (state && typeof state === "object") {
      assertEquals(Object.keys(restored as object), Object.keys(state));
    }
  }
});

Deno.test("encodeState() leaves properties out that are undefined", async () => {
  assertEquals(
    Object.keys(await roundTrip({ a: undefined, b: null }) as object),
    ["b"],
  );
});

Deno.test("encodeState() takes the values of tensors, under their place in the state", async () => {
  using _scope = device.scope();
  const tensor = fromArray(device, [1, -0, NaN], [3, 1]);
  const state = { shadow: [{ "encoder.weight": tensor }], count: 2 };
  const { json, tensors: [source] } = encodeState(state, "average");
  assertEquals(tensorNames(json), ["shadow.0.encoder.weight"]);
  assertEquals(source!.name, "shadow.0.encoder.weight");
  assertEquals(source!.shape, [3, 1]);
  assertEquals(await roundTrip(state), {
    shadow: [{ "encoder.weight": Float32Array.of(1, -0, NaN) }],
    count: 2,
  });
  assertEquals(tensorNames(encodeState(tensor, "x").json), ["value"]);
});

Deno.test("encodeState() refuses what has no place in JSON or a tensor", () => {
  class Own {}
  const cases: [unknown, reason: string][] = [
    [undefined, "x is undefined"],
    [[1, undefined], "x.1 is undefined"],
    [[1, , 3], "x.1 is undefined"], // deno-lint-ignore no-sparse-arrays
    [{ a: { b: () => {} } }, "x.a.b is Function"],
    [{ a: 5n }, "x.a is BigInt"],
    [{ a: new Map() }, "x.a is Map"],
    [new Own(), "x is Own"],
    [{ a: new DataView(new ArrayBuffer(1)) }, "x.a is DataView"],
    [Symbol("a"), "x is Symbol"],
    [{ "$tensor": 1 }, 'its key "$tensor" stands for a value'],
    [{ a: { "$number": 1 } }, 'its key "$number" stands for a value'],
  ];
  for (const [state, reason] of cases) {
    assertThrows(
      () => encodeState(state, "x"),
      TypeError,
      `Cannot save the state of x: ${reason}`,
    );
  }
});

Deno.test("copyState() is not reached by later changes", async () => {
  using _scope = device.scope();
  const values = Float32Array.of(1, 2);
  const tensor = fromArray(device, [3], [1]);
  const state = { list: [1], values, tensor };
  const copy = await copyState(state, "x") as typeof state;
  assertNotStrictEquals(copy.values, values);
  state.list[0] = 9;
  values[0] = 9;
  device.upload(tensor, Float32Array.of(9));
  assertEquals(copy as unknown, {
    list: [1],
    values: Float32Array.of(1, 2),
    tensor: Float32Array.of(3),
  });
});
