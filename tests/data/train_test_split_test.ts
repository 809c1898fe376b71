import { assert, assertEquals, assertThrows } from "@std/assert";
import { Dataset } from "../../lib/data/dataset.ts";
import { rowKeys } from "../../lib/data/duplicates.ts";
import {
  trainTestSplit,
  type TrainTestSplitOptions,
} from "../../lib/data/train_test_split.ts";
import { Random } from "../../lib/random.ts";
// Counted by scikit-learn: see make_train_test_split.py in the same folder.
import stratified from "./fixtures/train_test_split.json" with { type: "json" };

/** Rows of classes with the given counts, in random order; each row has its number. */
function rowsOf(counts: readonly number[], seed = 1): Dataset {
  const labels = counts.flatMap((count, of) =>
    Array(count).fill(`class ${of}`)
  );
  const row = labels.map((_, i) => i);
  return new Dataset({ label: labels, row }, { source: "x.csv" }).shuffle(seed);
}

const countOf = (dataset: Dataset, label: string) =>
  dataset.column("label").filter((value) => value === label).length;

/** Splits, and checks that each row is in one part, in the order of the data set. */
function split(dataset: Dataset, options: TrainTestSplitOptions) {
  const { train, test } = trainTestSplit(dataset, options);
  const order = dataset.column("row");
  const parts = [train, test].map((part) => new Set(part.column("row")));
  assertEquals(parts[0]!.intersection(parts[1]!).size, 0);
  assertEquals(train.length + test.length, dataset.length);
  for (const [i, part] of [train, test].entries()) {
    const rows = order.filter((row) => parts[i]!.has(row));
    assertEquals(part.column("row"), rows);
  }
  return { train, test };
}

Deno.test("trainTestSplit() takes a share, rounded up, or a number of rows", () => {
  const sizes: [length: number, testSize: number, test: number][] = [
    [10, 0.1, 1],
    [11, 0.1, 2],
    [100, 0.07, 7],
    [3000, 0.1, 300],
    [10, 3, 3],
    [2, 0.5, 1],
    [10, 9, 9],
  ];
  for (const [length, testSize, expected] of sizes) {
    const { test } = split(rowsOf([length]), { testSize, seed: 3 });
    assertEquals(test.length, expected, `${testSize} of ${length}`);
  }
});

Deno.test("trainTestSplit() chooses by the seed, each row alike", () => {
  const dataset = rowsOf([20]);
  const chosen = (seed: number) =>
    split(dataset, { testSize: 5, seed }).test.column("row") as number[];
  assertEquals(chosen(7), chosen(7));
  assert(`${chosen(7)}` !== `${chosen(8)}`);
  const times = Array<number>(20).fill(0);
  const seeds = 2000;
  for (let seed = 0; seed < seeds; seed++) {
    for (const row of chosen(seed)) times[row]!++;
  }
  // Binomial: mean 500, standard deviation 19.4; five of these.
  assert(times.every((count) => Math.abs(count - 500) < 97), `${times}`);
});

Deno.test("trainTestSplit() keeps the share of each class within a row", () => {
  const messages = [1500, 600, 300, 300, 150, 90, 60]; // 50, 20, 10, 10, 5, 3 and 2 %
  const { test } = split(rowsOf(messages), {
    testSize: 0.1,
    stratifyBy: "label",
    seed: 42,
  });
  assertEquals(
    messages.map((_, of) => countOf(test, `class ${of}`)),
    messages.map((count) => count / 10),
  );
  const random = new Random(11);
  for (let seed = 0; seed < 300; seed++) {
    const counts = Array.from(
      { length: 1 + random.below(7) },
      () => 2 + random.below(40),
    );
    const dataset = rowsOf(counts, seed);
    const length = dataset.length;
    const size = 1 + random.below(length - counts.length);
    const { train, test } = split(dataset, {
      testSize: size,
      stratifyBy: "label",
      seed,
    });
    counts.forEach((count, of) => {
      const actual = countOf(test, `class ${of}`);
      const share = count * size / length;
      assert(Math.abs(actual - share) < 1, `${counts} ${size}: ${actual}`);
      assert(countOf(train, `class ${of}`) > 0, `${counts}, ${size}`);
    });
    const spare = counts.every((count) => count * size / length <= count - 1);
    if (spare) assertEquals(test.length, size, `${counts}`);
  }
});

