// safetensors_golden.json is the output of the Python package safetensors 0.8.0
// for TENSORS below, in base64:
//
//   values = numpy.arange(64, dtype=numpy.uint8)
//   tensors = {name: TensorSpec(dtype=…, shape=shape, data_ptr=values.ctypes.data, data_len=byte_length) for …}
//   base64.b64encode(safetensors.serialize(tensors, {"format": "pt"}))
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  fromBytes,
  type SafetensorsDtype,
} from "../../lib/checkpoint/dtype.ts";
import {
  loadSafetensors,
  type SafetensorsInput,
  saveSafetensors,
  streamSafetensors,
} from "../../lib/checkpoint/safetensors.ts";
import golden from "./safetensors_golden.json" with { type: "json" };

/** Name, dtype, shape and size of the values in bytes. */
const TENSORS: [string, SafetensorsDtype, number[], number][] = [
  ["b", "F32", [2, 3], 24],
  ["a", "F32", [1], 4],
  ["aa", "F32", [1], 4],
  ["scalar", "F32", [], 4],
  ["empty", "F32", [0, 3], 0],
  ["10", "F32", [1], 4],
  ["2", "F32", [1], 4],
  ["__proto__", "F32", [1], 4],
  ['quo"te\\\n', "F32", [1], 4],
  ["é\u2028", "F32", [1], 4],
  ["\uffee", "F32", [1], 4], // before the next in UTF-8, after it in UTF-16
  ["\u{1f600}", "F32", [1], 4],
  ["bool", "BOOL", [3], 3],
  ["u8", "U8", [1], 1],
  ["i8", "I8", [2], 2],
  ["f4", "F4", [4], 2],
  ["f8_e5m2", "F8_E5M2", [1], 1],
  ["f8_e4m3", "F8_E4M3", [1], 1],
  ["f8_e8m0", "F8_E8M0", [1], 1],
  ["f8_e4m3fnuz", "F8_E4M3FNUZ", [1], 1],
  ["f8_e5m2fnuz", "F8_E5M2FNUZ", [1], 1],
  ["i16", "I16", [2], 4],
  ["u16", "U16", [2], 4],
  ["f16", "F16", [2], 4],
  ["bf16", "BF16", [2], 4],
  ["i32", "I32", [2], 8],
  ["u32", "U32", [2], 8],
  ["c64", "C64", [2], 16],
  ["f64", "F64", [2], 16],
  ["i64", "I64", [2], 16],
  ["u64", "U64", [2], 16],
];

function inputs(): Map<string, SafetensorsInput & { dtype: SafetensorsDtype }> {
  return new Map(TENSORS.map(([name, dtype, shape, byteLength]) => {
    const bytes = Uint8Array.from({ length: byteLength }, (_, i) => i);
    return [name, { dtype, shape, data: fromBytes(dtype, bytes) }];
  }));
}

function goldenBytes(): Uint8Array {
  return Uint8Array.from(atob(golden.base64), (c) => c.charCodeAt(0));
}

Deno.test("saveSafetensors() writes the bytes of the Python package", () => {
  assertEquals(
    saveSafetensors(inputs(), { format: "pt" }),
    goldenBytes(),
  );
});

Deno.test("saveSafetensors() writes the same bytes for tensors and metadata in any order", () => {
  assertEquals(
    saveSafetensors(new Map([...inputs()].reverse()), { b: "2", a: "1" }),
    saveSafetensors(inputs(), { a: "1", b: "2" }),
  );
});

Deno.test("saveSafetensors() pads the header of an empty file, as the Rust test does", () => {
  // Source: test_empty in safetensors/src/tensor.rs
  assertEquals(
    [...saveSafetensors({})],
    [8, 0, 0, 0, 0, 0, 0, 0, 123, 125, 32, 32, 32, 32, 32, 32],
  );
});

Deno.test("loadSafetensors() reads a file of the Python package", () => {
  const loaded = loadSafetensors(goldenBytes());
  assertEquals(loaded.metadata, { format: "pt" });
  assertEquals(loaded.size, TENSORS.length);
  for (const [name, input] of inputs()) {
    assertEquals(loaded.get(name), input, name);
  }
  assertEquals([...loaded.keys()].slice(0, 5), [
    "u64",
    "i64",
    "f64",
    "c64",
    "10",
  ]);
  assertEquals(({} as Record<string, unknown>).dtype, undefined);
});

Deno.test("loadSafetensors() round-trips with saveSafetensors(), bit for bit", () => {
  const data = new Float32Array([NaN, Infinity, -Infinity, -0, 1e-45]);
  const bytes = saveSafetensors({ x: { shape: [5], data } });
  const loaded = loadSafetensors(bytes);
  assertEquals(loaded.get("x"), { dtype: "F32", shape: [5], data });
  assertEquals(loaded.metadata, undefined);
  assertEquals(saveSafetensors(loaded, loaded.metadata), bytes);
});

Deno.test("saveSafetensors() infers the dtype from the array class", () => {
  const arrays = {
    U8: new Uint8Array(1),
    I8: new Int8Array(1),
    U16: new Uint16Array(1),
    I16: new Int16Array(1),
    U32: new Uint32Array(1),
    I32: new Int32Array(1),
    F32: new Float32Array(1),
    F64: new Float64Array(1),
    U64: new BigUint64Array(1),
    I64: new BigInt64Array(1),
  };
  for (const [dtype, data] of Object.entries(arrays)) {
    const bytes = saveSafetensors({ x: { shape: [1], data } });
    assertEquals(loadSafetensors(bytes).get("x")?.dtype, dtype);
  }
});

