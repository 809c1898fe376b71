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
      ["values.slice()", "values"],
    ],
  },
  {
    file: "lib/nn/flatten_parameters.ts",
    tests: ["tests/nn/parameter_test.ts"],
    slips: [
      ["if (!fits([...next, ...part])) close();", ""],
      [
        "fits(layer) ? [layer] : layer.map((parameter) => [parameter])",
        "[layer]",
      ],
      ["&& !parameter.isTable", ""],
    ],
  },
  {
    file: "lib/nn/parameter.ts",
    tests: ["tests/nn/row_gradient_test.ts"],
    slips: [
      ["accumulate: this.#isInRows", "accumulate: false"],
      ["this.grad ?? super.gradSlot()", "super.gradSlot()"],
      [
        "    super.grad = grad;\n    this.#isInRows = false;",
        "    super.grad = grad;",
      ],
      ["!isAlone || ", ""],
      [" || this.hasGrad", ""],
      [" || ids.length >= this.shape[0]!", ""],
      ["return this.#isInRows || super.hasGrad", "return super.hasGrad"],
    ],
  },
  {
    file: "lib/nn/row_gradient.ts",
    tests: ["tests/nn/row_gradient_test.ts"],
    slips: [
      ["    device.clear(this.#values);\n", ""],
      ["(ids.length + 1) / STRIDE", "ids.length / STRIDE / 2"],
      ["slots[ids[i]!] = i + 1", "slots[ids[i]!] = i"],
    ],
  },
  {
    file: "lib/models/padding.ts",
    tests: ["tests/models/padding_test.ts"],
    slips: [
      ["if (attentionMask.data[i] === 0) continue;", ""],
      [
        "tokens.push(id, position, kind);",
        "tokens.push(id, tokens.length / 3 - cuSeqlens.at(-1)!, kind);",
      ],
      ["places.push(i);", "places.push(position);"],
      ["position >= limits", "position > limits"],
      ["value >= 0 && value < limit", "value <= limit"],
    ],
  },
  {
    file: "lib/models/bert/bert.ts",
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
    file: "lib/models/bert/bert.ts",
    tests: ["tests/models/bert_dropout_test.ts"],
    slips: [
      ["dropout(embedded, pass.dropoutKey(this.#dropout))", "embedded"],
      ["config.attentionProbsDropoutProb", "config.hiddenDropoutProb"],
      [
        "if (this.training) this.dropoutKeys.nextStep();",
        "this.dropoutKeys.nextStep();",
      ],
    ],
  },
  {
    file: "lib/models/bert/bert_lm_head.ts",
    tests: [
      "tests/models/pretraining_golden_test.ts",
      "tests/models/bert_lm_head_test.ts",
    ],
    slips: [
      ["ACT2FN[hiddenAct]!", "ACT2FN.gelu!"],
      [
        "return this.layerNorm.forward(this.#activation(this.dense, hiddenStates));",
        "return this.#activation(this.dense, hiddenStates);",
      ],
      ["#wordEmbeddings.weight, this.bias)", "#wordEmbeddings.weight)"],
      [
        ".filter((token) => data[places[token]!] !== IGNORED)",
        ".filter((token) => data[token] !== IGNORED)",
      ],
      [
        "ids.length < data.filter((label) => label !== IGNORED).length",
        "false",
      ],
      ["ids.length === 0", "false"],
    ],
  },
  {
    file: "lib/models/bert/bert_for_masked_lm.ts",
    tests: ["tests/models/pretraining_golden_test.ts"],
    slips: [
      ["{ ...options, addPoolingLayer: false }", "options"],
    ],
  },
  {
    file: "lib/models/bert/bert_for_pre_training.ts",
    tests: ["tests/models/pretraining_golden_test.ts"],
    slips: [
      ["add(maskedLmLoss, nextSentenceLoss)", "maskedLmLoss"],
      [
        "seqRelationship.forward(encoded.poolerOutput)",
        "seqRelationship.forward(encoded.lastHiddenState)",
      ],
    ],
  },
  {
    file: "lib/models/pretrained_config.ts",
    tests: ["tests/models/pretraining_checkpoint_test.ts"],
    slips: [
      ['architecture.endsWith("ForSequenceClassification") &&', ""],
    ],
  },
  {
    file: "lib/models/pretrained_model.ts",
    tests: ["tests/models/pretraining_checkpoint_test.ts"],
    slips: [
      ["[/^cls\\./, ", "["],
    ],
  },
  {
    file: "lib/models/bert/bert_for_sequence_classification.ts",
    tests: ["tests/models/bert_dropout_test.ts"],
    slips: [
      ["classifierDropout ?? hiddenDropoutProb", "hiddenDropoutProb"],
    ],
  },
  {
    file: "lib/models/distilbert/distilbert.ts",
    tests: ["tests/models/distilbert_golden_test.ts"],
    slips: [
      ["{ ...pass, dropoutKey: () => NO_DROPOUT }", "pass"],
      [
        'this.kLin = this.named("attention.k_lin", self.key);',
        'this.kLin = this.named("attention.k_lin", self.value);',
      ],
      ["pass.dropoutKey(this.#dropout)", "NO_DROPOUT"],
      ["hiddenAct: config.activation", 'hiddenAct: "relu"'],
      [
        "unpadInput(batch, { vocabSize, maxPositionEmbeddings })",
        "unpadInput(batch, { vocabSize, maxPositionEmbeddings, typeVocabSize: 2 })",
      ],
    ],
  },
  {
    file: "lib/models/distilbert/distilbert_for_sequence_classification.ts",
    tests: ["tests/models/distilbert_golden_test.ts"],
    slips: [
      [
        "relu(this.preClassifier.forward(first))",
        "this.preClassifier.forward(first)",
      ],
      ["dropout(pooled, key)", "pooled"],
    ],
  },
  {
    file: "lib/models/pretrained_model.ts",
    tests: ["tests/models/pretrained_model_test.ts"],
    slips: [
      ["if (layer !== undefined) {", "if (false) {"],
    ],
  },
  {
    file: "lib/models/auto.ts",
    tests: ["tests/models/auto_test.ts"],
    slips: [
      ["!Object.hasOwn(CLASSES, modelType)", "!(modelType in CLASSES)"],
    ],
  },
  {
    file: "lib/models/pretrained_config.ts",
    tests: [
      "tests/models/bert_config_test.ts",
      "tests/models/distilbert_config_test.ts",
    ],
    slips: [
      ["type !== modelType", "false"],
      ["Object.keys(labels).length !== numLabels", "false"],
      ["    ...others,\n", ""],
      ["width % parts !== 0", "parts % width !== 0"],
      ["!Object.hasOwn(ACT2FN, act)", "false"],
    ],
  },
  {
    file: "lib/models/activations.ts",
    tests: ["tests/models/traits_test.ts"],
    slips: [
      ['{ approximate: "tanh" }', '{ approximate: "none" }'],
      ["relu(dense.forward(x))", "gelu(dense.forward(x))"],
    ],
  },
];
