import type { FileMutations } from "./mutation.ts";

/** Slips in modules and models. */
export const MODELS: readonly FileMutations[] = [
  {
    file: "lib/nn/module.ts",
    tests: ["tests/nn/module_test.ts"],
    slips: [
      ["for (const child of this.children()) child.#switch(training);", ""],
      ["this.#names.get(part) ?? property", "property"],
      ["length !== size", "false"],
    ],
  },
  {
    file: "lib/nn/init.ts",
    tests: ["tests/nn/init_test.ts"],
    slips: [
      ["this.#stream++;", "this.#stream;"],
    ],
  },
  {
    file: "lib/nn/dropout.ts",
    tests: ["tests/nn/dropout_test.ts"],
    slips: [
      ["site: this.#site++", "site: this.#site"],
      ["    this.#step++;\n", ""],
      ["    this.#site = 0;\n", ""],
    ],
  },
  {
    file: "lib/nn/embedding.ts",
    tests: ["tests/nn/embedding_test.ts"],
    slips: [
      ["        if (paddingIdx !== undefined) {", "        if (false) {"],
    ],
  },
  {
    file: "lib/nn/linear.ts",
    tests: ["tests/nn/linear_test.ts"],
    slips: [
      ["Math.sqrt(inFeatures)", "Math.sqrt(outFeatures)"],
    ],
  },
  {
    file: "lib/nn/layer_norm.ts",
    tests: ["tests/nn/layer_norm_test.ts"],
    slips: [
      ["options.eps ?? 1e-5", "options.eps ?? 1e-12"],
    ],
  },
  {
    file: "lib/nn/parameter.ts",
    tests: ["tests/nn/parameter_test.ts"],
    slips: [
      ["bytes + added > layer[0]!.device.maxBindingBytes", "false"],
    ],
  },
  {
    file: "lib/models/packing.ts",
    tests: ["tests/models/packing_test.ts"],
    slips: [
      ["if (attentionMask.data[i] === 0) continue;", ""],
      [
        "tokens.push(id, position, kind);",
        "tokens.push(id, tokens.length / 3 - cuSeqlens.at(-1)!, kind);",
      ],
      ["position >= limits", "position > limits"],
      ["value >= 0 && value < limit", "value <= limit"],
    ],
  },
  {
    file: "lib/models/bert.ts",
    tests: ["tests/models/bert_golden_test.ts"],
    slips: [
      [
        "this.output.forward(inner, attended, pass)",
        "this.output.forward(inner, hiddenStates, pass)",
      ],
      ["cuSeqlens.slice(0, -1)", "cuSeqlens.slice(1).map((end) => end - 1)"],
      [
        "[query.bias!, key.bias!, value.bias!]",
        "[key.bias!, query.bias!, value.bias!]",
      ],
    ],
  },
  {
    file: "lib/models/bert.ts",
    tests: ["tests/models/bert_dropout_test.ts"],
    slips: [
      ["dropout(embedded, pass.drop(this.#dropout))", "embedded"],
      ["config.attentionProbsDropoutProb", "config.hiddenDropoutProb"],
      [
        "if (this.training) this.dropoutKeys.nextStep();",
        "this.dropoutKeys.nextStep();",
      ],
    ],
  },
  {
    file: "lib/models/bert_for_sequence_classification.ts",
    tests: ["tests/models/bert_dropout_test.ts"],
    slips: [
      ["classifierDropout ?? hiddenDropoutProb", "hiddenDropoutProb"],
    ],
  },
];
