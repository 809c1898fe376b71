// safetensors_golden.json holds what the Python package safetensors 0.8.0 makes
// of TENSORS below, in base64:
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

/** Name, dtype, shape, bytes of the values. */
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

/** A file of the given header and values; the header's size may be made up. */
function file(
  header: string | Uint8Array<ArrayBuffer>,
  values: number,
  size?: bigint,
): Uint8Array {
  const bytes = typeof header === "string"
    ? new TextEncoder().encode(header)
    : header;
  const out = new Uint8Array(8 + bytes.length + values);
  new DataView(out.buffer).setBigUint64(0, size ?? BigInt(bytes.length), true);
  out.set(bytes, 8);
  return out;
}

/** The header of tensor "a", which is `U8 [2]` in bytes 0 to 2 but for `change`. */
function header(change: string, rest = ""): string {
  const entry = { dtype: '"U8"', shape: "[2]", "data_offsets": "[0,2]" };
  const fields = Object.entries(entry).map(([key, value]) =>
    change.startsWith(`"${key}":`) ? change : `"${key}":${value}`
  );
  return `{"a":{${fields.join(",")}}${rest}}`;
}

Deno.test("saveSafetensors() gives the bytes of the Python package", () => {
  assertEquals(
    saveSafetensors(inputs(), { format: "pt" }),
    goldenBytes(),
  );
});