Deno.test("trainTestSplit() takes as many rows of each class as scikit-learn", () => {
  for (const { counts, testSize, test: expected } of stratified) {
    const { test } = split(rowsOf(counts), {
      testSize,
      stratifyBy: "label",
      seed: 9,
    });
    const actual = counts.map((_, of) => countOf(test, `class ${of}`));
    assertEquals(actual, expected, `${testSize} of ${counts}`);
  }
});

Deno.test("trainTestSplit() gives the rows that are left to the largest remainders, and of equal ones by the seed", () => {
  // Shares of 4 rows of 10: 2.4, 0.8 and 0.8, of which the last two are rounded up.
  const options = { testSize: 4, stratifyBy: "label" };
  for (let seed = 0; seed < 20; seed++) {
    const { test } = split(rowsOf([6, 2, 2]), { ...options, seed });
    const counts = [0, 1, 2].map((of) => countOf(test, `class ${of}`));
    assertEquals(counts, [2, 1, 1]);
  }
  const larger = new Set<string>();
  for (let seed = 0; seed < 20; seed++) {
    const { test } = split(rowsOf([5, 5]), {
      testSize: 3,
      stratifyBy: "label",
      seed,
    });
    larger.add(countOf(test, "class 0") === 2 ? "class 0" : "class 1");
    assertEquals(test.length, 3);
  }
  assertEquals(larger.size, 2);
});

Deno.test("trainTestSplit() keeps a row of each class to train", () => {
  for (let seed = 0; seed < 20; seed++) {
    const { train, test } = split(rowsOf([1, 1, 2, 20]), {
      testSize: 0.8,
      stratifyBy: "label",
      seed,
    });
    for (const  of of[0, 1, 2, 3]) {
      assert(countOf(train, `class ${of}`) > 0, `${seed}`);
    }
    assertEquals(countOf(test, "class 0") + countOf(test, "class 1"), 0);
  }
  assertThrows(
    () =>
      trainTestSplit(rowsOf([1, 1, 1]), {
        testSize: 1,
        stratifyBy: "label",
        seed: 0,
      }),
    RangeError,
    'Cannot split x.csv into rows to train and 1 to test: no class of "label" has a row to spare; leave out stratifyBy',
  );
});

/** Adds a column of groups: `sizes[i]` rows of group `i`, and the others alone. */
function grouped(dataset: Dataset, groups: number, random: Random): Dataset {
  return dataset.map((_, i) => ({
    text: random.below(2) === 0
      ? `text ${i}`
      : `${" ".repeat(random.below(3))}the same ${random.below(groups)}\n`,
  }));
}

