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
      ['typeof options?.collateFn !== "function"', "false"],
      ["  checkSource(dataset);\n", ""],
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
      ["if (!given) return;", "return;"],
      ["labelColumns.includes(name) ?", "true ?"],
      ["if (header.length !== 1) return;", ""],
      ["!given && options.delimiter === undefined", "!given"],
      ["!given && options.delimiter === undefined", "true"],
      ["fields.length !== header.length", "false"],
    ],
  },
  {
    file: "lib/data/delimited_records.ts",
    tests: ["tests/data/csv_test.ts"],
    slips: [
      ["if (at + 1 === text.length && !isLast) return -1;", ""],
      ["(end + 1 === text.length && !isLast)", "false"],
      ["value.replaceAll(quote + quote, quote)", "value"],
      ["if (end > start) this.#onRecord", "this.#onRecord"],
      ["if (this.#carriageReturnEnds) {", "if (false) {"],
      ["this.#carriageReturnEnds = false;", ""],
      ["? at + 1 : at;", "? at + 1 : at + 1;"],
      ["> MAX_RECORD", "> Infinity"],
      ["lines += value.match", "value.match"],
    ],
  },
  {
    file: "lib/data/text_source.ts",
    tests: ["tests/data/csv_test.ts", "tests/data/jsonl_test.ts"],
    slips: [
      ['text.startsWith("\\ufeff")', "false"],
      ["|\\r(?!$)/g", "|\\r/g"],
      ["|\\r(?!$)/g", "/g"],
    ],
  },
  {
    file: "lib/data/utf8.ts",
    tests: ["tests/data/files_test.ts"],
    slips: [
      ["const ignoreBOM = !this.#isFirst;", "const ignoreBOM = false;"],
      ["this.#isFirst &&= whole.length === 0;", "this.#isFirst = false;"],
      ["return size > back ? length - back : length;", "return length;"],
      ["(a !== 0 && b === 0 && c !== 0 && d === 0)", "false"],
      ["return start;\n    }\n", "return 0;\n    }\n"],
    ],
  },
  {
    file: "lib/data/json.ts",
    tests: ["tests/data/json_test.ts", "tests/data/jsonl_test.ts"],
    slips: [
      ["/\\d{16}/", "/\\d{17}/"],
      ["/^-?\\d+$/.test(source)", "true"],
      ["/^-?\\d+$/.test(source)", "/^\\d+$/.test(source)"],
    ],
  },
  {
    file: "lib/data/arrow.ts",
    tests: ["tests/data/arrow_test.ts", "tests/data/arrow_damaged_test.ts"],
    slips: [
      ["startsWith(bytes, MAGIC) ? MAGIC : END", "END"],
      ["Object.keys(columns).length === 0", "false"],
    ],
  },
  {
    file: "lib/data/arrow_buffers.ts",
    tests: [
      "tests/data/arrow_test.ts",
      "tests/data/arrow_damaged_test.ts",
      "tests/data/arrow_table_test.ts",
    ],
    slips: [
      ["if (bytes.length < size)", "if (false)"],
      ["length - present !== missing", "false"],
      ["this.#buffer !== buffers.length", "false"],
      ["offset + length > body.length", "false"],
      ["if (size === STORED) return frame;", ""],
    ],
  },
  {
    file: "lib/data/arrow_columns.ts",
    tests: [
      "tests/data/arrow_test.ts",
      "tests/data/arrow_damaged_test.ts",
      "tests/data/arrow_table_test.ts",
    ],
    slips: [
      ["offset < last ||", ""],
      ["items.length !== length * type.size", "false"],
      ["checkText(bytes, offsets, valid);", ""],
      ["buffer[offset + i] !== view.getUint8(copy + i)", "false"],
      ["length + 1);", "length);"],
    ],
  },
  {
    file: "lib/data/arrow_messages.ts",
    tests: ["tests/data/arrow_test.ts", "tests/data/arrow_damaged_test.ts"],
    slips: [
      ["if (end !== bytes.length)", "if (false)"],
      ["message.end !== offset + metadataSize + bodySize", "false"],
      ["if (VERSIONS.includes(version))", "if (true)"],
      ['header.number(2, "Uint8") !== 0', "false"],
    ],
  },
  {
    file: "lib/data/arrow_schema.ts",
    tests: ["tests/data/arrow_test.ts", "tests/data/arrow_damaged_test.ts"],
    slips: [
      ['table.number(0, "Int16") !== 0', "false"],
      ["return isReadable(children[0]!);", "return true;"],
    ],
  },
  {
    file: "lib/data/arrow_table.ts",
    tests: ["tests/data/arrow_test.ts", "tests/data/arrow_damaged_test.ts"],
    slips: [
      ["isDelta ? concatenate([before!, values]) : values", "values"],
      ["column.length !== message.length", "false"],
      ["values.length !== batch.length", "false"],
      ["column.tooLarge !== undefined", "false"],
    ],
  },
  {
    file: "lib/data/arrow_values.ts",
    tests: [
      "tests/data/arrow_test.ts",
      "tests/data/arrow_damaged_test.ts",
      "tests/data/arrow_table_test.ts",
    ],
    slips: [
      ["index < values.length", "true"],
      ["start(length) > items.length", "false"],
      ["!Number.isSafeInteger(values[i])", "false"],
      ["(low + high + 1) >> 1", "(low + high) >> 1"],
      ["sign * fraction * 2 ** -14", "sign * fraction"],
    ],
  },
  {
    file: "lib/data/flatbuffer.ts",
    tests: ["tests/data/flatbuffer_test.ts"],
    slips: [
      ["at + size > view.byteLength", "false"],
      ["|| at % alignment !== 0", ""],
      ["source.tablesLeft-- <= 0", "false"],
      ["if (offset === 0)", "if (false)"],
      ["view.getUint8(start + OFFSET + length) !== 0", "false"],
    ],
  },
  {
    file: "lib/data/lz4_frame.ts",
    tests: ["tests/data/lz4_frame_test.ts"],
    slips: [
      ["FLAG.independent ? done : 0", "FLAG.independent ? 0 : done"],
      ["FLAG.contentSize) !== 0", "FLAG.contentSize) === 0"],
      ["if (at === input.length) return end;", "if (false) return end;"],
      [
        "FLAG.blockChecksum && uint32() !== xxHash32(block)",
        "FLAG.blockChecksum && uint32() === 0",
      ],
      ["done !== length || at !== input.length", "done !== length"],
    ],
  },
  {
    file: "lib/data/xx_hash32.ts",
    tests: ["tests/data/xx_hash32_test.ts"],
    slips: [
      ["[1, 7, 12, 18]", "[1, 7, 12, 17]"],
      ["hash += bytes.length;", ""],
      ["rotate(hash, 17)", "rotate(hash, 16)"],
    ],
  },
  {
    file: "lib/data/zstd.ts",
    tests: ["tests/data/zstd_test.ts"],
    slips: [
      ["output.length !== length", "false"],
    ],
  },
  {
    file: "lib/data/unsupported_columns.ts",
    tests: ["tests/data/unsupported_columns_test.ts"],
    slips: [
      ["if (reason !== undefined)", "if (false)"],
      ["enumerable: true,", "enumerable: false,"],
    ],
  },
  {
    file: "lib/data/parquet.ts",
    tests: ["tests/data/parquet_test.ts"],
    slips: [
      ["Number.isSafeInteger(number) ? number : value", "number"],
      ['group!.element.repetition_type === "REPEATED" &&', ""],
      ["item === undefined", "false"],
    ],
  },
  {
    file: "lib/data/hyparquet.ts",
    tests: ["tests/data/parquet_test.ts", "tests/data/parquet_file_test.ts"],
    slips: [
      ["fatal: true, ignoreBOM: true", "fatal: true"],
      ["input[0] !== 31 || input[1] !== 139", "false"],
    ],
  },
  {
    file: "lib/data/parquet_file.ts",
    tests: ["tests/data/parquet_test.ts", "tests/data/parquet_file_test.ts"],
    slips: [
      ["rows !== numRows", "false"],
      ["compressed > bytes.length", "false"],
      ["assembler.rows.length >= rows", "assembler.rows.length > rows"],
      ["columns[firstLeaf]", "columns[index]"],
      ["index < dictionary.length", "true"],
      ["size === levels", "false"],
      ["this.#left.bytes -= bytes", ""],
      ["checkStruct(bytes.subarray(0, end)", "false && checkStruct(bytes"],
    ],
  },
  {
    file: "lib/data/parquet_page.ts",
    tests: ["tests/data/parquet_test.ts", "tests/data/parquet_file_test.ts"],
    slips: [
      ["level !== max).length", "level === max).length"],
      ["? present : 0", "? count + 1 : 0"],
      ["if (present === 0) return checked;", ""],
      ['missing === count ? "PLAIN" as const : fields', "fields"],
      ['if (type === "INT32") narrowFirstValue(page, offset);', ""],
      ['encodings[i] === "BIT_PACKED"', "false"],
    ],
  },
  {
    file: "lib/data/parquet_checks.ts",
    tests: ["tests/data/parquet_test.ts", "tests/data/parquet_file_test.ts"],
    slips: [
      ["MAX_WIDTH = 24", "MAX_WIDTH = 32"],
      ["left + 7", "left"],
      ["? 8 : 1", "? 16 : 1"],
      ["depth > MAX_DEPTH", "false"],
      ["size * width / 8", "size * width / 4"],
    ],
  },
  {
    file: "lib/data/parquet_rows.ts",
    tests: ["tests/data/parquet_rows_test.ts"],
    slips: [
      ["definition < ++level) return undefined;", "false) return undefined;"],
      [
        "resume.push({ group: i + 1, level })",
        "resume.push({ group: i, level })",
      ],
      ["isMissing ? null", "false ? null"],
      ["value === undefined", "false"],
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
      ['types.has("number") && types.has("string")', "false"],
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
      ["  checkNumbers(name, numbers);\n", ""],
      ["const name = FUNCTIONS[path];", "const name = undefined;"],
    ],
  },
  {
    file: "lib/metrics/check.ts",
    tests: [
      "tests/metrics/glue_test.ts",
      "tests/metrics/classification_test.ts",
    ],
    slips: [
      ["isPromise(values)", "false"],
      ['  checkNumbers("predictions", predictions);\n', ""],
    ],
  },
];
