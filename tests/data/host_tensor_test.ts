import { assertEquals, assertThrows } from "@std/assert";
import { HostTensor } from "../../lib/data/host_tensor.ts";

Deno.test("HostTensor.from() infers the shape and the dtype", async (t) => {
  const cases = [
    { nested: [[1, 2, 3], [4, 5, 6]], shape: [2, 3], dtype: "i32" },
    { nested: [[[1], [2]]], shape: [1, 2, 1], dtype: "i32" },
    { nested: [1, 0.5], shape: [2], dtype: "f32" },
    { nested: 7, shape: [], dtype: "i32" },
    { nested: [], shape: [0], dtype: "i32" },
    { nested: [[], []], shape: [2, 0], dtype: "i32" },
    { nested: [NaN], shape: [1], dtype: "f32" },
    {
      nested: [new Int32Array([1, 2]), [3, 4]],
      shape: [2, 2],
      dtype: "i32",
    },
  ];
  for (const { nested, shape, dtype } of cases) {
    await t.step(`${dtype} [${shape}]`, () => {
      const tensor = HostTensor.from(nested);
      assertEquals(tensor.shape, shape);
      assertEquals(tensor.dtype, dtype);
    });
  }
});

Deno.test("HostTensor.from() stores the elements row-major", () => {
  assertEquals(
    HostTensor.from([[1, 2, 3], [4, 5, 6]]).data,
    new Int32Array([1, 2, 3, 4, 5, 6]),
  );
  assertEquals(
    HostTensor.from([[1, 2], [3, 4]], "f32").data,
    new Float32Array([1, 2, 3, 4]),
  );
});

Deno.test("HostTensor.from() rejects ragged arrays", async (t) => {
  const ragged = [
    [[1, 2], [3]],
    [[1], [2, 3]],
    [1, [2]],
    [[1], 2],
    [[[1]], [2]],
  ];
  for (const nested of ragged) {
    await t.step(JSON.stringify(nested), () => {
      assertThrows(
        () => HostTensor.from(nested),
        RangeError,
        "Cannot make a host tensor of a ragged array: dimension",
      );
    });
  }
});

Deno.test("HostTensor.from() rejects values that the dtype does not hold", () => {
  for (const value of [1.5, 2 ** 31, -(2 ** 31) - 1, NaN]) {
    assertThrows(
      () => HostTensor.from([1, value], "i32"),
      RangeError,
      `Cannot make an i32 host tensor: ${value} is not a 32-bit integer`,
    );
  }
  assertThrows(() => HostTensor.from([2 ** 31]), RangeError, "2147483648");
  assertEquals(HostTensor.from([-(2 ** 31)]).data[0], -(2 ** 31));
  for (const value of ["1", undefined, 1n]) {
    assertThrows(
      () => HostTensor.from([1, value as unknown as number]),
      TypeError,
      `Cannot make a host tensor: ${value} is a ${typeof value}, not a number`,
    );
  }
});

Deno.test("HostTensor rejects data that does not match its shape", () => {
  assertThrows(
    () => new HostTensor(new Int32Array(5), [2, 3]),
    RangeError,
    "Cannot make a host tensor of shape [2,3] from 5 values: it needs 6",
  );
});

Deno.test("HostTensor.to() says that a batch stays on the host", () => {
  assertThrows(
    () => HostTensor.from([1]).to("cuda"),
    TypeError,
    "Cannot move a host tensor: a batch stays on the host, and forward uploads its real tokens; pass the batch as it is",
  );
});