/** Rows of each group. */
function groupsOf(dataset: Dataset): Map<string, number> {
  const counts = new Map<string, number>();
  for (const key of rowKeys(dataset, ["text"])) {
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

Deno.test("trainTestSplit() keeps groups on one side, and the size within half of the smallest that is left", () => {
  const random = new Random(5);
  for (let seed = 0; seed < 200; seed++) {
    const dataset = grouped(rowsOf([10 + random.below(60)]), 4, random);
    const size = 1 + random.below(dataset.length - 1);
    const { train, test } = split(dataset, {
      testSize: size,
      groupBy: "text",
      seed,
    });
    const [toTrain, toTest] = [groupsOf(train), groupsOf(test)];
    assertEquals(
      [...toTrain.keys()].filter((key) => toTest.has(key)),
      [],
    );
    assert(train.length > 0 && test.length > 0);
    const smallest = Math.min(...toTrain.values());
    const error = Math.abs(test.length - size);
    // One group alone to train or to test cannot be divided.
    const limit = toTrain.size === 1 || toTest.size === 1
      ? Math.max(...groupsOf(dataset).values())
      : smallest / 2;
    assert(error <= limit, `${seed}: ${test.length} of ${size}`);
    if (smallest === 1 && toTrain.size > 1) assertEquals(error, 0, `${seed}`);
  }
});

Deno.test("trainTestSplit() keeps groups together and the classes in proportion", () => {
  const counts = [150, 60, 30, 30, 15, 9, 6];
  for (let seed = 0; seed < 100; seed++) {
    const random = new Random(seed);
    const dataset = grouped(rowsOf(counts, seed), 30, random);
    const { train, test } = split(dataset, {
      testSize: 0.2,
      stratifyBy: "label",
      groupBy: ["text"],
      seed,
    });
    const toTest = groupsOf(test);
    assert([...groupsOf(train).keys()].every((key) => !toTest.has(key)));
    counts.forEach((count, of) => {
      const actual = countOf(test, `class ${of}`);
      assert(Math.abs(actual - count / 5) <= 2, `${of}: ${actual}`);
      assert(countOf(train, `class ${of}`) > 0);
    });
  }
});

Deno.test("trainTestSplit() takes a group more than fits if that is closer, or if none fits", () => {
  const text = Array.from({ length: 12 }, (_, i) => `${i % 3}`); // 4 rows each
  const dataset = new Dataset({ text, row: text.map((_, i) => i) });
  const sizes = { 1: 4, 3: 4, 4: 4, 5: 4, 6: 4, 7: 8, 8: 8, 11: 8 };
  for (const [testSize, expected] of Object.entries(sizes)) {
    const { test } = split(dataset, {
      testSize: Number(testSize),
      groupBy: "text",
      seed: 2,
    });
    assertEquals(test.length, expected, testSize);
  }
  // Of those that do not fit, the smallest.
  const unequal = dataset.map((_, i) => ({ text: i < 7 ? "a" : "b" }));
  const { test } = split(unequal, { testSize: 2, groupBy: "text", seed: 1 });
  assertEquals(test.length, 5);
});

Deno.test("trainTestSplit() takes groups of any size to test, the largest too", () => {
  const text = Array.from(
    { length: 40 },
    (_, i) => i < 10 ? "the same" : `${i}`,
  );
  const dataset = new Dataset({ text, row: text.map((_, i) => i) });
  let taken = 0;
  for (let seed = 0; seed < 100; seed++) {
    const { test } = split(dataset, { testSize: 20, groupBy: "text", seed });
    if (test.column("text").includes("the same")) taken++;
  }
  assert(taken > 20 && taken < 80, `${taken} of 100`);
});

Deno.test("trainTestSplit() compares two columns as a pair", () => {
  const dataset = new Dataset({
    sentence1: ["a", "a", "b", "b"],
    sentence2: ["c", "d", "c", "c"],
    row: [0, 1, 2, 3],
  });
  for (let seed = 0; seed < 20; seed++) {
    const { test } = split(dataset, {
      testSize: 2,
      groupBy: ["sentence1", "sentence2"],
      seed,
    });
    const rows = `${test.column("row")}`;
    assert(rows === "2,3" || rows === "0,1", rows);
  }
});

Deno.test("trainTestSplit() keeps class names, source and columns that were left out", () => {
  const dataset = new Dataset({ label: [0, 1, 1, 0] }, {
    source: "x.arrow",
    labelNames: { label: ["no", "yes"] },
    unsupportedColumns: new Map([["when", "its type is a time"]]),
  });
  const parts = trainTestSplit(dataset, { testSize: 0.5, seed: 0 });
  assertEquals(parts.names, ["train", "test"]);
  for (const part of [parts.train, parts.test]) {
    assertEquals(part.labelNames("label"), ["no", "yes"]);
    assertEquals(part.source, "x.arrow");
    assertThrows(() => part.column("when"), RangeError, "a time");
  }
});

Deno.test("trainTestSplit() refuses sizes, columns and options that it cannot use", () => {
  const dataset = new Dataset(
    { text: ["a", "a", "a"], tags: [["x"], [], ["y"]] },
    { source: "x.csv" },
  );
  const call = (options: object) => () =>
    trainTestSplit(dataset, { testSize: 1, seed: 0, ...options });
  for (const testSize of [0, 1.5, -1, 3, 4, NaN, 0.9]) {
    assertThrows(
      call({ testSize }),
      RangeError,
      `Cannot split x.csv of 3 rows with testSize ${testSize}: it must be a share between 0 and 1, or a number of rows from 1, and leave rows to train`,
    );
  }
  assertThrows(
    call({ stratifyBy: "label" }),
    RangeError,
    'Cannot read column "label" of x.csv: there is no such column; the columns are text, tags',
  );
  assertThrows(
    call({ groupBy: "sentence" }),
    RangeError,
    'Cannot read column "sentence" of x.csv',
  );
  assertThrows(
    call({ stratifyBy: "tags" }),
    RangeError,
    'Cannot split x.csv by column "tags": row 0 has ["x"], and each row must have one class; leave out stratifyBy',
  );
  assertThrows(
    call({ groupBy: "text" }),
    RangeError,
    "Cannot split x.csv into rows to train and 1 to test: all rows are the same by groupBy; leave out groupBy",
  );
  assertThrows(call({ seed: undefined }), RangeError, "seed must be");
  assertThrows(
    call({ "test_size": 1 }),
    TypeError,
    'Cannot split x.csv: there is no option "test_size"; use testSize',
  );
});
