import type { FileMutations } from "./mutation.ts";

/** Mutations of `scripts/classify`, and of how it divides its data. */
export const CLASSIFY: readonly FileMutations[] = [
  {
    file: "scripts/classify/labels.ts",
    tests: ["tests/scripts/classify/labels_test.ts"],
    changes: [
      ["(isHidden && label === -1)", "false"],
      ["(isHidden && label === -1)", "label === -1"],
      ["known !== undefined || metric !== undefined", "known !== undefined"],
      [
        'kind === "inferred" && labels.some(isFraction)',
        "labels.some(isFraction)",
      ],
      ["Number.isNaN(label) ||", ""],
      ["values?.every((value, i) => value === i)", "true"],
      ['[{ source: "GLUE", names: labels }]', "[]"],
      ["classes.sort((a, b) => Number(a) - Number(b))", "classes.sort()"],
      ["? classes.sort()\n", "? classes\n"],
      ["areIndices && typeof label", "typeof label"],
      ["areIndices && typeof label", "false && typeof label"],
      ["words.every(isNoNumber)", "false"],
      ["words.every(isNoNumber)", "true"],
      ["label === Infinity || ", ""],
      [" || label === -Infinity", ""],
      [
        "labelReader(splits, labelColumn)",
        "labelReader(splits.slice(1), labelColumn)",
      ],
      ["types.size > 1 ||", ""],
      ['kind === "inferred" && labels.some(isFraction)', "false"],
      ['const isClass = labels !== "numbers";', "const isClass = true;"],
      [": head.numbers[number]!", ": number"],
      ["head.numbers.indexOf(prediction)", "prediction"],
    ],
  },
  {
    file: "scripts/train/load_splits.ts",
    tests: ["tests/scripts/train/load_splits_test.ts"],
    changes: [
      ["...labelColumns && { labelColumns },", ""],
      ['"stratifyBy" in needed ? needed.stratifyBy : "label"', "undefined"],
    ],
  },
  {
    file: "scripts/train/divide.ts",
    tests: ["tests/scripts/train/divide_test.ts"],
    changes: [
      ["forValidation === 0 || ", ""],
      ["forValidation + forTest >= length", "forValidation >= length"],
      ["...stratifyBy !== undefined && { stratifyBy },", ""],
      ["testSize, groupBy: textColumns, seed", "testSize, seed"],
      ["if (rows.columnNames.includes(ROW)) return rows;", ""],
      ["labelNames: Object.fromEntries(labelNames),", ""],
    ],
  },
  {
    file: "scripts/classify/columns.ts",
    tests: ["tests/scripts/classify/columns_test.ts"],
    changes: [
      ["column.trim().toLowerCase()", "column"],
      ["if (pair) return pair;", ""],
      ["2 * words > texts.length && ", ""],
      [" && 2 * new Set(texts).size > texts.length", ""],
      ["2 * size <= values.length", "true"],
      ['&& `${value}`.trim() !== ""', ""],
      ["if (same !== undefined) {", "if (false) {"],
      [
        "columnNames.filter((name) => hasName(name, names))",
        "columnNames.filter(() => false)",
      ],
      ["[TEXT_NAMES, ...PAIRS, ...LABEL_NAMES]", "[TEXT_NAMES, ...PAIRS]"],
    ],
  },
  {
    file: "scripts/classify/missing_rows.ts",
    tests: ["tests/scripts/classify/missing_rows_test.ts"],
    changes: [
      ["texts.every((column) => isBlank", "texts.some((column) => isBlank"],
      ["words.length < texts.size &&", ""],
      [
        "label === -1 && table.labelNames(column) !== undefined",
        "label === -1",
      ],
      [
        "[ROW]: numbered.column(ROW),",
        "[ROW]: numbered.column(ROW).map(() => 0),",
      ],
      ["Number.isNaN(value) ||", ""],
      ["numbered.select(rows.filter((row) => !left.has(row)))", "numbered"],
      ["missing.length === length", "false"],
      ["isSets && missing.label!.length > 0", "missing.label!.length > 0"],
      ["missing.label!.length > 0 ? NO_LABEL", "true ? NO_LABEL"],
    ],
  },
  {
    file: "scripts/classify/data.ts",
    tests: ["tests/scripts/classify/own_data_test.ts"],
    changes: [
      [
        'options.tuneThresholds && problemType !== "multi_label_classification"',
        "false",
      ],
      ['problemType === "regression" ? "a number" : "one label"', '"a number"'],
    ],
  },
  {
    file: "scripts/classify/own_data.ts",
    tests: ["tests/scripts/classify/own_data_test.ts"],
    changes: [
      [
        "isOfClasses(rows, column, kind) ? column : undefined",
        "undefined",
      ],
      [
        "isMissing = missingLabels(labelled, label[0]!, isSets)",
        "isMissing = missingLabels(labelled, label[0]!)",
      ],
      ["if (!isDivided) refuseShares(path, options);", ""],
      ["!rows.column(name!).includes(name)", "false"],
      ["options.labelColumn === undefined", "true"],
      ['typeof label === "object" ||', ""],
      ["isDivided && testSplit > 0", "false"],
    ],
  },
  {
    file: "scripts/classify/label_sets.ts",
    tests: ["tests/scripts/classify/label_sets_test.ts"],
    changes: [
      [".map((label) => label.trim());", ";"],
      ["labels.size < value.length", "false"],
      ["flags[number] = 1;", "flags[index] = 1;"],
      ["Math.max(...all as Set<number>) + 1", "all.size"],
      ["? table.column(ROW)[row] as number", "? row"],
      ['find(stored[label] ?? "")', "label"],
      ["if (labelColumns.length > 1) requireEach", "if (false) requireEach"],
    ],
  },
  {
    file: "scripts/classify/loss.ts",
    tests: ["tests/scripts/classify/loss_test.ts"],
    changes: [
      ["1 / window.weight", "1 / window.rows"],
      ["rowWeights: weight && train", "rowWeights: undefined && train"],
      ["Math.max(train.length - count, 1) / count", "train.length / count"],
      ["{ posWeight: weight }", "{}"],
      ["weights.length === names.length", "true"],
    ],
  },
  {
    file: "scripts/classify/scores.ts",
    tests: ["tests/scripts/classify/scores_test.ts"],
    changes: [
      ["{ posLabel: positiveLabelOf(labels) }", "{}"],
      [
        'single_label_classification: "f1"',
        'single_label_classification: "accuracy"',
      ],
      ["          DECISIVE[head.problemType],\n", ""],
      ['isBinary ? "binary" : "macro"', '"macro"'],
      ["if (!Number.isFinite(loss)) {", "if (false) {"],
      [
        "predictedLabels(logits, labels, thresholds)",
        "predictedLabels(logits, labels)",
      ],
    ],
  },
  {
    file: "scripts/classify/intervals.ts",
    tests: ["tests/scripts/classify/scores_test.ts"],
    changes: [
      [
        'names.length === 2 ? "binary" : "macro",\n        positiveLabelOf(labels)',
        'names.length === 2 ? "binary" : "macro"',
      ],
    ],
  },
  {
    file: "scripts/classify/thresholds.ts",
    tests: ["tests/scripts/classify/thresholds_test.ts"],
    changes: [
      ["if (next === probability) return;", ""],
      ["(probability + next) / 2", "probability"],
      [" || (f1 === best.f1 && isNearer)", ""],
      [
        "before === undefined && thresholds === undefined",
        "thresholds === undefined",
      ],
    ],
  },
  {
    file: "scripts/classify/results.ts",
    tests: ["tests/scripts/classify/results_test.ts"],
    changes: [
      ["this.#last = last ?? undefined;", ""],
      ["this.#best = best ?? undefined;", ""],
      ["this.#predictions.clear();", ""],
      ['split === "train" && task.metric !== undefined', "false"],
      ["if (tune) this.#tune();", ""],
      ["if (task.isTested) this.#printTest();", ""],
      ["labels.names?.[label] ?? label", "label"],
    ],
  },
  {
    file: "scripts/classify/baselines.ts",
    tests: ["tests/scripts/classify/results_test.ts"],
    changes: [
      ["references.map(() => mean)", "references.map(() => 0)"],
      ["?? baselines?.mean", ""],
      ["names.length > 2 && ", ""],
    ],
  },
  {
    file: "scripts/classify/next.ts",
    tests: ["tests/scripts/classify/next_test.ts"],
    changes: [
      ['.replace(/ ?\\S*$/, "")', ""],
      ["score > words || ", ""],
      ["&& classWeights === undefined", ""],
    ],
  },
  {
    file: "scripts/train/first_batch.ts",
    tests: ["tests/scripts/train/first_batch_test.ts"],
    changes: [
      ["names[label] ??", ""],
      ["row * count, (row + 1)", "0, (row + 1)"],
      ["if (part.length === 0) continue;", ""],
    ],
  },
  {
    file: "scripts/classify/report.ts",
    tests: ["tests/scripts/classify/report_test.ts"],
    changes: [
      [".filter((split) => split !== shown)", ""],
      ["if (length < maxLength) return length;", ""],
      ["withoutFolder(flags))", "flags)"],
      ["positiveLabel: positiveLabelOf(labels),", ""],
    ],
  },
];
