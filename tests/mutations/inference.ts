import type { FileMutations } from "./mutation.ts";

/** Mutations of classifiers in use: lib/inference, scripts/inference and scripts/serving. */
export const INFERENCE: readonly FileMutations[] = [
  {
    file: "lib/inference/predict_call.ts",
    tests: ["tests/inference/predict_call_test.ts"],
    changes: [
      ["|| b - a", "|| a - b"],
      ["lengths[a]! - lengths[b]!", "lengths[b]! - lengths[a]!"],
      ["text.length + textPair.length", "text.length"],
      ["Math.min(limit, call.batchSize)", "call.batchSize"],
      ["if (texts.length > 0) limit = lower;", ""],
      ["[...skipped!, ...taken!]", "[...taken!, ...skipped!]"],
    ],
  },
  {
    file: "lib/inference/label_scores.ts",
    tests: [
      "tests/inference/label_scores_test.ts",
      "tests/inference/text_classifier_golden_test.ts",
    ],
    changes: [
      ["sigmoid(logits[i]!) >= thresholds[i]!", "sigmoid(logits[i]!) > 0.5"],
      ["=> b.score - a.score", "=> a.score - b.score"],
      ["isMultiLabel || this.labels.length === 1", "isMultiLabel"],
      ["Math.exp(logit - largest)", "Math.exp(logit)"],
      ["DEFAULT_THRESHOLD = 0.5", "DEFAULT_THRESHOLD = 0.6"],
    ],
  },
  {
    file: "lib/inference/classifier_options.ts",
    tests: ["tests/inference/text_classifier_errors_test.ts"],
    changes: [["!(signal instanceof AbortSignal)", "false"]],
  },
  {
    file: "lib/inference/batch_queue.ts",
    tests: [
      "tests/inference/text_classifier_test.ts",
      "tests/inference/text_classifier_errors_test.ts",
    ],
    changes: [
      ["    using _noGrad = noGrad();\n", "    noGrad();\n"],
      ["    using _scope = device.scope();\n", ""],
      ["await Promise.resolve(); // calls", "// calls"],
      ["row * numLabels, (row + 1)", "0, (row + 1)"],
      ["checkIds(encoding.inputIds, config.vocabSize);", ""],
      ["encoding.inputIds.length > maxLength", "true"],
      ["performance.now() - start > BLOCKED_MS", "false"],
    ],
  },
  {
    file: "lib/inference/text_classifier.ts",
    tests: [
      "tests/inference/text_classifier_test.ts",
      "tests/inference/text_classifier_errors_test.ts",
    ],
    changes: [
      ["if (this.#ownsDevice) return this.#device.destroy();", ""],
      ["this.#device.release(buffer);", "buffer;"],
      ["given <= maxSeqLength", "given >= 0"],
    ],
  },
  {
    file: "scripts/inference/evaluation_report.ts",
    tests: ["tests/scripts/inference/evaluation_report_test.ts"],
    changes: [
      ["...thresholds && { thresholds },", ""],
      ["? rows.column(ROW) as number[]", "? [...references.keys()]"],
    ],
  },
  {
    file: "scripts/classify/predictions.ts",
    tests: ["tests/scripts/inference/evaluation_report_test.ts"],
    changes: [["return logits.map(sigmoid);", "return softmax(logits);"]],
  },
  {
    file: "scripts/inference/labelled_rows.ts",
    tests: ["tests/scripts/evaluate_test.ts"],
    changes: [
      ["if (!text || label === undefined) console", "if (false) console"],
      ["if (!text || label === undefined) console", "console"],
    ],
  },
  {
    file: "scripts/inference/pair_warning.ts",
    tests: ["tests/scripts/inference/pair_warning_test.ts"],
    changes: [["sentences.length < 2 || ", ""]],
  },
  {
    file: "scripts/model_card/usage.ts",
    tests: ["tests/scripts/inference/pair_warning_test.ts"],
    changes: [[" ${SINGLE_TEXTS} `", " `"]],
  },
  {
    file: "scripts/inference/texts.ts",
    tests: ["tests/scripts/predict_test.ts"],
    changes: [[" || names.some(isColumnName)", ""]],
  },
  {
    file: "scripts/inference/logits.ts",
    tests: ["tests/scripts/evaluate_multi_label_test.ts"],
    changes: [["Math.max(logit, 0) - logit *", "Math.max(logit, 0) +"]],
  },
  {
    file: "scripts/inference/scoring.ts",
    tests: ["tests/scripts/evaluate_multi_label_test.ts"],
    changes: [
      ["flag === references[i]![label]", "flag <= references[i]![label]!"],
      ["f1Micro: report.micro.f1", "f1Micro: report.macro.f1"],
    ],
  },
  {
    file: "scripts/serving/request_body.ts",
    tests: [
      "tests/scripts/serving/predict_service_test.ts",
      "tests/scripts/serving/predict_service_limits_test.ts",
    ],
    changes: [
      ["if (size > bodyBytes) throw tooLarge();", ""],
      ["    isLate = true;\n", ""],
      [".catch(brokenOff)", ""],
      ["{ fatal: true }", "{}"],
      [
        "/^application\\/json\\s*(;|$)/i.test(type)",
        '(type !== "none" || true)',
      ],
      ["texts.length > limits.textsPerRequest", "false"],
      ["checkLengths([text, textPair], limits);", ""],
      ["Object.values(input)", "[input]"],
    ],
  },
  {
    file: "scripts/serving/predict_service.ts",
    tests: [
      "tests/scripts/serving/predict_service_test.ts",
      "tests/scripts/serving/predict_service_limits_test.ts",
      "tests/scripts/serving/page_test.ts",
    ],
    changes: [
      ["      this.#waitingTexts -= count;\n", ""],
      ["      this.#openRequests--;\n", ""],
      ["this.#waitingTexts + count > limits", "count > limits"],
      ["signal: request.signal }", "signal: new AbortController().signal }"],
      ["if (error instanceof DeviceLostError) this", "this"],
      ["(localhost|127\\.0\\.0\\.1|\\[::1\\])(:\\d+)?$", "(localhost|127|\\[)"],
      ["response.headers.set(name, value);", "void [name, value];"],
    ],
  },
  {
    file: "scripts/serving/listen.ts",
    tests: ["tests/scripts/serving/listen_test.ts"],
    changes: [
      ["[interrupted, failed, broken]", "[interrupted, broken]"],
      ["[interrupted, failed, broken]", "[interrupted, failed]"],
      ['.replace(/^Error: /, "")', ""],
    ],
  },
];
