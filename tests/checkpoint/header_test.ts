import { assert, assertEquals, assertThrows } from "@std/assert";
import { loadSafetensors } from "../../lib/checkpoint/safetensors.ts";

/** Makes a file of a header and `values` zero bytes; `size` overrides the size of the header. */
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

/** Makes the header of a tensor "a", `U8 [2]` in bytes 0 to 2 except for `change`. */
function header(change: string, rest = ""): string {
  const entry = { dtype: '"U8"', shape: "[2]", "data_offsets": "[0,2]" };
  const fields = Object.entries(entry).map(([key, value]) =>
    change.startsWith(`"${key}":`) ? change : `"${key}":${value}`
  );
  return `{"a":{${fields.join(",")}}${rest}}`;
}

Deno.test("loadSafetensors() accepts what the format allows", async (t) => {
  const allowed: [string, string, number, number][] = [
    ["no tensors", "{}", 0, 0],
    ["white space after the header", header("") + " \n\t ", 2, 1],
    ["an entry with extra fields", header('"dtype":"U8","x":[1]'), 2, 1],
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
      "six bits per value",
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

Deno.test("loadSafetensors() rejects incomplete and invalid files", async (t) => {
  const rejected: [string, Uint8Array, string][] = [
    [
      "fewer than 8 bytes",
      new Uint8Array(7),
      "it has 7 bytes, fewer than the 8 that it must start with",
    ],
    [
      "a header of more than 100 MB",
      file("{}", 0, 100_000_001n),
      "its header declares 100000001 bytes, more than the 100000000 allowed",
    ],
    [
      "a header size beyond 2^63",
      file("{}", 0, 2n ** 64n - 1n),
      "its header declares 18446744073709551615 bytes, more than the 100000000 allowed",
    ],
    [
      "a header longer than the file",
      file("{}", 0, 3n),
      "its header declares 3 bytes, but the file has 10: it is truncated",
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
      "zeros after the header",
      file(header("") + "\0", 2),
      "its header is not valid JSON",
    ],
    [
      "an unknown dtype",
      file(header('"dtype":"F7"'), 2),
      'tensor "a" has the unknown dtype "F7"',
    ],
    [
      "a dtype that is a property of every object",
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
      "a shape of strings",
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
      'tensor "a" begins at byte 1 of the values, but the previous one ends at 0',
    ],
    [
      "a hole",
      file(
        header("", ',"b":{"dtype":"U8","shape":[1],"data_offsets":[3,4]}'),
        4,
      ),
      'tensor "b" begins at byte 3 of the values, but the previous one ends at 2',
    ],
    [
      "an overlap",
      file(
        header("", ',"b":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}'),
        2,
      ),
      'tensor "b" begins at byte 1 of the values, but the previous one ends at 2',
    ],
    [
      "the same bytes twice",
      file(
        header("", ',"b":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}'),
        2,
      ),
      'tensor "b" begins at byte 0 of the values, but the previous one ends at 2',
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
      "fewer bytes than the shape takes",
      file(header('"shape":[3]'), 2),
      'tensor "a" of U8 [3] takes 3 bytes, but its data_offsets are [0, 2]',
    ],
    [
      "more bytes than the shape takes",
      file(header('"shape":[1]'), 2),
      'tensor "a" of U8 [1] takes 1 bytes, but its data_offsets are [0, 2]',
    ],
    [
      "fewer bytes than the dtype takes",
      file(header('"dtype":"F32"'), 2),
      'tensor "a" of F32 [2] takes 8 bytes, but its data_offsets are [0, 2]',
    ],
    [
      "a tensor that ends inside a byte",
      file(header('"dtype":"F4","shape":[3]').replace('"shape":[2],', ""), 2),
      'tensor "a" of F4 [3] ends inside a byte',
    ],
    [
      "bytes after the values",
      file(header(""), 3),
      "its header describes 63 bytes, but the file has 64: other bytes follow the values",
    ],
    [
      "truncated values",
      file(header(""), 1),
      "its header describes 63 bytes, but the file has 62: it is truncated",
    ],
    [
      "a duplicate name",
      file(
        header("", ',"a":{"dtype":"U8","shape":[0],"data_offsets":[2,2]}'),
        2,
      ),
      'its header has the key "a" twice',
    ],
    [
      "a duplicate name, once escaped",
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
      "a duplicate field",
      file(header('"dtype":"F32","dtype":"U8"'), 2),
      'its header has the key "dtype" twice',
    ],
    [
      "a duplicate __proto__",
      file(
        '{"__proto__":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"__proto__":{}}',
        0,
      ),
      'its header has the key "__proto__" twice',
    ],
    [
      "a lone surrogate in a name",
      file(
        '{"\\ud800":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}',
        0,
      ),
      "its header has a lone surrogate in a key",
    ],
    [
      "metadata that is not a string",
      file('{"__metadata__":{"step":1}}', 0),
      'its "__metadata__" must map strings to strings',
    ],
    [
      "metadata that is null",
      file('{"__metadata__":null}', 0),
      'its "__metadata__" must map strings to strings',
    ],
  ];
  for (const [name, bytes, message] of rejected) {
    await t.step(name, () => {
      assertThrows(() => loadSafetensors(bytes), SyntaxError, message);
    });
  }
});

Deno.test("loadSafetensors() rejects a malicious header quickly", async (t) => {
  // 2 MB each, so that a quadratic or recursive algorithm would fail.
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
      "but the previous one ends at 2",
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
