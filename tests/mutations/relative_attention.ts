import type { FileMutations } from "./mutation.ts";

const BIAS_TEST = "tests/ops/attention/bias_test.ts";
const OP_TESTS = [
  "tests/ops/position_bias_test.ts",
  "tests/ops/disentangled_attention_bias_test.ts",
];
const POSITIONS_TEST = "tests/ops/relative_positions_test.ts";
const DEBERTA_TEST = "tests/models/deberta_v2/deberta_v2_test.ts";
const DEBERTA_GOLDEN = "tests/models/deberta_v2/deberta_v2_golden_test.ts";
const MPNET_TEST = "tests/models/mpnet/mpnet_test.ts";
const MPNET_GOLDEN = "tests/models/mpnet/mpnet_golden_test.ts";

/** Mutations of DeBERTa-v2 and MPNet, and of the kernels of attention by distance. */
export const RELATIVE_ATTENTION: readonly FileMutations[] = [
  {
    file: "lib/ops/attention/source.ts",
    tests: [BIAS_TEST],
    changes: [
      ["(tile.z - tile.y + 3u) / 4u", "(tile.z - tile.y) / 4u"],
      ["+ tile.w + (query - tile.y)", "+ (query - tile.y)"],
      ["head * params.bias_stride + tile.w", "tile.w"],
      ["= params.scale * d_bias${r};", "= d_bias${r};"],
    ],
  },
  {
    file: "lib/ops/attention/software_backward.ts",
    tests: [BIAS_TEST],
    changes: [["key_block)] = d_bias${r};", "key_block)] = ds${r};"]],
  },
  {
    file: "lib/ops/attention/hardware_backward.ts",
    tests: [BIAS_TEST],
    changes: [
      ["key_block)] = d_bias${i};", "key_block)] = ds${i};"],
      ["} < end && key < end) {", "} < end) {"],
    ],
  },
  {
    file: "lib/ops/attention.ts",
    tests: [BIAS_TEST],
    changes: [
      ["columns % 4 !== 0", "false"],
      ["scale ?? 1 / Math.sqrt(width)", "1 / Math.sqrt(width)"],
    ],
  },
  {
    file: "lib/gpu/kernel.ts",
    tests: [BIAS_TEST],
    changes: [["textures.size < MAX_STORAGE_BUFFERS", "textures.size < 99"]],
  },
  {
    file: "lib/ops/gemm/product.ts",
    tests: [OP_TESTS[1]!],
    changes: [
      ["? batchStride ?? tensor.size / batch", "? tensor.size / batch"],
      ["c.batchStride ?? c.tensor.size / parts", "c.tensor.size / parts"],
    ],
  },
  {
    file: "lib/ops/position_bias.wgsl",
    tests: OP_TESTS,
    changes: [
      ["params.longest - 1 - key", "params.longest - key"],
      ["if (key >= end) {", "if (key > end) {"],
      ["return params.scale * sum;", "return sum;"],
      ["+ tile.w + (tile.x - tile.y)", "+ (tile.x - tile.y)"],
      ["by_key[start + key *", "by_key[start + query *"],
    ],
  },
  {
    file: "lib/ops/position_bias_backward.wgsl",
    tests: OP_TESTS,
    changes: [
      [
        "min(i32(own) - range.x + 1, length)",
        "min(i32(own) - range.x, length)",
      ],
      ["max(i32(own) - range.y, 0)", "max(i32(own) - range.y, 1)"],
      ["min(i32(own) + range.y + 1, length)", "i32(own) + range.y + 1"],
      ["max(i32(own) + range.x, 0)", "max(i32(own) + range.x, 1)"],
      ["d_by_key[place] = params.scale * sum;", "d_by_key[place] = sum;"],
    ],
  },
  {
    file: "lib/ops/position_bias.ts",
    tests: OP_TESTS,
    changes: [
      ["rowStride: 0 }", "rowStride: heads }"],
      ["buckets !== count", "false"],
    ],
  },
  {
    file: "lib/ops/disentangled_attention_bias.ts",
    tests: OP_TESTS,
    changes: [
      ["content: hidden, relative: 0", "content: 0, relative: 0"],
      ["      if (dQkv && !slot?.accumulate) device.clear(dQkv);\n", ""],
      ["if (dQkv && !slot?.accumulate)", "if (dQkv)"],
      ["relative: expected[1]! - hidden", "relative: 0"],
    ],
  },
  {
    file: "lib/ops/relative_positions.ts",
    tests: [POSITIONS_TEST],
    changes: [
      ["isEmpty ? distance : least!", "least!"],
      ["length * 4 * Math.ceil(length / 4)", "length * length"],
      ["!isEmpty && greatest !== distance - 1", "false"],
      ["bucket >= 0 && bucket < count", "bucket < count"],
    ],
  },
  {
    file: "lib/models/padding.ts",
    tests: [DEBERTA_TEST],
    changes: [
      ["limits.typeVocabSize || undefined", "limits.typeVocabSize"],
      ["=== end - 1 - start", "=== end - start"],
    ],
  },
  {
    file: "lib/models/deberta_v2/log_buckets.ts",
    tests: [DEBERTA_TEST],
    changes: [
      ["Math.ceil(Math.fround(share", "Math.floor(Math.fround(share"],
      ["log((greatest - 1) / middle)", "log(greatest / middle)"],
      ["rows - 1);", "rows);"],
    ],
  },
  {
    file: "lib/models/deberta_v2/deberta_v2_config.ts",
    tests: [DEBERTA_TEST],
    changes: [
      ["greatest < middle + 2", "greatest < middle"],
      ["(1 + this.#types.length)", "(1 + this.attentionTypes.length)"],
      ["Number(json[key]) < 1", "Number(json[key]) < 0"],
      ["embeddingSize ?? hiddenSize", "embeddingSize"],
      ["    if (!this.relativeAttention) return [];\n", ""],
    ],
  },
  {
    file: "lib/models/deberta_v2/attention.ts",
    tests: [DEBERTA_GOLDEN],
    changes: [
      ["this.posKeyProj ?? this.keyProj", "this.keyProj"],
      ["dropout(rows, { ...key, ...place })", "rows"],
      ["{ scale, bias }", "{ bias }"],
    ],
  },
  {
    file: "lib/models/deberta_v2/deberta_v2.ts",
    tests: [DEBERTA_GOLDEN],
    changes: [
      ["this.layerNorm?.forward(selected) ?? selected", "selected"],
      ["rowOf(distance) - first", "Math.max(rowOf(distance) - first - 1, 0)"],
      ["this.embedProj?.forward(sum, context) ?? sum", "sum"],
      ["[this.embeddings, relEmbeddings, layerNorm]", "[this.embeddings]"],
    ],
  },
  {
    file: "lib/models/deberta_v2/deberta_v2_for_sequence_classification.ts",
    tests: [DEBERTA_GOLDEN],
    changes: [
      ["dropoutKey(this.#dropout)", "dropoutKey(0)"],
      ["clsDropout ?? hiddenDropoutProb", "hiddenDropoutProb"],
      ["ACT2FN[config.poolerHiddenAct]", 'ACT2FN["gelu"]'],
    ],
  },
  {
    file: "lib/models/deberta_v2/onnx.ts",
    tests: [DEBERTA_GOLDEN],
    changes: [
      ["transpose(relative.buckets, [1, 0])", "relative.buckets"],
      ["transpose(byKey, [0, 1, 3, 2])", "byKey"],
      ["split(scaled(key), [0, 2, 1, 3])", "split(key, [0, 2, 1, 3])"],
      ["config.shareAttKey ? name :", "!config.shareAttKey ? name :"],
    ],
  },
  {
    file: "lib/models/mpnet/mpnet_config.ts",
    tests: [MPNET_TEST],
    changes: [
      ["distance < 0 ? side : 0", "distance > 0 ? side : 0"],
      ["Math.min(bucket, side - 1)", "bucket"],
      [
        "this.maxPositionEmbeddings - PADDING - 1",
        "this.maxPositionEmbeddings",
      ],
    ],
  },
  {
    file: "lib/models/mpnet/mpnet.ts",
    tests: [MPNET_GOLDEN],
    changes: [
      ["{ bias: context.bias }", "{}"],
      ["return this.o.forward(attended, context);", "return attended;"],
      ["[this.embeddings, relativeAttentionBias],", "[this.embeddings],"],
    ],
  },
  {
    file: "lib/models/mpnet/mpnet.ts",
    tests: [MPNET_TEST],
    changes: [["    checkWithoutGaps(context);\n", ""]],
  },
  {
    file: "lib/models/mpnet/mpnet_for_sequence_classification.ts",
    tests: [MPNET_GOLDEN],
    changes: [
      ["perm: { ints: [2, 0, 1] }", "perm: { ints: [2, 1, 0] }"],
      [
        'attentionNorm: "attention.LayerNorm"',
        'attentionNorm: "output.LayerNorm"',
      ],
    ],
  },
];
