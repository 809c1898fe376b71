import { assert, assertEquals, assertThrows } from "@std/assert";
import { HostTensor } from "../../lib/data/host_tensor.ts";
import {
  f1Score,
  precisionScore,
  recallScore,
} from "../../lib/metrics/precision_recall.ts";
import { assertAllClose } from "../helpers/all_close.ts";
import { F64_HOST } from "../helpers/tolerances.ts";
import { GOLDEN, numbers } from "./golden_metrics.ts";
import { withWarnings } from "./warnings.ts";

const SCORES = [precisionScore, recallScore, f1Score];
const AVERAGES = ["micro", "macro", "weighted"] as const;

Deno.test("precisionScore(), recallScore() and f1Score() match scikit-learn: each label, averages, zero divisions", () => {
  let compared = 0;
  for (const kind of ["classes", "multilabel"] as const) {
    GOLDEN[kind].forEach(
      ({ predictions, references, labels, ...golden }, i) => {
        for (const [name, expected] of Object.entries(golden.precisionRecall)) {
          const options = {
            zeroDivision: Number(name),
            ...labels && { labels },
          };
          const label = `${kind} ${i}, zero division ${name}`;
          SCORES.forEach((score, k) => {
            const perLabel = score(predictions, references, {
              ...options,
              average: null,
            });
            assertAllClose(
              perLabel,
              numbers(expected.perLabel[k]!),
              F64_HOST,
              label,
            );
          });
          for (const average of AVERAGES) {
            assertAllClose(
              SCORES.map((score) =>
                score(predictions, references, { ...options, average })
              ),
              numbers(expected[average]),
              F64_HOST,
              `${label}, ${average}`,
            );
            compared++;
          }
        }
      },
    );
  }
  assert(compared > 250, `${compared} comparisons`);
});

Deno.test("precisionScore(), recallScore() and f1Score() of a posLabel match scikit-learn", () => {
  for (const { predictions, references, binary } of GOLDEN.classes) {
    for (const [posLabel, ...expected] of binary) {
      const scores = SCORES.map((score) =>
        score(predictions, references, { posLabel, zeroDivision: 0 })
      );
      assertAllClose(scores, expected, F64_HOST, `class ${posLabel}`);
    }
  }
});

Deno.test("f1Score() takes typed arrays, and matrices as rows or host tensors", () => {
  const rows = [[1, 0, 1], [0, 0, 1]];
  const references = [[1, 1, 0], [0, 0, 1]];
  const expected = f1Score(rows, references, { average: null });
  assertEquals(expected, [1, 0, 2 / 3]);
  for (
    const matrix of [
      HostTensor.from(rows),
      { data: rows.flat(), shape: [2, 3] },
      rows.map((row) => Uint8Array.from(row)),
    ]
  ) {
    assertEquals(f1Score(matrix, references, { average: null }), expected);
  }
  assertEquals(
    f1Score(new Int32Array([1, 0]), new Float32Array([1, 1])),
    2 / 3,
  );
});

Deno.test("scores without rows are 0, with a warning that names the score", () => {
  const [none, rows] = [[0, 0, 0], [0, 1, 2]];
  const macro = { average: "macro" } as const;
  const cases = [
    [() => precisionScore([0, 0], [0, 1]), "Precision", "due to no predicted"],
    [() => recallScore([0, 1], [0, 0]), "Recall", "due to no true"],
    [
      () => f1Score(none, none),
      "F-score",
      "due to no true nor predicted",
    ],
    [
      () => precisionScore(none, rows, macro),
      "Precision",
      "in labels with no predicted",
    ],
    [() => recallScore(rows, none, macro), "Recall", "in labels with no true"],
  ] as const;
  for (const [score, name, reason] of cases) {
    assertEquals(withWarnings(score)[1], [
      `warning: ${name} is ill-defined and being set to 0.0 ${reason} samples`,
    ]);
  }
});

