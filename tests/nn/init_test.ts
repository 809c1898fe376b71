import { assert, assertEquals } from "@std/assert";
import {
  constant,
  type Init,
  Initializer,
  normal,
  Random,
  truncatedNormal,
  uniform,
} from "../../mod.ts";

const SIZE = 1 << 14;

function drawn(init: Init, seed = 0, size = SIZE): Float32Array {
  const values = new Float32Array(size);
  init(values, new Random(seed));
  return values;
}

/** Returns the mean and the standard deviation. */
function moments(values: Float32Array): [number, number] {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  const squares = values.reduce((sum, v) => sum + (v - mean) ** 2, 0);
  return [mean, Math.sqrt(squares / values.length)];
}

// Five standard errors of a mean over SIZE draws, and of a deviation.
const [OF_MEAN, OF_DEVIATION] = [5 / Math.sqrt(SIZE), 5 / Math.sqrt(2 * SIZE)];

Deno.test("normal() has mean 0 and the given standard deviation", () => {
  const [mean, deviation] = moments(drawn(normal(0.02)));
  assert(Math.abs(mean / 0.02) < OF_MEAN, `the mean is ${mean}`);
  assert(
    Math.abs(deviation / 0.02 - 1) < OF_DEVIATION,
    `the standard deviation is ${deviation}`,
  );
});

Deno.test("truncatedNormal() is normal() without the values beyond the cutoff", () => {
  const values = drawn(truncatedNormal(0.02, 1.5));
  const [mean, deviation] = moments(values);
  assert(Math.abs(mean / 0.02) < OF_MEAN, `the mean is ${mean}`);
  const most = Math.max(...values.map(Math.abs));
  assert(most <= Math.fround(0.03) && most > 0.0299, `the largest is ${most}`);
  // √(1 - 2·c·φ(c) / (2Φ(c) - 1)) at c = 1.5
  const expected = 0.02 * Math.sqrt(1 - 3 * 0.1295176 / 0.8663856);
  assert(
    Math.abs(deviation / expected - 1) < OF_DEVIATION,
    `the standard deviation is ${deviation}`,
  );
});

Deno.test("uniform() fills [-bound, bound)", () => {
  const values = drawn(uniform(0.5));
  const [mean, deviation] = moments(values);
  assert(values.every((v) => v >= -0.5 && v < 0.5));
  assert(Math.min(...values) < -0.499 && Math.max(...values) > 0.499);
  // Its standard deviation is bound / √3.
  const expected = 0.5 / Math.sqrt(3);
  assert(Math.abs(mean / expected) < OF_MEAN, `the mean is ${mean}`);
  assert(
    Math.abs(deviation / expected - 1) < OF_DEVIATION,
    `the standard deviation is ${deviation}`,
  );
});

Deno.test("constant() fills with one value", () => {
  assertEquals([...drawn(constant(0.25), 0, 3)], [0.25, 0.25, 0.25]);
});

Deno.test("Initializer gives each parameter its own random numbers", () => {
  const fill = (init: (values: Float32Array) => void) => {
    const values = new Float32Array(4);
    init(values);
    return [...values];
  };
  const three = (seed: number) => {
    const initializer = new Initializer(seed);
    return Array.from({ length: 3 }, () => initializer.next(uniform(1)));
  };
  const first = three(7);
  // In reverse order.
  const reversed = first.toReversed().map(fill).toReversed();
  assertEquals(three(7).map(fill), reversed);
  assertEquals(first.map(fill), reversed, "the same when repeated");
  const all = [...reversed, ...three(8).map(fill)];
  assertEquals(new Set(all.map(String)).size, 6);
});
