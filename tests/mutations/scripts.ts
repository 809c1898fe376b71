import type { FileMutations } from "./mutation.ts";

/** Mutations of scripts and lib/training. */
export const SCRIPTS: readonly FileMutations[] = [
  {
    file: "lib/training/gradient_accumulation.ts",
    tests: [
      "tests/training/gradient_accumulation_test.ts",
      "tests/training/weighted_accumulation_test.ts",
    ],
    changes: [
      [
        "Math.min(windowStart + this.#windowRows, rows)",
        "windowStart + this.#windowRows",
      ],
      ["ownRows / windowRows", "ownRows / this.#windowRows"],
      ["Math.min(start + batchSize, rows)", "start + batchSize"],
      ["start - start % this.#windowRows", "start"],
      ["end === windowEnd", "end === windowStart + this.#windowRows"],
      ["Math.ceil(loader.rows /", "Math.floor(loader.rows /"],
      ["slice(windowStart, windowEnd)", "slice(start, end)"],
      ["weights[row]", "weights[0]"],
      ["weight >= 0 && weight < Infinity", "weight >= 0"],
    ],
  },
  {
    file: "scripts/train/options.ts",
    tests: ["tests/scripts/train/options_test.ts"],
    changes: [
      ["Math.ceil(warmupRatio", "Math.floor(warmupRatio"],
    ],
  },
  {
    file: "scripts/train_mrpc.ts",
    tests: ["tests/scripts/train_steps_test.ts"],
    changes: [
      ["mul(loss, share)", "loss"],
      ["training.isLogged", "false"],
      ["      scheduler.step();\n", ""],
    ],
  },
  {
    file: "scripts/train_mrpc.ts",
    tests: [
      "tests/scripts/train_run_test.ts",
      "tests/scripts/train_steps_test.ts",
    ],
    changes: [
      ["      optimizer.zeroGrad();\n", ""],
      ["    model.train();\n", ""],
      ["    model.eval();\n", ""],
      ["shuffle: true", "shuffle: false"],
      ["losses.add(loss, batch.inputIds.shape[0]!)", "losses.add(loss, 1)"],
    ],
  },
  {
    file: "scripts/hub/connection.ts",
    tests: ["tests/scripts/fetch_test.ts"],
    changes: [
      ["target.origin === hub.origin && this.#token", "this.#token"],
    ],
  },
  {
    file: "scripts/hub/client.ts",
    tests: ["tests/scripts/fetch_test.ts"],
    changes: [
      ['["", ".", ".."].includes(part)', '["", "."].includes(part)'],
    ],
  },
  {
    file: "scripts/hub/download.ts",
    tests: [
      "tests/scripts/fetch_test.ts",
      "tests/scripts/fetch_connection_test.ts",
    ],
    changes: [
      ["if (await isComplete(partial, file)) {", "{"],
      [
        "failedAttempts = size > before ? 0 : failedAttempts + 1;",
        "failedAttempts++;",
      ],
      ["    size = 0;\n  }\n  using out", "  }\n  using out"],
      ['isSha256 ? "sha256" : "sha1"', '"sha256"'],
    ],
  },
  {
    file: "scripts/hub/download.ts",
    tests: ["tests/scripts/fetch_disk_test.ts"],
    changes: [
      ["return await out.sync();", "return;"],
      ["await opened.sync();", ""],
    ],
  },
  {
    file: "scripts/export_onnx.ts",
    tests: ["tests/scripts/export_disk_test.ts"],
    changes: [
      [
        'writeFile(outputDir, "config.json", config)',
        "Deno.writeTextFile(`${outputDir}/config.json`, config)",
      ],
    ],
  },
  {
    file: "scripts/fetch.ts",
    tests: ["tests/scripts/fetch_disk_test.ts"],
    changes: [
      ["of [others, [last]]", "of [[last], others]"],
    ],
  },
  {
    file: "scripts/hub/names.ts",
    tests: ["tests/scripts/hub/names_test.ts"],
    changes: [
      ['"[A-Za-z0-9_][\\\\w.-]*"', '"[\\\\w.-]+"'],
      ['type === "model" && configuration', "false"],
      ['look(`${folder}/tokenizer.json`) === "none"', "true"],
      ['look(`${folder}/model/config.json`) === "file"', "false"],
    ],
  },
  {
    file: "scripts/train/class_names.ts",
    tests: [
      "tests/scripts/classify/labels_test.ts",
      "tests/scripts/train/class_names_test.ts",
    ],
    changes: [
      ["`${other.names}` === `${first!.names}`", "true"],
      ["!areNumbers || table.labelNames(column)", "!areNumbers"],
      [
        "const areNumbers = numericLabels(texts.flat()) !== undefined;",
        "const areNumbers = true;",
      ],
      ["name.toLowerCase() === `label_${i}` || ", ""],
      [" || name === `${i}`", ""],
      ["data.length !== model.length", "false"],
      ["exact.get(name) ?? ", ""],
      ["similar.length === 1", "similar.length > 0"],
    ],
  },
  {
    file: "scripts/train/head.ts",
    tests: ["tests/scripts/classify/labels_test.ts"],
    changes: [
      [
        "count === model.length && !(ofData && ofModel)",
        "count === model.length",
      ],
      [
        "count === model.length && !(ofData && ofModel)",
        "!(ofData && ofModel)",
      ],
      ["{ ...ofData ?? model }", "{ ...model }"],
      ["id2label: { ...model }, numbers }", "id2label: { ...model } }"],
      ["model.length !== 1", "false"],
    ],
  },
  {
    file: "scripts/train/warnings.ts",
    tests: ["tests/scripts/train/warnings_test.ts"],
    changes: [
      [
        "numWarmupSteps >= numTrainingSteps",
        "numWarmupSteps > numTrainingSteps",
      ],
      ["inputIds.length > maxLength", "inputIds.length >= maxLength"],
      ["learningRate === 0", "false"],
      ["\\d+,\\d+$/", "\\d+,/"],
      ["names?.[label as number] ?? label", "label"],
      [
        "JSON.stringify(texts.map((column) => column[row]))",
        'texts.map((column) => column[row]).join("")',
      ],
    ],
  },
  {
    file: "scripts/inference/references.ts",
    tests: ["tests/scripts/inference/references_test.ts"],
    changes: [
      ["return order[value]", "return value"],
      [
        "areNames ? texts : labelReader([data], column)(data)",
        "labelReader([data], column)(data)",
      ],
      ["texts.some((text)", "texts.every((text)"],
      ["(ofModel || ofData.length !== labels.length)", "ofModel"],
      ["labels.every((name) => NUMERAL.test(name)) ||", ""],
      ["values.some((value) => find(`${value}`) !== undefined)", "false"],
      ["|| areNames ?", "?"],
      ["labels)?.[1] ?? 1", "labels)?.[0] ?? 1"],
    ],
  },
  {
    file: "scripts/inference/input_lines.ts",
    tests: ["tests/scripts/inference/input_lines_test.ts"],
    changes: [
      ["ignoreBOM: !isFirst", "ignoreBOM: false"],
      ["buffer.slice(start, count)", "buffer.subarray(start, count)"],
      ["if (size > 0) yield [complete()];", ""],
      ["this.#fields ??= { count: fields.length, line };", ""],
      ['text.endsWith("\\r") ? text.slice(0, -1) : text', "text"],
    ],
  },
  {
    file: "scripts/inference/predict_lines.ts",
    tests: ["tests/scripts/predict_lines_test.ts"],
    changes: [
      ["if (rows.length > 0) yield rows;\n        throw", "throw"],
      ["stop = () => resolve(undefined);", ""],
      ["truncated === 0 && classifier.truncated > 0", "true"],
      ["outputs[toLabel.indexOf(row)]", "outputs[rows.indexOf(row)]"],
    ],
  },
  {
    file: "scripts/inference/logits.ts",
    tests: ["tests/scripts/predict_problem_types_test.ts"],
    changes: [["1 / (1 + Math.exp(-logit))", "1 / (1 + Math.exp(logit))"]],
  },
  {
    file: "scripts/inference/classifier.ts",
    tests: ["tests/scripts/predict_problem_types_test.ts"],
    changes: [
      ["outputs.filter(({ predicted }) => predicted)", "outputs"],
      ["order.get(a.label)! - order", "a.score - b.score - 0 * order"],
    ],
  },
  {
    file: "scripts/hub/dataset_card.ts",
    tests: ["tests/scripts/hub/dataset_card_test.ts"],
    changes: [
      ["all.length === 1 ||", ""],
      ["isDefault === true", "false"],
      ["[paths].flat()", "[paths]"],
    ],
  },
  {
    file: "scripts/hub/plan.ts",
    tests: ["tests/scripts/hub/dataset_card_test.ts"],
    changes: [
      ["if (!SPLIT_NAME.test(split)) continue;", ""],
      ["RegExp.escape(text)", "text"],
      ["|[*?[{]/.test(part)", "|[?[{]/.test(part)"],
      ["/^\\.\\.?$|", "/"],
      ["a.path < b.path", "a.path > b.path"],
    ],
  },
  {
    file: "scripts/benchmarks/bert.ts",
    tests: ["tests/scripts/bench_test.ts"],
    changes: [
      ["(lengths.length - batch + 1)", "lengths.length"],
      ["row % 3 > 0", "row % 3 > 1"],
      ["position >= Math.floor(length / 2)", "position > length / 2"],
      ["    optimizer.step();\n", ""],
    ],
  },
  {
    file: "scripts/benchmarks/mlp.ts",
    tests: ["tests/scripts/bench_test.ts"],
    changes: [
      ["i % rows * columns + Math.floor(i / rows)", "i"],
      ["lr: 1e-4", "lr: 1e-3"],
    ],
  },
  {
    file: "scripts/benchmarks/gemm.ts",
    tests: [
      "tests/scripts/bench_test.ts",
      "tests/scripts/benchmarks/gemm_test.ts",
    ],
    changes: [
      ["await device.tuning.settled; // so", "// so"],
      ["Math.max(1, warmup)", "warmup"],
      ["repeats.map((runs) => runs.slice(forward[0]!.length))", "repeats"],
      [
        "for (const leaf of leaves) leaf.requiresGrad = false;\n",
        "",
      ],
    ],
  },
  {
    file: "scripts/benchmarks/steps.ts",
    tests: ["tests/scripts/benchmarks/steps_test.ts"],
    changes: [["    await device.tuning.settled;\n", ""]],
  },
  {
    file: "scripts/benchmarks/copy.ts",
    tests: ["tests/scripts/benchmarks/copy_test.ts"],
    changes: [
      ["2 * 4 * size", "4 * size"],
      ["wrong >= 0", "wrong === 0"],
    ],
  },
  {
    file: "scripts/benchmarks/candidates.ts",
    tests: ["tests/scripts/benchmarks/report_test.ts"],
    changes: [
      ["b.ms < a.ms", "b.ms > a.ms"],
      ["b.m * b.n * b.k - a.m * a.n * a.k", "b.k - a.k"],
    ],
  },
  {
    file: "scripts/benchmarks/report.ts",
    tests: ["tests/scripts/benchmarks/report_test.ts"],
    changes: [
      ["  given.model ??= model;\n", ""],
      ["TILES_PER_LINE * (i + 1)", "TILES_PER_LINE * i + 1"],
    ],
  },
  {
    file: "scripts/benchmarks/layers.ts",
    tests: ["tests/scripts/benchmarks/layers_test.ts"],
    changes: [
      ["SIZES[model].layers * encoder + head", "SIZES[model].layers * encoder"],
      ["m: rows, n: inputs, k: outputs", "m: rows, n: outputs, k: inputs"],
    ],
  },
  {
    file: "scripts/benchmarks/profile.ts",
    tests: ["tests/scripts/benchmarks/profile_test.ts"],
    changes: [
      ["runs.at(-1)!.startMs + runs.at(-1)!.ms", "runs.at(-1)!.startMs"],
      ["2 * m * n * k / 1e9", "m * n * k / 1e9"],
    ],
  },
  {
    file: "scripts/inference/texts.ts",
    tests: [
      "tests/scripts/predict_test.ts",
      "tests/scripts/predict_lines_test.ts",
    ],
    changes: [
      [
        "columns.map((name) => [name,",
        "columns.toReversed().map((name) => [name,",
      ],
      ["record.some((name) => HEADER.has(name))", "true"],
      [
        "whole.inputIds.length <= maxLength",
        "whole.inputIds.length < maxLength",
      ],
    ],
  },
  {
    file: "scripts/inference/evaluation.ts",
    tests: ["tests/scripts/inference/evaluation_test.ts"],
    changes: [
      ["b.length - a.length", "a.length - b.length"],
      ["counts.lastIndexOf(", "counts.indexOf("],
      [
        "matrix[label]![predictions[row]!]!++",
        "matrix[predictions[row]!]![label]!++",
      ],
      ["label === positive", "label === 1"],
    ],
  },
  {
    file: "scripts/train/model.ts",
    tests: ["tests/scripts/train_models_test.ts"],
    changes: [
      ["if (noPretrained)", "if (!noPretrained)"],
    ],
  },
];