Deno.test("saveSafetensors() gives the same bytes in whatever order tensors and metadata come", () => {
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

Deno.test("loadSafetensors() reads what the Python package wrote", () => {
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

Deno.test("loadSafetensors() undoes saveSafetensors(), to the bit", () => {
  const data = new Float32Array([NaN, Infinity, -Infinity, -0, 1e-45]);
  const bytes = saveSafetensors({ x: { shape: [5], data } });
  const loaded = loadSafetensors(bytes);
  assertEquals(loaded.get("x"), { dtype: "F32", shape: [5], data });
  assertEquals(loaded.metadata, undefined);
  assertEquals(saveSafetensors(loaded, loaded.metadata), bytes);
});

Deno.test("saveSafetensors() takes the dtype from the array where none is given", () => {
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

Deno.test("loadSafetensors() gives views where the values are aligned, else copies", () => {
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

Deno.test("loadSafetensors() accepts what the format allows", async (t) => {
  const allowed: [string, string, number, number][] = [
    ["no tensors", "{}", 0, 0],
    ["white space behind the header", header("") + " \n\t ", 2, 1],
    ["an entry with more fields", header('"dtype":"U8","x":[1]'), 2, 1],
    [
      "tensors in another order than their values",
      '{"a":{"dtype":"U8","shape":[1],"data_offsets":[4,5]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
      5,
      2,
    ],
    [
      "empty tensors between others",
      header(
        "",
        ',"b":{"dtype":"U8","shape":[0],"data_offsets":[2,2]},"c":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}',
      ),
      2,
      3,
    ],
    [
      "six bits a value",
      '{"a":{"dtype":"F6_E2M3","shape":[4],"data_offsets":[0,3]}}',
      3,
      1,
    ],
  ];
  for (const [name, text, values, tensors] of allowed) {
    await t.step(name, () => {
      assertEquals(loadSafetensors(file(text, values)).size, tensors);
    });
  }
});

Deno.test("loadSafetensors() rejects what is not whole and valid", async (t) => {
  const rejected: [string, Uint8Array, string][] = [
    [
      "fewer than 8 bytes",
      new Uint8Array(7),
      "it has 7 bytes, fewer than the 8 that it must start with",
    ],
    [
      "a header of more than 100 MB",
      file("{}", 0, 100_000_001n),
      "its header claims 100000001 bytes, more than the 100000000 allowed",
    ],
    [
      "a header size beyond 2^63",
      file("{}", 0, 2n ** 64n - 1n),
      "its header claims 18446744073709551615 bytes, more than the 100000000 allowed",
    ],
    [
      "a header longer than the file",
      file("{}", 0, 3n),
      "its header claims 3 bytes, but the file has 10: it is torn",
    ],
    [
      "a header that is not UTF-8",
      file(new Uint8Array([0x7b, 0xff, 0x7d]), 0),
      "its header is not valid UTF-8",
    ],
    ["an empty header", file("", 0), 'its header must start with "{"'],
    [
      "white space before the header",
      file(" " + header(""), 2),
      'its header must start with "{"',
    ],
    [
      "a byte order mark",
      file("\ufeff" + header(""), 2),
      'its header must start with "{"',
    ],
    ["invalid JSON", file('{"a":', 0), "its header is not valid JSON"],
    [
      "zeros behind the header",
      file(header("") + "\0", 2),
      "its header is not valid JSON",
    ],
    [
      "an unknown dtype",
      file(header('"dtype":"F7"'), 2),
      'tensor "a" has the unknown dtype "F7"',
    ],
    [
      "a dtype that every object has",
      file(header('"dtype":"toString"'), 2),
      'tensor "a" has the unknown dtype "toString"',
    ],
    [
      "an entry that is null",
      file('{"a":null}', 0),
      'tensor "a" has the unknown dtype undefined',
    ],
    [
      "a negative size",
      file(header('"shape":[-2]'), 2),
      "its header has the number -2: sizes and offsets are whole numbers",
    ],
    ["minus zero", file(header('"data_offsets":[-0,2]'), 2), "the number -0"],
    ["a fraction", file(header('"shape":[2.5]'), 2), "the number 2.5"],
    ["2.0 for 2", file(header('"shape":[2.0]'), 2), "the number 2.0"],
    ["2e0 for 2", file(header('"shape":[2e0]'), 2), "the number 2e0"],
    [
      "a number above 2^53 - 1",
      file(header('"shape":[9007199254740992]'), 2),
      "the number 9007199254740992",
    ],
    [
      "no shape",
      file(header('"shape":2'), 2),
      'tensor "a" has no shape',
    ],
    [
      "a shape of texts",
      file(header('"shape":["2"]'), 2),
      'tensor "a" has no shape',
    ],
    [
      "one offset",
      file(header('"data_offsets":[2]'), 2),
      'tensor "a" has no pair of data_offsets',
    ],
    [
      "values that do not begin at 0",
      file(header('"data_offsets":[1,3]'), 3),
      'tensor "a" begins at byte 1 of the values, but the one before it ends at 0',
    ],
    [
      "a hole",
      file(
        header("", ',"b":{"dtype":"U8","shape":[1],"data_offsets":[3,4]}'),
        4,
      ),
      'tensor "b" begins at byte 3 of the values, but the one before it ends at 2',
    ],
    [
      "an overlap",
      file(
        header("", ',"b":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}'),
        2,
      ),
      'tensor "b" begins at byte 1 of the values, but the one before it ends at 2',
    ],
    [
      "the same bytes twice",
      file(
        header("", ',"b":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}'),
        2,
      ),
      'tensor "b" begins at byte 0 of the values, but the one before it ends at 2',
    ],
    [
      "an end before its begin",
      file(header('"data_offsets":[2,0]'), 2),
      'tensor "a" of U8 [2] takes 2 bytes, but its data_offsets are [2, 0]',
    ],
    [
      "a size that cannot be counted",
      file(
        header('"shape":[4294967296,4294967296,0]').replace("0,2", "0,0"),
        0,
      ),
      'tensor "a" of U8 [4294967296,4294967296,0] is too large to count',
    ],
    [
      "bytes that do not fit the shape",
      file(header('"shape":[3]'), 2),
      'tensor "a" of U8 [3] takes 3 bytes, but its data_offsets are [0, 2]',
    ],
    [
      "more bytes than the shape takes",
      file(header('"shape":[1]'), 2),
      'tensor "a" of U8 [1] takes 1 bytes, but its data_offsets are [0, 2]',
    ],
    [
      "bytes that do not fit the dtype",
      file(header('"dtype":"F32"'), 2),
      'tensor "a" of F32 [2] takes 8 bytes, but its data_offsets are [0, 2]',
    ],
    [
      "a tensor that ends inside a byte",
      file(header('"dtype":"F4","shape":[3]').replace('"shape":[2],', ""), 2),
      'tensor "a" of F4 [3] ends inside a byte',
    ],
    [
      "bytes behind the values",
      file(header(""), 3),
      "its header describes 63 bytes, but the file has 64: something follows the values",
    ],
    [
      "values cut short",
      file(header(""), 1),
      "its header describes 63 bytes, but the file has 62: it is torn",
    ],
    [
      "a name twice",
      file(
        header("", ',"a":{"dtype":"U8","shape":[0],"data_offsets":[2,2]}'),
        2,
      ),
      'its header has the key "a" twice',
    ],
    [
      "a name twice, once escaped",
      file(
        header(
          "",
          ',"\\u0061":{"dtype":"U8","shape":[0],"data_offsets":[2,2]}',
        ),
        2,
      ),
      'its header has the key "a" twice',
    ],
    [
      "a field twice",
      file(header('"dtype":"F32","dtype":"U8"'), 2),
      'its header has the key "dtype" twice',
    ],
    [
      "__proto__ twice",
      file(
        '{"__proto__":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"__proto__":{}}',
        0,
      ),
      'its header has the key "__proto__" twice',
    ],
    [
      "half a character in a name",
      file(
        '{"\\ud800":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}',
        0,
      ),
      "its header has half a character in a key",
    ],
    [
      "metadata that is no text",
      file('{"__metadata__":{"step":1}}', 0),
      'its "__metadata__" must map texts to texts',
    ],
    [
      "metadata that is null",
      file('{"__metadata__":null}', 0),
      'its "__metadata__" must map texts to texts',
    ],
  ];
  for (const [name, bytes, message] of rejected) {
    await t.step(name, () => {
      assertThrows(() => loadSafetensors(bytes), SyntaxError, message);
    });
  }
});

Deno.test("loadSafetensors() ends soon on a header made to exhaust it", async (t) => {
  // 2 MB each, so that a quadratic or recursive step would show.
  const long = "\\\\".repeat(1_000_000);
  const hostile: [string, string, string][] = [
    [
      "depth",
      `{"a":${"[".repeat(1_000_000)}${"]".repeat(1_000_000)}}`,
      "unknown dtype",
    ],
    ["a long name", `{"${long}":1}`, "unknown dtype"],
    ["a long number", `{"a":${"1".repeat(2_000_000)}}`, "the number 1111"],
    [
      "many sizes",
      header(`"shape":[${"9007199254740991,".repeat(100_000)}1]`),
      "too large to count",
    ],
    [
      "many tensors in the same bytes",
      `{${
        Array.from({ length: 30_000 }, (_, i) =>
          `"${i}":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}`).join()
      }}`,
      "but the one before it ends at 2",
    ],
  ];
  for (const [name, text, message] of hostile) {
    await t.step(name, () => {
      const started = performance.now();
      assertThrows(() => loadSafetensors(file(text, 2)), SyntaxError, message);
      assert(performance.now() - started < 10_000);
    });
  }
});

Deno.test("saveSafetensors() refuses what a file cannot hold", async (t) => {
  const data = new Float32Array(6);
  const refused: [
    string,
    Record<string, SafetensorsInput>,
    typeof TypeError | typeof RangeError,
    string,
  ][] = [
    [
      "values that do not fit the shape",
      { x: { shape: [2, 2], data } },
      RangeError,
      'Cannot save tensor "x": F32 [2,2] needs 16 bytes, its data has 24',
    ],
    [
      "an array of another class",
      { x: { dtype: "F16", shape: [12], data } },
      TypeError,
      'Cannot save tensor "x": F16 is not held by a Float32Array',
    ],
    [
      "an array without a dtype of its own",
      { x: { shape: [1], data: new Uint8ClampedArray(1) as never } },
      TypeError,
      "Cannot save a Uint8ClampedArray: give its dtype",
    ],
    [
      "negative sizes",
      { x: { shape: [-2, -3], data } },
      RangeError,
      'Cannot save tensor "x": F32 [-2,-3] is no whole number of bytes',
    ],
    [
      "half a size",
      { x: { shape: [0.5, 12], data } },
      RangeError,
      'Cannot save tensor "x": F32 [0.5,12] is no whole number of bytes',
    ],
    [
      "half a byte",
      { x: { dtype: "F4", shape: [1], data: new Uint8Array(1) } },
      RangeError,
      'Cannot save tensor "x": F4 [1] is no whole number of bytes',
    ],
    [
      "the name of the metadata",
      { __metadata__: { shape: [6], data } },
      RangeError,
      'Cannot save tensor "__metadata__": the name is already taken',
    ],
    [
      "half a character",
      { "\ud800": { shape: [6], data } },
      RangeError,
      'Cannot save "\\ud800": it has half a character',
    ],
  ];
  for (const [name, tensors, ErrorClass, message] of refused) {
    await t.step(name, () => {
      assertThrows(() => saveSafetensors(tensors), ErrorClass, message);
    });
  }
});

Deno.test("streamSafetensors() gives the bytes of saveSafetensors(), one tensor at a time", async () => {
  const asked: string[] = [];
  const sources = [...inputs()].map(([name, { dtype, shape, data }]) => ({
    name,
    dtype,
    shape,
    data: () => {
      asked.push(name);
      return Promise.resolve(data);
    },
  }));
  const bytes: number[] = [];
  let pieces = 0;
  for await (const piece of streamSafetensors(sources, { format: "pt" })) {
    assertEquals(asked.length, pieces++); // no values are asked for ahead
    bytes.push(...piece);
  }
  assertEquals(bytes, [...goldenBytes()]);
});

Deno.test("streamSafetensors() refuses a name twice, and values that do not fit", async () => {
  const source = {
    name: "x",
    dtype: "F32",
    shape: [2],
    data: () => new Float32Array(1),
  } as const;
  await assertRejects(
    () => Array.fromAsync(streamSafetensors([source, source])),
    RangeError,
    'Cannot save tensor "x": the name is already taken',
  );
  await assertRejects(
    () => Array.fromAsync(streamSafetensors([source])),
    RangeError,
    'Cannot save tensor "x": F32 [2] needs 8 bytes, its data has 4',
  );
});
