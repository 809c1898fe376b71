import { assert, assertEquals, assertThrows } from "@std/assert";
import { fromArray, rotaryEmbedding, rotaryPositions } from "../../mod.ts";
import { rotaryAngles } from "../../lib/ops/rotary_embedding.ts";
import { assertAllClose, F32_OP } from "../helpers/all_close.ts";
import {
  assertForward,
  assertGradients,
  type CheckedOp,
  input,
} from "../helpers/check_op.ts";
import { device } from "../helpers/device.ts";

const BASE = 100;

/** The op over tokens of some positions, and its formula: each pair of elements as a point that is turned. */
function rotary(
  positions: number[],
  heads: number,
  width: number,
): CheckedOp {
  const half = width / 2;
  return {
    op: (qkv) =>
      rotaryEmbedding(
        qkv!,
        rotaryPositions(
          qkv!.device,
          Uint32Array.from(positions),
          width,
          BASE,
        ),
        heads,
      ),
    reference: (qkv = []) => {
      const turned = [...qkv];
      positions.forEach((position, token) => {
        for (let head = 0; head < 2 * heads; head++) { // of queries, then of keys
          const start = (token * 3 * heads + head) * width;
          for (let d = 0; d < half; d++) {
            const angle = position * BASE ** (-2 * d / width);
            const [a, b] = [qkv[start + d]!, qkv[start + d + half]!];
            turned[start + d] = a * Math.cos(angle) - b * Math.sin(angle);
            turned[start + d + half] = b * Math.cos(angle) +
              a * Math.sin(angle);
          }
        }
      });
      return turned;
    },
  };
}

// Two rows whose positions begin at 0; heads that are read in vec4s and that are not; several workgroups.
const CASES: [positions: number[], heads: number, width: number][] = [
  [[0, 1, 2, 0, 1], 2, 8],
  [[0, 1, 0], 3, 6],
  [[0], 1, 2],
  [[...Array(9).keys(), ...Array(20).keys()], 4, 16],
];

Deno.test("rotaryEmbedding() matches the f64 reference", async (t) => {
  for (const [positions, heads, width] of CASES) {
    await t.step(
      `${positions.length} tokens, ${heads} heads of ${width}`,
      () =>
        assertForward(
          rotary(positions, heads, width),
          input([positions.length, 3 * heads * width]),
        ),
    );
  }
});

Deno.test("rotaryEmbedding() gradient matches central differences", async (t) => {
  for (const [positions, heads, width] of CASES.slice(0, 3)) {
    await t.step(
      `${positions.length} tokens, ${heads} heads of ${width}`,
      () =>
        assertGradients(
          rotary(positions, heads, width),
          input([positions.length, 3 * heads * width]),
        ),
    );
  }
});

Deno.test("rotaryEmbedding() leaves the product of query and key to their distance", async () => {
  using _scope = device.scope();
  const [heads, width] = [1, 8];
  const vector = input([width]).values;
  const token = [...vector, ...vector.toReversed(), ...vector];
  const product = async (query: number, key: number) => {
    const positions = Uint32Array.of(query, key);
    const qkv = fromArray(device, [...token, ...token], [2, 3 * width]);
    const rotary = rotaryPositions(device, positions, width, BASE);
    const all = await rotaryEmbedding(qkv, rotary, heads).toArray();
    return vector.reduce(
      (sum, _, d) => sum + all[d]! * all[4 * width + d]!,
      0,
    );
  };
  const near = await product(0, 3);
  assertAllClose([await product(20, 23)], [near], F32_OP);
  assert(Math.abs(near - await product(0, 4)) > 0.1);
});

Deno.test("rotaryAngles() are those of f64, rounded as in transformers", () => {
  const [width, base] = [16, 160_000];
  const angles = rotaryAngles(8192, width, base);
  assertEquals(angles.length, 8192 * width);
  for (const position of [0, 1, 127, 8191]) {
    for (let d = 0; d < width / 2; d++) {
      const angle = position * base ** (-2 * d / width);
      const [cosine, sine] = [d, d + width / 2]
        .map((i) => angles[position * width + i]!);
      // The angle and its frequency are f32.
      const error = 2e-7 * angle + 1e-7;
      assert(Math.abs(cosine! - Math.cos(angle)) <= error);
      assert(Math.abs(sine! - Math.sin(angle)) <= error);
    }
  }
  // Made for more positions already.
  assertEquals(rotaryAngles(5, width, base), angles.slice(0, 5 * width));
});

Deno.test("rotaryEmbedding() rejects heads of odd width, and tokens without positions", () => {
  using _scope = device.scope();
  const positions = Uint32Array.of(0, 1);
  assertThrows(
    () => rotaryPositions(device, positions, 5, BASE),
    RangeError,
    "Cannot rotate heads of width 5: it must be even",
  );
  const rotary = rotaryPositions(device, positions, 4, BASE);
  for (const shape of [[3, 24], [2, 12], [24]]) {
    const qkv = fromArray(device, input(shape).values, shape);
    assertThrows(
      () => rotaryEmbedding(qkv, rotary, 2),
      RangeError,
      `Cannot apply rotaryEmbedding to [${shape}]: 2 positions and 2 heads of width 4 need [2,24]`,
    );
  }
});
