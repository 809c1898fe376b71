import type { FileMutations } from "./mutation.ts";

/** Mutations of data and metrics. */
export const DATA: readonly FileMutations[] = [
  {
    file: "lib/data/collator.ts",
    tests: ["tests/data/collator_test.ts"],
    changes: [
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
    changes: [
      ["void (random.state = state)", "void state"],
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
    changes: [
      ["new Random(this.#seed, this.#epoch)", "new Random(this.#seed, 0)"],
      ["lengths[b]! - lengths[a]!", "lengths[a]! - lengths[b]!"],
      ["    [order[0], order[longest]] = [order[longest]!, order[0]!];\n", ""],
      ["Math.min(batches, MAX_MEGABATCH)", "batches"],
    ],
  },
  {
    file: "lib/data/data_loader.ts",
    tests: ["tests/data/data_loader_state_test.ts"],
    changes: [
      ["saved.batchSize !== batchSize", "false"],
      ["saved.rows !== rows", "false"],
      ["this.#orderHash(epoch) !== saved.orderHash", "false"],
      ["isCount(epoch) && ", ""],
      ["this.#lastOrder?.epoch !== epoch", "true"],
    ],
  },
  {
    file: "lib/data/data_loader.ts",
    tests: ["tests/data/data_loader_test.ts"],
    changes: [
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
    file: "lib/data/data_loader_options.ts",
    tests: ["tests/data/data_loader_test.ts"],
    changes: [
      ['typeof options?.collateFn !== "function"', "false"],
      ["  checkSource(dataset);\n", ""],
    ],
  },
  {
    file: "lib/data/data_loader.ts",
    tests: ["tests/data/data_loader_rows_test.ts"],
    changes: [
      ["this.#order(epoch), batch - 1)", "this.#order(epoch), batch)"],
    ],
  },
  {
    file: "lib/data/truncation.ts",
    tests: ["tests/data/truncation_test.ts"],
    changes: [
      ["shorter = Math.floor(room / 2);", "shorter = Math.ceil(room / 2);"],
      ["first > second ?", "first >= second ?"],
      ["Math.max(shorter, room - shorter)", "room - shorter"],
    ],
  },
  {
    file: "lib/data/tokenizer/template.ts",
    tests: ["tests/data/tokenizer_test.ts"],
    changes: [["return maxLength - special;", "return maxLength;"]],
  },
  {
    file: "lib/data/tokenizer.ts",
    tests: ["tests/data/tokenizer_test.ts"],
    changes: [
      ["second = second.slice(0, b);", "second = second.slice(-b);"],
      ["? type : 0);", "? 0 : 0);"],
    ],
  },
  {
    file: "lib/data/numeric_labels.ts",
    tests: ["tests/data/numeric_labels_test.ts"],
    changes: [
      ["label.trim()", "label"],
      ["|| !Number.isFinite(number)", ""],
      ["!Number.isSafeInteger(number)", "false"],
      ["areWhole && !areExact", "false"],
      ["areWhole && !areExact", "!areExact"],
    ],
  },
  {
    file: "lib/data/csv.ts",
    tests: ["tests/data/csv_test.ts", "tests/data/delimiter_test.ts"],
    changes: [
      ["if (!given) return;", "return;"],
      ["const isLabel = labelColumns.includes(name);", "const isLabel = true;"],
      ["fields.length !== this.#header!.length", "false"],
      ['name === "" && values.every((value) => value === "")', 'name === ""'],
      ["if (columns.has(name)) {", "if (false) {"],
      ["if (isSeparatorLine) return;", ""],
    ],
  },
  {
    file: "lib/data/delimiter.ts",
    tests: ["tests/data/csv_test.ts", "tests/data/delimiter_test.ts"],
    changes: [
      ["given ?? separator;", "separator ?? given;"],
      ["fields.length > 1 || !isHeader(fields)", "fields.length > 1"],
      ["others.length === 1 && quote !== null", "others.length === 1"],
      ["others.length === 1 && quote !== null", "quote !== null"],
      ["others: [delimiter] };", "others: [] };"],
      ["isQuoted = !isQuoted;", "isQuoted = false;"],
      ["text.length > MAX_HEADER || ", ""],
      ["1 + lineEnds(start!)", "1"],
    ],
  },
  {
    file: "lib/data/delimited_records.ts",
    tests: ["tests/data/csv_test.ts"],
    changes: [
      ["if (at + 1 === text.length) return isLast ? at + 1 : -1;", ""],
      ["return isLast ? at + 1 : -1;", "return isLast ? at : -1;"],
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
    changes: [
      ['text.startsWith("\\ufeff")', "false"],
      ["|\\r(?!$)/g", "|\\r/g"],
      ["|\\r(?!$)/g", "/g"],
    ],
  },
  {
    file: "lib/data/unicode_decoder.ts",
    tests: ["tests/data/files_test.ts", "tests/data/unicode_decoder_test.ts"],
    changes: [
      ["ignoreBOM = this.#encoding !== undefined;", "ignoreBOM = false;"],
      ["bytes.length < MARK_BYTES && !isLast", "false"],
      ["return size > back ? length - back : length;", "return length;"],
      ["(a !== 0 && b === 0 && c !== 0 && d === 0)", "false"],
      ["isHighSurrogate ? even - 2 : even", "even"],
      ['(encoding === "utf-16le" ? 1 : 2)', "1"],
      ["high = middle - 1;", "high = 0;"],
      ["c === 0 && d === 0) {", "false) {"],
    ],
  },
  {
    file: "lib/data/json.ts",
    tests: ["tests/data/json_test.ts", "tests/data/jsonl_test.ts"],
    changes: [
      ["/\\d{16}/", "/\\d{17}/"],
      ["/^-?\\d+$/.test(source)", "true"],
      ["/^-?\\d+$/.test(source)", "/^\\d+$/.test(source)"],
    ],
  },
  {
    file: "lib/data/json_array.ts",
    tests: ["tests/data/json_array_test.ts"],
    changes: [
      ["isPlainObject(items[0])", "true"],
      ["  checkIsOneValue(json, source);\n", ""],
      ["[^\\S\\r\\n]*(?=", "(?="],
      ["object ${i + 1}`), i + 1", "object ${i + 1}`), i"],
      ["json.length <= MAX_TEXT", "true"],
    ],
  },
  {
    file: "lib/data/json_rows.ts",
    tests: ["tests/data/json_array_test.ts", "tests/data/jsonl_test.ts"],
    changes: [
      ["if (extra !== undefined)", "if (false)"],
      [
        "tooLarge === undefined || this.#unsupported.has(name)",
        "tooLarge === undefined",
      ],
    ],
  },
  {
    file: "lib/data/jsonl.ts",
    tests: ["tests/data/json_array_test.ts", "tests/data/jsonl_test.ts"],
    changes: [
      ['|| line.endsWith("}")', ""],
      ["    isFirst = false;\n", ""],
    ],
  },
  {
    file: "lib/data/duplicates.ts",
    tests: ["tests/data/duplicates_test.ts"],
    changes: [
      ['.normalize("NFC")', ""],
      ['.replaceAll(/\\s+/g, " ")', ""],
      [".trim()", ""],
      ["length > 1", "length > 2"],
    ],
  },
  {
    file: "lib/data/train_test_split.ts",
    tests: ["tests/data/train_test_split_test.ts"],
    changes: [
      ["testSize * length - 1e-9", "testSize * length"],
      ["targets[of]! + 1 < counts[of]!", "true"],
      ["remainders[b]! - remainders[a]!", "remainders[a]! - remainders[b]!"],
      ["random.permutation(counts.length)", "counts.keys()"],
      ["missing[classes[group[--fitting]!]!]!++;", "--fitting;"],
      ["a.length - b.length", "b.length - a.length"],
      ["targets[of]! - count < counts[of]!", "true"],
      ["chosen.length > 0 && !isCloser", "!isCloser"],
      ["chosen.length > 0 && !isCloser", "true"],
      ["order.map((i) => groups[i]!)", "groups"],
    ],
  },
  {
    file: "lib/data/data_file.ts",
    tests: ["tests/data/sources_test.ts"],
    changes: [
      ["urlOf(source)?.pathname ?? path", "path"],
    ],
  },
  {
    file: "lib/data/load_dataset.ts",
    tests: ["tests/data/sources_test.ts"],
    changes: [
      ["if (url) return url;", ""],
      ["if (source instanceof File) return source;", ""],
      ["return folder.folder(DATA_FOLDER);", "return folder;"],
    ],
  },
  {
    file: "lib/data/text_source.ts",
    tests: ["tests/data/sources_test.ts"],
    changes: [
      [
        "text instanceof Uint8Array || text instanceof Blob",
        "text instanceof Uint8Array",
      ],
      ["if (!isIterable(text)) throw noText(source, text);", ""],
      ['typeof piece !== "string"', "false"],
    ],
  },
  {
    file: "lib/data/load_dataset.ts",
    tests: ["tests/data/load_dataset_test.ts"],
    changes: [
      ['split !== "train"', "false"],
      ["if (dataset.length > 0) return dataset;", "return dataset;"],
    ],
  },
  {
    file: "lib/data/class_labels.ts",
    tests: ["tests/data/class_labels_test.ts"],
    changes: [
      ["Array.isArray(feature) ? { feature: feature[0] } : feature", "feature"],
      ["item === undefined ? undefined : namesOf(item)", "undefined"],
    ],
  },
  {
    file: "lib/data/unsupported_columns.ts",
    tests: ["tests/data/unsupported_columns_test.ts"],
    changes: [
      ["if (reason !== undefined)", "if (false)"],
      ["enumerable: true,", "enumerable: false,"],
    ],
  },
  {
    file: "lib/data/split_files.ts",
    tests: ["tests/data/split_files_test.ts"],
    changes: [
      ["if (matches[i]?.[2] === shard) continue;", "continue;"],
      ["!alike || ", ""],
    ],
  },
  {
    file: "lib/data/shards.ts",
    tests: ["tests/data/shards_test.ts"],
    changes: [
      ['classes ? `${name} (${classes.join(", ")})` : name', "name"],
      ['types.has("number") && types.has("string")', "false"],
    ],
  },
  {
    file: "lib/data/dataset.ts",
    tests: ["tests/data/dataset_test.ts"],
    changes: [
      ["column.at(rows[i]!)", "column.at(i)"],
      ["letters(other) === letters(name)", "other === name"],
    ],
  },
];
