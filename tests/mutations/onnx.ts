import type { FileMutations } from "./mutation.ts";

/** Mutations of what is exported. */
export const ONNX: readonly FileMutations[] = [
  {
    file: "lib/onnx/proto.ts",
    tests: ["tests/onnx/graph_test.ts"],
    changes: [
      ["LENGTH_DELIMITED = 2", "LENGTH_DELIMITED = 0"],
      [".uint32(length)", ".uint32(length + 1)"],
    ],
  },
  {
    file: "lib/onnx/graph.ts",
    tests: ["tests/onnx/graph_test.ts"],
    changes: [
      ["product * n, bytes", "product * n, 4"],
      ["f: 1, i: 2, ints: 7", "f: 1, i: 2, ints: 8"],
      ["size > MAX_FILE_BYTES - model.length", "size > 2 * MAX_FILE_BYTES"],
      ["head.length + values.length + byteLength", "head.length + byteLength"],
    ],
  },
  {
    file: "lib/onnx/graph.ts",
    tests: ["tests/models/onnx_model_test.ts"],
    changes: [
      ["OPSET = 17", "OPSET = 16"],
      ["{ dimParam: size }", '{ dimParam: "size" }'],
    ],
  },
  {
    file: "lib/onnx/quantize.ts",
    tests: ["tests/onnx/quantize_test.ts"],
    changes: [
      ["max / 127", "max / 128"],
      ["max / 127 || 1", "max / 127"],
      ["!Number.isFinite(max)", "max === Infinity"],
      ["Math.round(row[c]! / scale)", "row[c]! / scale"],
    ],
  },
  {
    file: "lib/onnx/activations.ts",
    tests: ["tests/models/onnx_model_test.ts"],
    changes: [
      ["0.044715)", "0.0447)"],
      ["Math.SQRT2", "1.41"],
      ['"Relu"', '"Tanh"'],
    ],
  },
  {
    file: "lib/models/bert/onnx.ts",
    tests: ["tests/models/onnx_model_test.ts"],
    changes: [
      ["MASKED = -10000", "MASKED = -5"],
      ["[0, 2, 3, 1]", "[0, 2, 1, 3]"],
      ["1 / Math.sqrt(size / heads)", "1 / Math.sqrt(size)"],
      ["start: { i: 1 }", "start: { i: 0 }"],
      ["graph.integers(0)", "graph.integers(1)"],
      ["norm(output, attended,", "norm(output, x,"],
    ],
  },
  {
    file: "lib/models/distilbert/distilbert_for_sequence_classification.ts",
    tests: ["tests/models/onnx_model_test.ts"],
    changes: [
      ['poolerActivation: "Relu"', 'poolerActivation: "Tanh"'],
    ],
  },
  {
    file: "lib/onnx/layers.ts",
    tests: ["tests/models/onnx_model_test.ts"],
    changes: [
      ["transposed[c * rows + r]", "transposed[r * cols + c]"],
      ["this.#quantized.set(x, names);", ""],
      ['dtype === "fp16"', 'dtype === "q8"'],
      ["!Number.isFinite(half)", "false"],
      ["epsilon: { f: eps }", "epsilon: { f: 0.1 }"],
    ],
  },
  {
    file: "lib/models/onnx_model.ts",
    tests: ["tests/models/onnx_model_test.ts"],
    changes: [
      ["if (length > 0)", "if (length > 99)"],
      ["if (unexpected.length > 0)", "if (unexpected.length > 99)"],
      ["this.#sources.get(name)!", "name"],
      ["signal?.throwIfAborted();", ""],
      ['fp16: "model_fp16.onnx"', 'fp16: "model.onnx"'],
    ],
  },
  {
    file: "scripts/transformers_js/onnx_comparison.ts",
    tests: ["tests/scripts/check_onnx_test.ts"],
    changes: [
      ["Number.isNaN(difference) ? Infinity", "Number.isNaN(difference) ? 0"],
      ["maxDifference <= FP32_TOLERANCE &&", ""],
      ["&& row === undefined", ""],
    ],
  },
  {
    file: "scripts/export_onnx.ts",
    tests: ["tests/scripts/export_onnx_test.ts"],
    changes: [
      ["new Set(text.split", "(text.split"],
      ["outputDir !== undefined && exists(outputDir)", "false"],
      [
        "Math.min(tokenizer.modelMaxLength, maxSeqLength)",
        "tokenizer.modelMaxLength",
      ],
    ],
  },
];
