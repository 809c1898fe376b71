import type { FileMutations } from "./mutation.ts";

const ROBERTA = "tests/models/roberta/roberta_test.ts";
const ROBERTA_GOLDEN = "tests/models/roberta/roberta_golden_test.ts";
const ELECTRA_GOLDEN = "tests/models/electra/electra_golden_test.ts";
const ALBERT_GOLDEN = "tests/models/albert/albert_golden_test.ts";

/** Mutations of the encoders that share BERT's layers, and of what serves all of them. */
export const ENCODERS: readonly FileMutations[] = [
  {
    file: "lib/models/padding.ts",
    tests: [ROBERTA],
    changes: [
      ["isPadding ? -1 : next++", "next++"],
      ["(positionPaddingIdx ?? -1) + 1", "0"],
    ],
  },
  {
    file: "lib/ops/embed_layer_norm.ts",
    tests: [ROBERTA_GOLDEN],
    changes: [
      ["    positionEmbeddings.paddingIdx,\n", ""],
    ],
  },
  {
    file: "lib/models/bert/onnx.ts",
    tests: [ROBERTA_GOLDEN],
    changes: [
      ['"Mul", [count, isToken]', '"Mul", [count, count]'],
    ],
  },
  {
    file: "lib/models/bert/onnx.ts",
    tests: [ROBERTA],
    changes: [["typeVocabSize > 1", "typeVocabSize > 0"]],
  },
  {
    file: "lib/models/roberta/roberta_config.ts",
    tests: [ROBERTA],
    changes: [
      ["- this.positionPaddingIdx - 1;", ";"],
      ["this.maxSeqLength < 1", "false"],
    ],
  },
  {
    file: "lib/models/classification_head.ts",
    tests: [ROBERTA_GOLDEN],
    changes: [
      [
        "dropout(firstTokens(encoded), dropoutKey(this.#dropout))",
        "firstTokens(encoded)",
      ],
      ["classifierDropout ?? hiddenDropoutProb", "hiddenDropoutProb"],
      ["tanh(this.dense.forward(first))", "this.dense.forward(first)"],
    ],
  },
  {
    file: "lib/models/electra/electra.ts",
    tests: [ELECTRA_GOLDEN],
    changes: [
      [
        'ClassificationHead(layers, config, "gelu")',
        'ClassificationHead(layers, config, "tanh")',
      ],
      ['poolerActivation: "Gelu"', 'poolerActivation: "Tanh"'],
    ],
  },
  {
    file: "lib/models/electra/electra.ts",
    tests: ["tests/models/electra/electra_test.ts"],
    changes: [["embeddingSize === hiddenSize", "false"]],
  },
  {
    file: "lib/models/electra/electra_config.ts",
    tests: ["tests/models/electra/electra_test.ts"],
    changes: [["      /^discriminator_predictions\\./,\n", ""]],
  },
  {
    file: "lib/models/albert/albert.ts",
    tests: [ALBERT_GOLDEN],
    changes: [
      [
        "output.forward(inner, attended, context, NO_DROPOUT)",
        "output.forward(inner, attended, context)",
      ],
      ["this.config.groupOf(i)", "0"],
      [
        "layers.flat()",
        "layers.map(([first]) => first!)",
      ],
    ],
  },
  {
    file: "lib/models/albert/albert_for_sequence_classification.ts",
    tests: [ALBERT_GOLDEN],
    changes: [
      ["this.config.classifierDropoutProb", "this.config.hiddenDropoutProb"],
      ["i % innerGroupNum", "0"],
    ],
  },
  {
    file: "lib/models/albert/albert_config.ts",
    tests: ["tests/models/albert/albert_test.ts"],
    changes: [
      ["Math.floor(layer / (", "Math.round(layer / ("],
      ["      /^sop_classifier\\./,\n", ""],
    ],
  },
  {
    file: "lib/models/pretrained_model.ts",
    tests: ["tests/models/albert/albert_test.ts"],
    changes: [["(?:s|_groups)?", ""]],
  },
  {
    file: "lib/models/auto.ts",
    tests: ["tests/models/auto_test.ts"],
    changes: [
      ["value.prototype instanceof Encoder", "true"],
    ],
  },
  {
    file: "lib/optim/param_groups_layer_decay.ts",
    tests: ["tests/optim/param_groups_layer_decay_test.ts"],
    changes: [
      ["model.layersInOrder.toReversed()", "[...model.layersInOrder]"],
      ["!inLayers.has(parameter)", "true"],
      ["decay ** depth", "decay ** (depth + 1)"],
      ["|| decay > 1", ""],
    ],
  },
  {
    file: "lib/nn/reinitialise.ts",
    tests: ["tests/nn/reinitialise_test.ts"],
    changes: [
      ["const [, ...all]", "const [...all]"],
      ["all.slice(all.length - layers)", "all.slice(0, layers)"],
    ],
  },
  {
    file: "lib/nn/parameter.ts",
    tests: ["tests/nn/reinitialise_test.ts"],
    changes: [["    this.#init = this.#initial;\n", ""]],
  },
  {
    file: "scripts/hub/plan.ts",
    tests: ["tests/scripts/fetch_test.ts"],
    changes: [["spiece\\.model|", ""]],
  },
];
