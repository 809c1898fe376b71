import { assertEquals, assertThrows } from "@std/assert";
import { quantizeRows } from "../../lib/onnx/quantize.ts";

Deno.test("quantizeRows() scales each row by its largest absolute value", () => {
  const weights = Float32Array.of(1, -127, 63.4, 0.5, 0.25, -0.125);
  const { values, scales } = quantizeRows(weights, 2, "w");
  // By hand: 127 / 127 and 0.5 / 127.
  assertEquals([...values], [1, -127, 63, 127, 64, -32]);
  assertEquals([...scales], [1, Math.fround(0.5 / 127)]);
});

Deno.test("quantizeRows() keeps rows of zeros", () => {
  const { values, scales } = quantizeRows(Float32Array.of(0, 0, 2, 0), 2, "w");
  assertEquals([...values], [0, 0, 127, 0]);
  assertEquals([...scales], [1, Math.fround(2 / 127)]);
});

Deno.test("quantizeRows() rejects values that are not finite", () => {
  for (const value of [NaN, -Infinity]) {
    assertThrows(
      () => quantizeRows(Float32Array.of(0, 1, value, 0), 2, "w"),
      RangeError,
      "Cannot export w as q8: row 1 has a value that is not finite: train the model again",
    );
  }
});
