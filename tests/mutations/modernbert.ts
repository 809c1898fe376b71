import type { FileMutations } from "./mutation.ts";

const WINDOW_TEST = "tests/ops/attention/window_test.ts";
const GOLDEN_TEST = "tests/models/modernbert/modernbert_golden_test.ts";
const CONFIG_TEST = "tests/models/modernbert/modernbert_config_test.ts";
const MODEL_TEST = "tests/models/modernbert/modernbert_test.ts";

/** Mutations of ModernBERT and of the kernels that it alone uses. */
export const MODERNBERT: readonly FileMutations[] = [
  {
    file: "lib/ops/attention/source.ts",
    tests: [WINDOW_TEST],
    changes: [
      ["keys + params.window >=", "keys + params.window + 1u >="],
      [
        "keys <= vec4u(query + params.window)",
        "keys < vec4u(query + params.window)",
      ],
      ["min(before, params.window)) / 4u * 4u", "min(before, params.window))"],
      ["(before - min(before, params.window))", "(before - before)"],
      ["${TILE_ROWS}u + params.window);", "params.window);"],
      ["min(tile.z, tile.x + ${TILE_ROWS}u + params.window)", "tile.z"],
    ],
  },
  {
    file: "lib/ops/attention/software_backward.ts",
    tests: [WINDOW_TEST],
    changes: [
      ['visible(form, `query[${r}]`, "own")', '"key_valid"'],
    ],
  },
  {
    file: "lib/ops/attention/hardware_backward.ts",
    tests: [WINDOW_TEST],
    changes: [
      ['visible(shape.form, `query_first + ${row}`, "keys")', '"key_valid"'],
    ],
  },
  {
    file: "lib/ops/attention.ts",
    tests: [WINDOW_TEST],
    changes: [
      ['isLocal ? "_local" : ""', '""'],
      ["Number.isInteger(window) && window >= 0", "window >= 0"],
    ],
  },
  {
    file: "lib/ops/rotary_embedding.wgsl",
    tests: ["tests/ops/rotary_embedding_test.ts"],
    changes: [
      ["params.direction * angles[angle + half]", "angles[angle + half]"],
      ["cosine * a - sine * b", "cosine * a + sine * b"],
      ["% 3 == 2", "% 3 == 1"],
      ["2 * positions[token] * half + d", "2 * token * half + d"],
    ],
  },
  {
    file: "lib/ops/rotary_embedding.ts",
    tests: ["tests/ops/rotary_embedding_test.ts"],
    changes: [
      ["known.length >= count * width", "known.length <= count * width"],
      ["2 * d / width", "d / width"],
    ],
  },
  {
    file: "lib/ops/geglu.wgsl",
    tests: ["tests/ops/geglu_test.ts"],
    changes: [
      ["i + i / params.columns * params.columns", "i"],
      ["x[input + params.columns]", "x[input]"],
    ],
  },
  {
    file: "lib/ops/geglu_backward.wgsl",
    tests: ["tests/ops/geglu_test.ts"],
    changes: [
      ["dy[i] * x[gate] * to_vector", "dy[i] * to_vector"],
      [
        "dx[gate] = dy[i] * to_vector(gelu(a))",
        "dx[gate] = dy[i] * to_vector(a)",
      ],
    ],
  },
  {
    file: "lib/ops/layer_norm.wgsl",
    tests: ["tests/ops/layer_norm_test.ts"],
    changes: [
      ["if (HAS_BIAS != 0) {", "if (true) {"],
    ],
  },
  {
    file: "lib/models/modernbert/modernbert.ts",
    tests: [GOLDEN_TEST],
    changes: [
      ["Math.floor(localAttention / 2)", "localAttention"],
      ["this.attnNorm?.forward(hiddenStates) ?? hiddenStates", "hiddenStates"],
      [
        "return addTo(attended, output);",
        "return addTo(hiddenStates, output);",
      ],
      ["return this.finalNorm.forward(encoded);", "return encoded;"],
      ['config.hiddenActivation === "gelu" ? "none" : "tanh"', '"none"'],
      ["context.rotary[this.#type]", "context.rotary.full_attention"],
    ],
  },
  {
    file: "lib/models/modernbert/modernbert.ts",
    tests: [MODEL_TEST],
    changes: [
      ["    checkWithoutGaps(context);\n", ""],
    ],
  },
  {
    file: "lib/models/modernbert/layers.ts",
    tests: [MODEL_TEST],
    changes: [
      ["Math.sqrt(2 * numHiddenLayers)", "Math.sqrt(numHiddenLayers)"],
    ],
  },
  {
    file: "lib/models/modernbert/modernbert_for_sequence_classification.ts",
    tests: [GOLDEN_TEST],
    changes: [
      [
        'classifierPooling === "mean" ? meanPooling : firstTokens',
        "firstTokens",
      ],
      [
        "this.norm.forward(this.#activation(this.dense, pooled))",
        "this.#activation(this.dense, pooled)",
      ],
    ],
  },
  {
    file: "lib/models/modernbert/layer_types.ts",
    tests: [CONFIG_TEST],
    changes: [
      ['given.type ?? "default"', '"default"'],
      ["[Number(json[key]), every]", "[every, Number(json[key])]"],
      ["n >= 1 && matches(n)", "n >= 1"],
      ['ropeType !== "default"', "false"],
      ["json.local_rope_theta === null", "false"],
    ],
  },
  {
    file: "lib/models/modernbert/onnx.ts",
    tests: [GOLDEN_TEST],
    changes: [
      ["Math.floor(config.localAttention / 2)", "config.localAttention"],
      ["product(a, cos), product(b, sin)", "product(b, cos), product(a, sin)"],
      ['mask: graph.node("Add", [padding, local])', "mask: padding"],
      ["i === 0 ? x : norm", "i < 0 ? x : norm"],
      ['graph.node("Mul", [activated, gate])', "activated"],
    ],
  },
  {
    file: "lib/models/pooling.ts",
    tests: [GOLDEN_TEST],
    changes: [
      ["1 / (end - first)", "1 / tokens"],
    ],
  },
];
