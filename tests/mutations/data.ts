import type { FileMutations } from "./mutation.ts";

/** Mutations of data and metrics. */
export const DATA: readonly FileMutations[] = [
  {
    file: "lib/data/collator.ts",
    tests: ["tests/data/collator_test.ts"],
    slips: [
      [".fill(padding)", ".fill(0)"],
      ['pad("attentionMask", 1, 0)', 'pad("attentionMask", 1, 1)'],
      [
        "Math.ceil(longest / padToMultipleOf)",
        "Math.floor(longest / padToMultipleOf + 1)",
      ],
      ['HostTensor.from(labels, "f32")', "HostTensor.from(labels)"],
      ["form !== firstForm", "false"],
    ],
  },
  {
    file: "lib/data/collator_for_language_modeling.ts",
    tests: ["tests/data/collator_for_language_modeling_test.ts"],
    slips: [
      ["labels[i] = id;", "labels[i] = ids[i + 1]!;"],
      ["&& !specialTokenIds.has(ids[i]!)", ""],
      ["batch.attentionMask.data[i] !== 0 &&", ""],
      ["draw < MASKED)", "draw < 0.9)"],
      ["draw < MASKED + REPLACED)", "true)"],
      ["types[random.below(types.length)]", "types[0]"],
      ["random.below(tokenizer.vocabSize)", "5 + random.below(45)"],
      ["new Random(seed)", "new Random(0)"],
      [
        "random.nextFloat() < maskRate(id)",
        "random.nextFloat() < mlmProbability",
      ],
    ],
  },
  {
    file: "lib/data/sampler.ts",
    tests: ["tests/data/sampler_test.ts"],
    slips: [
      ["new Random(this.#seed, this.#epoch)", "new Random(this.#seed, 0)"],
      ["lengths[b]! - lengths[a]!", "lengths[a]! - lengths[b]!"],
      ["    [order[0], order[longest]] = [order[longest]!, order[0]!];\n", ""],
      ["Math.min(batches, MAX_MEGABATCH)", "batches"],
    ],
  },
  {
    file: "lib/data/data_loader.ts",
    tests: ["tests/data/data_loader_test.ts"],
    slips: [
      [
        "{ epoch: epoch + 1, batch: 0 } : this.state",
        "{ epoch, batch: 0 } : this.state",
      ],
      [
        "options.dropLast ? Math.floor(batches)",
        "options.dropLast ? Math.ceil(batches)",
      ],
      [
        "Math.min(this.#sampler.length, this.length * batchSize)",
        "this.#sampler.length",
      ],
      ["batch: i + 1 }", "batch: i }"],
      ["this.#sampler.setEpoch?.(epoch);", ""],
    ],
  },
  {
    file: "lib/data/truncation.ts",
    tests: ["tests/data/truncation_test.ts"],
    slips: [
      ["shorter = Math.floor(room / 2);", "shorter = Math.ceil(room / 2);"],
      ["first > second ?", "first >= second ?"],
      ["Math.max(shorter, room - shorter)", "room - shorter"],
    ],
  },
  {
    file: "lib/data/tokenizer.ts",
    tests: ["tests/data/tokenizer_test.ts"],
    slips: [
      ["return maxLength - special;", "return maxLength;"],
      ["second = second.slice(0, b);", "second = second.slice(-b);"],
      ["tokenTypeIds.push(type);", "tokenTypeIds.push(0);"],
    ],
  },
  {
    file: "lib/data/csv.ts",
    tests: ["tests/data/csv_test.ts"],
    slips: [
      ['["\\r\\n", "\\n"]', '["\\n"]'],
      ["given ? records : records.slice(1)", "records.slice(1)"],
    ],
  },
  {
    file: "lib/data/arrow.ts",
    tests: ["tests/data/arrow_test.ts"],
    slips: [
      ["Number.isSafeInteger(number)) return number", "true) return number"],
    ],
  },
  {
    file: "lib/data/parquet.ts",
    tests: ["tests/data/parquet_test.ts"],
    slips: [
      ["Number.isSafeInteger(number)) return number", "true) return number"],
      ["value ?? null", "value"],
    ],
  },
  {
    file: "lib/data/hyparquet.ts",
    tests: ["tests/data/parquet_test.ts", "tests/data/parquet_file_test.ts"],
    slips: [
      ["fatal: true, ignoreBOM: true", "fatal: true"],
      ["input[0] !== 31 || input[1] !== 139", "false"],
      ["length === 0", "false"],
    ],
  },
  {
    file: "lib/data/parquet_file.ts",
    tests: ["tests/data/parquet_test.ts", "tests/data/parquet_file_test.ts"],
    slips: [
      ["rows !== numRows", "false"],
      ["compressed > bytes.length", "false"],
      ["done += countOf(header)", "done++"],
      ["this.#left.bytes -= bytes", ""],
      ["checkStruct(bytes.subarray(0, end)", "false && checkStruct(bytes"],
    ],
  },
  {
    file: "lib/data/parquet_page.ts",
    tests: ["tests/data/parquet_test.ts", "tests/data/parquet_file_test.ts"],
    slips: [
      ["level !== definitions", "level === definitions"],
      ["? present : 0", "? count + 1 : 0"],
    ],
  },
  {
    file: "lib/data/parquet_checks.ts",
    tests: ["tests/data/parquet_test.ts", "tests/data/parquet_file_test.ts"],
    slips: [
      ["left + 7", "left"],
      ["? 8 : 1", "? 16 : 1"],
      ["depth > MAX_DEPTH", "false"],
      ["size * width / 8", "size * width / 4"],
    ],
  },
  {
    file: "lib/data/split_files.ts",
    tests: ["tests/data/split_files_test.ts"],
    slips: [
      ["if (matches[i]?.[2] === shard) continue;", "continue;"],
      ["!alike || ", ""],
    ],
  },
  {
    file: "lib/data/shards.ts",
    tests: ["tests/data/shards_test.ts"],
    slips: [
      ['classes ? `${name} (${classes.join(", ")})` : name', "name"],
    ],
  },
  {
    file: "lib/data/dataset.ts",
    tests: ["tests/data/dataset_test.ts"],
    slips: [
      ["column.at(rows[i]!)", "column.at(i)"],
    ],
  },
  {
    file: "lib/metrics/classification.ts",
    tests: ["tests/metrics/classification_test.ts"],
    slips: [
      ["p === 1 && r === 1", "p === 0 && r === 0"],
      [
        "2 * truePositives / (2 * truePositives + errors)",
        "truePositives / (truePositives + errors)",
      ],
      ["(n * n - predicted) * (n * n - actual)", "(n * n - predicted) ** 2"],
    ],
  },
  {
    file: "lib/metrics/correlation.ts",
    tests: ["tests/metrics/correlation_test.ts"],
    slips: [
      ["(start + 1 + end) / 2", "start + 1"],
    ],
  },
  {
    file: "lib/metrics/glue.ts",
    tests: ["tests/metrics/glue_test.ts"],
    slips: [
      ["    this.#predictions = [];\n    this.#references = [];\n", ""],
      ["mrpc: { accuracy, f1: f1Score }", "mrpc: { accuracy, f1: accuracy }"],
    ],
  },
];
