import { assertEquals, assertThrows } from "@std/assert";
import { findSplits } from "../../lib/data/split_files.ts";

const find = (...names: string[]) =>
  Object.fromEntries(findSplits("folder", names.sort()));

Deno.test("findSplits() finds single files, shards, and splits of longer names", () => {
  assertEquals(
    find(
      "README.md",
      "test-00000-of-00001.parquet",
      "train-00001-of-00002.parquet",
      "train-00000-of-00002.parquet",
      "validation_matched.tsv",
      "validation_mismatched-00000-of-00001.arrow",
      "dev.tsv",
      "training.tsv",
      "train.txt",
    ),
    {
      train: ["train-00000-of-00002.parquet", "train-00001-of-00002.parquet"],
      "validation_matched": ["validation_matched.tsv"],
      "validation_mismatched": ["validation_mismatched-00000-of-00001.arrow"],
      test: ["test-00000-of-00001.parquet"],
    },
  );
  assertEquals(Object.keys(find("test.csv", "train.csv", "validation.csv")), [
    "train",
    "validation",
    "test",
  ]);
});

Deno.test("findSplits() refuses several files for one split", () => {
  for (
    const names of [
      ["train.csv", "train.tsv"],
      ["train-00000-of-00001.parquet", "train.tsv"],
      ["train-00000-of-00001.parquet", "train-00000-of-00002.parquet"],
      ["train-00000-of-00002.csv", "train-00001-of-00002.tsv"],
    ]
  ) {
    assertThrows(
      () => find(...names),
      RangeError,
      `Cannot load folder: it has ${
        names.join(" and ")
      } for one split; remove or rename all but one`,
    );
  }
});

Deno.test("findSplits() refuses a split with a missing shard", () => {
  assertThrows(
    () => find("train-00000-of-00003.parquet", "train-00002-of-00003.parquet"),
    RangeError,
    "Cannot load folder: shard 00001 of 00003 of the train split is missing; download or copy all shards",
  );
  assertThrows(
    () => find("train-00000-of-00002.parquet"),
    RangeError,
    "shard 00001 of 00002",
  );
});