Deno.test("f1Score() without any positives is 0, with a warning", () => {
  for (const classes of [[0, 0, 0], [2, 2], [-1]]) {
    const [score, warnings] = withWarnings(() => f1Score(classes, classes));
    assertEquals(score, 0);
    assertEquals(warnings.length, 1);
    const options = { zeroDivision: 1 };
    assertEquals(
      withWarnings(() => f1Score(classes, classes, options)),
      [1, []],
    );
  }
  assertEquals(withWarnings(() => f1Score([0], [1])), [0, []]);
});

Deno.test("f1Score() rejects more than two classes, and two without class 1", () => {
  assertThrows(
    () => f1Score([0, 1, 2], [0, 1, 1]),
    RangeError,
    "Target is multiclass but average='binary': F-score needs two classes, but there are 0, 1, 2; " +
      'pass { average: "macro" }, "micro", "weighted" or null',
  );
  assertThrows(
    () => f1Score([0, 2], [0, 0]),
    RangeError,
    "pos_label=1 is not a valid label: F-score is that of class 1, but the classes are 0, 2",
  );
  assertThrows(
    () => f1Score([[0, 1]], [[0, 0]]),
    RangeError,
    "Target is multilabel-indicator but average='binary': F-score needs two classes, but there are 2 labels per row",
  );
  assertEquals(f1Score([-1, 1], [1, 1]), 2 / 3);
});

Deno.test("precision, recall and F1 reject options and labels that make no sense", () => {
  for (const score of SCORES) {
    assertThrows(
      () => score([0, 1], [0, 1], { average: "samples" as "macro" }),
      RangeError,
      'There is no average "samples": known are binary, micro, macro, weighted, and null for a score of each label',
    );
    assertThrows(
      () => score([0, 1], [0, 1], { zeroDivision: 2 }),
      RangeError,
      'Cannot score a zero division as 2: zeroDivision must be "warn", 0, 1 or NaN',
    );
    assertThrows(
      () => score([0], [0], { average: "macro", labels: [1, 1] }),
      RangeError,
      "Cannot score the labels [1,1]: list each label once",
    );
    assertThrows(
      () => score([[0, 1]], [[0, 1]], { average: "macro", labels: [2] }),
      RangeError,
      "Cannot score label 2: the labels are columns 0 to 1",
    );
    assertThrows(
      () => score([0], [0], { pos_label: 0 } as Record<string, unknown>),
      TypeError,
      'there is no option "pos_label"; use posLabel',
    );
    assertThrows(
      () => score([], []),
      RangeError,
      "Cannot compute a score of no predictions",
    );
  }
});

Deno.test("matrices that cannot be compared are rejected", () => {
  const score = (predictions: unknown, references: unknown) =>
    f1Score(predictions as number[][], references as number[][], {
      average: "macro",
    });
  const cases: [unknown, unknown, message: string][] = [
    [[], [], "Cannot compute a score of no predictions"],
    [[[0, 1]], [], "Cannot compute a score of no predictions"],
    [
      [[0, 1]],
      [0],
      "Cannot score the references: they have one number per row, but several labels are scored; pass rows, [[0, 1], …]",
    ],
    [
      [[0, 1]],
      [[0, 1], [1, 1]],
      "Mismatch in the number of predictions (1) and references (2)",
    ],
    [
      [[0, 1]],
      [[0, 1, 1]],
      "Cannot compare predictions of 2 labels with references of 3: both need one column per label",
    ],
    [
      [[0, 1], [1]],
      [[0, 1], [1, 1]],
      "Cannot score the predictions: row 1 has 1 numbers, but row 0 has 2",
    ],
    [
      { data: [0, 1, 1], shape: [3] },
      [[0], [1], [1]],
      "Cannot score the predictions: 3 numbers of shape [3] are no matrix; the shape must be [rows, columns]",
    ],
    [
      [[0.2, 0.9]],
      [[0, 1]],
      "Cannot use 0.2 in the predictions: a label is 1 where it is present, else 0; compare the probabilities with a threshold first",
    ],
    [
      [[0, NaN]],
      [[0, 1]],
      "Cannot score the predictions: number 1 is NaN, but all must be finite",
    ],
  ];
  for (const [predictions, references, message] of cases) {
    assertThrows(() => score(predictions, references), Error, message);
  }
});