Deno.test("loadSafetensors() returns views of aligned values, else copies", () => {
  const aligned = saveSafetensors({
    x: { shape: [2], data: new Float32Array([1.5, -2]) },
  });
  const view = loadSafetensors(aligned).get("x")!.data;
  assert(view.buffer === aligned.buffer);

  const shifted = new Uint8Array(aligned.length + 1);
  shifted.set(aligned, 1);
  const copy = loadSafetensors(shifted.subarray(1)).get("x")!.data;
  assertEquals(copy, new Float32Array([1.5, -2]));
  assert(copy.buffer !== shifted.buffer);
});

Deno.test("saveSafetensors() refuses tensors and names that a file cannot hold", async (t) => {
  const data = new Float32Array(6);
  const refused: [
    string,
    Record<string, SafetensorsInput>,
    typeof TypeError | typeof RangeError,
    string,
  ][] = [
    [
      "values that do not match the shape",
      { x: { shape: [2, 2], data } },
      RangeError,
      'Cannot save tensor "x": F32 [2,2] needs 16 bytes, but its data has 24',
    ],
    [
      "an array of another class",
      { x: { dtype: "F16", shape: [12], data } },
      TypeError,
      'Cannot save tensor "x": a Float32Array does not hold F16',
    ],
    [
      "an array class without a dtype",
      { x: { shape: [1], data: new Uint8ClampedArray(1) as never } },
      TypeError,
      "Cannot save a Uint8ClampedArray: its dtype cannot be inferred; give a dtype",
    ],
    [
      "negative sizes",
      { x: { shape: [-2, -3], data } },
      RangeError,
      'Cannot save tensor "x": F32 [-2,-3] is not a whole number of bytes',
    ],
    [
      "fractional sizes",
      { x: { shape: [0.5, 12], data } },
      RangeError,
      'Cannot save tensor "x": F32 [0.5,12] is not a whole number of bytes',
    ],
    [
      "half a byte",
      { x: { dtype: "F4", shape: [1], data: new Uint8Array(1) } },
      RangeError,
      'Cannot save tensor "x": F4 [1] is not a whole number of bytes',
    ],
    [
      "the name of the metadata",
      { __metadata__: { shape: [6], data } },
      RangeError,
      'Cannot save tensor "__metadata__": the name is already in use',
    ],
    [
      "a lone surrogate",
      { "\ud800": { shape: [6], data } },
      RangeError,
      'Cannot save "\\ud800": it has a lone surrogate',
    ],
  ];
  for (const [name, tensors, ErrorClass, message] of refused) {
    await t.step(name, () => {
      assertThrows(() => saveSafetensors(tensors), ErrorClass, message);
    });
  }
});

Deno.test("streamSafetensors() yields the bytes of saveSafetensors()", async () => {
  const sources = [...inputs()].map(([name, { dtype, shape, data }]) => ({
    name,
    dtype,
    shape,
    data: () => Promise.resolve(data),
  }));
  const bytes: number[] = [];
  for await (const chunk of streamSafetensors(sources, { format: "pt" })) {
    bytes.push(...chunk);
  }
  assertEquals(bytes, [...goldenBytes()]);
});

Deno.test("streamSafetensors() has one large tensor in memory, or up to 16 MiB of small ones", async () => {
  const MIB = 2 ** 20;
  const requested: number[] = [];
  const sources = [20, 6, 6, 4, 1, 20, 8, 9].map((mib, i) => ({
    name: `${i}`,
    dtype: "U8" as const,
    shape: [mib * MIB],
    data: () => {
      requested.push(mib);
      return Promise.resolve(new Uint8Array(mib * MIB));
    },
  }));
  const atChunk: string[] = [];
  for await (const _ of streamSafetensors(sources)) {
    atChunk.push(requested.splice(0).join());
  }
  assertEquals(atChunk, ["", "20", "6,6,4", "1", "", "", "20", "8", "9"]);
});

Deno.test("streamSafetensors() fails at the tensor that cannot be read, unless it is left before", async () => {
  const good = () => Promise.resolve(new Uint8Array(1));
  const bad = () => Promise.reject(new Error("lost"));
  const sources = [good, bad].map((data, i) => ({
    ...{ name: `${i}`, dtype: "U8" as const, shape: [1], data },
  }));
  for (const taken of [2, 3]) {
    const chunks = streamSafetensors(sources);
    for (let i = 0; i < 2; i++) assertEquals((await chunks.next()).done, false);
    if (taken === 3) await assertRejects(() => chunks.next(), Error, "lost");
    else await chunks.return();
  }
});

Deno.test("streamSafetensors() refuses duplicate names, and values that do not match the shape", async () => {
  const source = {
    name: "x",
    dtype: "F32",
    shape: [2],
    data: () => new Float32Array(1),
  } as const;
  await assertRejects(
    () => Array.fromAsync(streamSafetensors([source, source])),
    RangeError,
    'Cannot save tensor "x": the name is already in use',
  );
  await assertRejects(
    () => Array.fromAsync(streamSafetensors([source])),
    RangeError,
    'Cannot save tensor "x": F32 [2] needs 8 bytes, but its data has 4',
  );
});
