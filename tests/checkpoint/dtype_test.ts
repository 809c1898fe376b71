import { assertEquals } from "@std/assert";
import { widen } from "../../lib/checkpoint/dtype.ts";

/** All patterns of 16 bits. */
const ALL = Uint16Array.from({ length: 65536 }, (_, bits) => bits);

/** Decodes a 16-bit float with `exponentBits` of exponent, by the formula of IEEE 754. */
function decode(bits: number, exponentBits: number): number {
  const mantissaBits = 15 - exponentBits;
  const sign = bits >> 15 ? -1 : 1;
  const exponent = (bits >> mantissaBits) & (2 ** exponentBits - 1);
  const fraction = (bits & (2 ** mantissaBits - 1)) / 2 ** mantissaBits;
  const bias = 2 ** (exponentBits - 1) - 1;
  if (exponent === 2 ** exponentBits - 1) {
    return fraction === 0 ? sign * Infinity : NaN;
  }
  return exponent === 0
    ? sign * fraction * 2 ** (1 - bias)
    : sign * (1 + fraction) * 2 ** (exponent - bias);
}

Deno.test("widen() widens every F16 exactly", () => {
  // Known values: 1, the largest, the smallest subnormal, -0, infinity, NaN.
  const known = Uint16Array.of(0x3c00, 0x7bff, 1, 0x8000, 0xfc00, 0x7e00);
  assertEquals(
    [...widen("F16", known)],
    [1, 65504, 2 ** -24, -0, -Infinity, NaN],
  );
  const expected = Float32Array.from(ALL, (bits) => decode(bits, 5));
  assertEquals(widen("F16", ALL), expected);
});

Deno.test("widen() widens every BF16 exactly", () => {
  // Known values: 1, the smallest subnormal, -0, infinity, NaN.
  const known = Uint16Array.of(0x3f80, 1, 0x8000, 0x7f80, 0x7fc0);
  assertEquals(
    [...widen("BF16", known)],
    [1, 2 ** -133, -0, Infinity, NaN],
  );
  const expected = Float32Array.from(ALL, (bits) => decode(bits, 8));
  assertEquals(widen("BF16", ALL), expected);
});

Deno.test("widen() reads a view from its start", () => {
  assertEquals([...widen("F16", ALL.subarray(0x3c00, 0x3c01))], [1]);
  assertEquals([...widen("BF16", ALL.subarray(0x3f80, 0x3f81))], [1]);
});
