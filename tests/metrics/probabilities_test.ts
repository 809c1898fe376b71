import { assertEquals, assertThrows } from "@std/assert";
import { HostTensor } from "../../lib/data/host_tensor.ts";
import {
  brierScoreLoss,
  expectedCalibrationError,
  logLoss,
} from "../../lib/metrics/probabilities.ts";
import { assertAllClose } from "../helpers/all_close.ts";
import { F64_HOST } from "../helpers/tolerances.ts";
import { GOLDEN, numbers } from "./golden_metrics.ts";

Deno.test("logLoss() and brierScoreLoss() match scikit-learn", () => {
  for (const { predictions, references, ...golden } of GOLDEN.probabilities) {
    assertAllClose(
      [
        logLoss(predictions, references),
        brierScoreLoss(predictions, references),
      ],
      [golden.logLoss, golden.brierScore],
      F64_HOST,
      `${references.length} rows`,
    );
  }
});

Deno.test("expectedCalibrationError() is that of Guo et al., with its bins", () => {
  for (const { predictions, references, calibration } of GOLDEN.probabilities) {
    for (const [n, expected] of Object.entries(calibration)) {
      const nBins = Number(n);
      const { error, bins } = expectedCalibrationError(
        predictions,
        references,
        nBins === 15 ? undefined : { nBins },
      );
      assertAllClose([error], [expected.error], F64_HOST, `${n} bins`);
      assertEquals(bins.length, nBins);
      bins.forEach(({ lower, upper, count, confidence, accuracy }, m) => {
        const bin = expected.bins[m]!;
        assertEquals([lower, upper, count], [bin.lower, bin.upper, bin.count]);
        assertAllClose(
          [confidence, accuracy],
          numbers([bin.confidence, bin.accuracy]),
          F64_HOST,
          `bin ${m} of ${n}`,
        );
      });
    }
  }
});

Deno.test("expectedCalibrationError() puts a bound into the bin below it", () => {
  for (const nBins of [10, 15, 49, 93]) {
    for (let m = Math.ceil(nBins / 2); m <= nBins; m++) {
      const { bins } = expectedCalibrationError([m / nBins], [1], { nBins });
      assertEquals(bins.findIndex(({ count }) => count === 1), m - 1);
    }
  }
});

Deno.test("scores of probabilities take host tensors, of f32 rounding", () => {
  const rows = [[0.1, 0.2, 0.7], [0.3, 0.3, 0.4]];
  const rounded = rows.map((row) => row.map(Math.fround));
  for (const score of [logLoss, brierScoreLoss]) {
    assertEquals(
      score(HostTensor.from(rows), [2, 0]),
      score(rounded, [2, 0]),
    );
  }
});

Deno.test("scores of probabilities reject logits, other classes and no rows", () => {
  const cases: [number[] | number[][], number[], message: string][] = [
    [
      [[2, -1]],
      [0],
      "Cannot use 2 of row 0: a probability must be in [0, 1]; take the softmax of the logits first",
    ],
    [[[0.5, 0.5], [0.2, 0.3]], [0, 1], "Cannot use the probabilities of row 1"],
    [[-0.1], [0], "Cannot use 1.1 of row 0"],
    [[[NaN, 1]], [0], "number 0 is NaN, but all must be finite"],
    [[NaN], [0], "number 0 is NaN, but all must be finite"],
    [
      [[0.5, 0.5]],
      [2],
      "Cannot use 2 in the references: there are probabilities of the classes 0 to 1",
    ],
    [[0.5], [0.5], "Cannot use 0.5 in the references"],
    [[[0.5, 0.5]], [-1], "Cannot use -1 in the references"],
    [[0.5], [0, 1], "Mismatch in the number of predictions (1)"],
    [[], [], "Cannot compute a score of no predictions"],
  ];
  for (const score of [logLoss, brierScoreLoss, expectedCalibrationError]) {
    for (const [predictions, references, message] of cases) {
      assertThrows(() => score(predictions, references), RangeError, message);
    }
  }
  for (const nBins of [0, 1.5]) {
    assertThrows(
      () => expectedCalibrationError([0.5], [1], { nBins }),
      RangeError,
      `Cannot make ${nBins} bins: nBins must be a whole number from 1`,
    );
  }
});
