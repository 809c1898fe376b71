import {
  assert,
  assertEquals,
  assertNotEquals,
  assertThrows,
} from "@std/assert";
import {
  bootstrap,
  type BootstrapOptions,
} from "../../lib/metrics/bootstrap.ts";
import { accuracy } from "../../lib/metrics/classification.ts";
import { f1Score } from "../../lib/metrics/precision_recall.ts";
import { rocAucScore } from "../../lib/metrics/ranking.ts";
import { meanAbsoluteError } from "../../lib/metrics/regression.ts";
import { Random } from "../../lib/random.ts";
import { assertAllClose } from "../helpers/all_close.ts";
import { F64_HOST } from "../helpers/tolerances.ts";
import { withWarnings } from "./warnings.ts";

const random = new Random(5);
const REFERENCES = Array.from({ length: 60 }, () => random.below(3));
const PREDICTIONS = REFERENCES.map((label) =>
  random.nextFloat() < 0.7 ? label : random.below(3)
);

Deno.test("bootstrap() interpolates the percentiles of scores of drawn rows", () => {
  const options = { nResamples: 37, confidenceLevel: 0.8, seed: 9 };
  const { score, low, high } = bootstrap(
    [PREDICTIONS, REFERENCES],
    (p, r) => f1Score(p, r, { average: "macro" }),
    options,
  );
  const draw = new Random(9);
  const scores = Array.from({ length: 37 }, () => {
    const rows = REFERENCES.map(() => draw.below(REFERENCES.length));
    return f1Score(
      rows.map((row) => PREDICTIONS[row]!),
      rows.map((row) => REFERENCES[row]!),
      { average: "macro" },
    );
  }).sort((a, b) => a - b);
  // The 10th and 90th percentile of 37 are at 3.6 and 32.4.
  assertAllClose(
    [score, low, high],
    [
      f1Score(PREDICTIONS, REFERENCES, { average: "macro" }),
      0.4 * scores[3]! + 0.6 * scores[4]!,
      0.6 * scores[32]! + 0.4 * scores[33]!,
    ],
    F64_HOST,
  );
});

Deno.test("bootstrap() of an accuracy of 0.918 on 500 rows is the interval of the binomial distribution", () => {
  const predictions = new Uint8Array(500).fill(1, 0, 459);
  const references = new Uint8Array(500).fill(1);
  const { score, low, high } = bootstrap([predictions, references], accuracy);
  assertEquals(score, 0.918);
  // scipy.stats.binom.ppf([0.025, 0.975], 500, 0.918) is [447, 471]; 1000 resamples miss it by up to 1.
  assert(Math.abs(low * 500 - 447) <= 1, `${low}`);
  assert(Math.abs(high * 500 - 471) <= 1, `${high}`);
});

Deno.test("bootstrap() depends on the seed alone, and leaves the data as they are", () => {
  const errors = PREDICTIONS.map((label, i) => label + i / 7);
  const data: [number[], number[]] = [errors.slice(), REFERENCES.slice()];
  const interval = (options?: BootstrapOptions) =>
    bootstrap(data, meanAbsoluteError, { nResamples: 50, ...options });
  assertEquals(interval({ seed: 0 }), interval());
  assertNotEquals(interval({ seed: 1 }), interval());
  assertEquals(data, [errors, REFERENCES]);
});

Deno.test("bootstrap() resamples rows of several numbers, typed arrays and more than two columns", () => {
  const rows = [[0.2, 0.8], [0.9, 0.1], [0.4, 0.6]];
  const weights = new Float32Array([1, 2, 3]);
  const seen = new Set<string>();
  const { score } = bootstrap(
    [rows, weights, ["a", "b", "c"]],
    (r, w, texts) => {
      assert(w instanceof Float32Array && Array.isArray(texts));
      for (let i = 0; i < 3; i++) {
        seen.add(`${r[i]![0]} ${w[i]} ${texts[i]}`);
      }
      return w[0]!;
    },
  );
  assertEquals(score, 1);
  assertEquals([...seen].sort(), ["0.2 1 a", "0.4 3 c", "0.9 2 b"]);
});

Deno.test("bootstrap() leaves out resamples without a score, and prints no warnings of them", () => {
  const [scores, references] = [[0.1, 0.9, 0.4], [0, 1, 0]];
  const [interval, warnings] = withWarnings(() =>
    bootstrap([scores, references], (p, r) => rocAucScore(p, r))
  );
  assertEquals(interval, { score: 1, low: 1, high: 1 });
  assertEquals(warnings, []);
  const [none, warned] = withWarnings(() =>
    bootstrap([scores, [0, 0, 0]], (p, r) => rocAucScore(p, r))
  );
  assertEquals(none, { score: NaN, low: NaN, high: NaN });
  assertEquals(warned.length, 1);
});

Deno.test("bootstrap() rejects no rows, columns of different lengths, and other options", () => {
  const cases: [
    data: unknown[],
    options: Record<string, number>,
    message: string,
  ][] = [
    [[[], []], {}, "Cannot compute a score of no predictions"],
    [[], {}, "Cannot compute a score of no predictions"],
    [
      [[1, 2], [1]],
      {},
      "Cannot resample rows: the columns have 2 and 1 of them",
    ],
    [[5, [1]], {}, "Cannot score columns: they are the number 5"],
    [[[1]], { nResamples: 0 }, "Cannot draw 0 resamples"],
    [
      [[1]],
      { confidenceLevel: 95 },
      "Cannot take an interval of level 95: confidenceLevel must be between 0 and 1, such as 0.95",
    ],
    [[[1]], { resamples: 5 }, 'there is no option "resamples"'],
    [[[1]], { seed: -1 }, "seed must be a whole number from 0"],
  ];
  for (const [data, options, message] of cases) {
    assertThrows(
      () => bootstrap(data as number[][], () => 0, options),
      Error,
      message,
    );
  }
});
