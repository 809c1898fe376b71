import type { FileMutations } from "./mutation.ts";

/** Mutations of models. */
export const MODELS: readonly FileMutations[] = [
  {
    file: "lib/models/padding.ts",
    tests: ["tests/models/padding_test.ts"],
    changes: [
      ["if (attentionMask.data[i] === 0) continue;", ""],
      [
        "tokens.push(id, position, type);",
        "tokens.push(id, tokens.length / 3 - cuSeqlens.at(-1)!, type);",
      ],
      ["indices.push(i);", "indices.push(i - start);"],
      ["place >= limits", "place > limits"],
      ["value >= 0 && value < limit", "value <= limit"],
      [
        "typeVocabSize === undefined ? 0 : tokenTypeIds.data[i]!",
        "tokenTypeIds.data[i]!",
      ],
    ],
  },
  {
    file: "lib/models/padding.ts",
    tests: ["tests/models/bert/bert_golden_test.ts"],
    changes: [
      ["cuSeqlens.slice(0, -1)", "cuSeqlens.slice(1).map((end) => end - 1)"],
    ],
  },
  {
    file: "lib/models/bert/bert.ts",
    tests: ["tests/models/bert/bert_golden_test.ts"],
    changes: [
      [
        "this.output.forward(inner, attended, context)",
        "this.output.forward(inner, hiddenStates, context)",
      ],
      [
        "[query, key, value]",
        "[key, query, value]",
      ],
    ],
  },
  {
    file: "lib/models/bert/bert.ts",
    tests: ["tests/models/bert/bert_dropout_test.ts"],
    changes: [
      ["config.attentionProbsDropoutProb", "config.hiddenDropoutProb"],
    ],
  },
  {
    file: "lib/models/bert/embeddings.ts",
    tests: ["tests/models/bert/bert_dropout_test.ts"],
    changes: [
      ["dropout(embedded, context.dropoutKey(this.#dropout))", "embedded"],
    ],
  },
  {
    file: "lib/models/encoder.ts",
    tests: ["tests/models/bert/bert_dropout_test.ts"],
    changes: [
      [
        "if (this.training) this.dropoutKeys.nextStep(ofRows);",
        "this.dropoutKeys.nextStep(ofRows);",
      ],
      [
        "this.training ? this.dropoutKeys.nextSite(p) : NO_DROPOUT",
        "this.dropoutKeys.nextSite(p)",
      ],
    ],
  },
  {
    file: "lib/models/bert/bert_lm_head.ts",
    tests: [
      "tests/models/bert/pretraining_golden_test.ts",
      "tests/models/bert/bert_lm_head_test.ts",
    ],
    changes: [
      ["ACT2FN[hiddenAct]!", "ACT2FN.gelu!"],
      [
        "return this.layerNorm.forward(this.#activation(this.dense, hiddenStates));",
        "return this.#activation(this.dense, hiddenStates);",
      ],
      ["this.#decoder, this.bias)", "this.#decoder)"],
    ],
  },
  {
    file: "lib/models/masked_lm.ts",
    tests: [
      "tests/models/bert/pretraining_golden_test.ts",
      "tests/models/bert/bert_lm_head_test.ts",
    ],
    changes: [
      [
        ".filter((token) => data[indices[token]!] !== IGNORE_INDEX)",
        ".filter((token) => data[token] !== IGNORE_INDEX)",
      ],
      [
        "ids.length < data.filter((label) => label !== IGNORE_INDEX).length",
        "false",
      ],
      ["ids.length === 0", "false"],
      ["id < limits.vocabSize", "true"],
    ],
  },
  {
    file: "lib/models/bert/bert_for_masked_lm.ts",
    tests: ["tests/models/bert/pretraining_golden_test.ts"],
    changes: [
      ["{ ...options, addPoolingLayer: false }", "options"],
    ],
  },
  {
    file: "lib/models/bert/bert_for_pre_training.ts",
    tests: ["tests/models/bert/pretraining_golden_test.ts"],
    changes: [
      ["add(maskedLmLoss, nextSentenceLoss)", "maskedLmLoss"],
      [
        "seqRelationship.forward(encoded.poolerOutput)",
        "seqRelationship.forward(encoded.lastHiddenState)",
      ],
    ],
  },
  {
    file: "lib/models/bert/bert_config.ts",
    tests: ["tests/models/bert/pretraining_checkpoint_test.ts"],
    changes: [
      ["[/^cls\\./, ", "["],
    ],
  },
  {
    file: "lib/models/bert/bert_for_sequence_classification.ts",
    tests: ["tests/models/bert/bert_dropout_test.ts"],
    changes: [
      ["classifierDropout ?? hiddenDropoutProb", "hiddenDropoutProb"],
    ],
  },
  {
    file: "lib/models/distilbert/distilbert.ts",
    tests: ["tests/models/distilbert/distilbert_golden_test.ts"],
    changes: [
      ["context,\n      NO_DROPOUT,", "context,"],
      [
        'this.kLin = this.named("attention.k_lin", self.key);',
        'this.kLin = this.named("attention.k_lin", self.value);',
      ],
    ],
  },
  {
    file: "lib/models/distilbert/distilbert_config.ts",
    tests: [
      "tests/models/distilbert/distilbert_config_test.ts",
      "tests/models/distilbert/distilbert_golden_test.ts",
    ],
    changes: [
      ['hiddenAct: "activation"', 'hiddenAct: "relu"'],
      ['hiddenDropoutProb: "dropout"', 'hiddenDropoutProb: "attentionDropout"'],
    ],
  },
  {
    file: "lib/models/distilbert/distilbert_for_sequence_classification.ts",
    tests: ["tests/models/distilbert/distilbert_golden_test.ts"],
    changes: [
      [
        "relu(this.preClassifier.forward(firstTokens(encoded)))",
        "this.preClassifier.forward(firstTokens(encoded))",
      ],
      ["dropout(pooled, key)", "pooled"],
    ],
  },
  {
    file: "lib/models/pretrained_model.ts",
    tests: ["tests/models/pretrained_model_test.ts"],
    changes: [
      ["if (layer !== undefined) {", "if (false) {"],
      ["...id2label !== undefined && { id2label },", ""],
      ["return model.eval();", "return model;"],
    ],
  },
  {
    file: "lib/models/auto.ts",
    tests: [
      "tests/models/auto_test.ts",
      "tests/models/new_architecture_test.ts",
    ],
    changes: [
      ["modelTypeOf(model) === modelType", "true"],
      [
        "sequenceClassifierOf(config.modelType,",
        'sequenceClassifierOf("bert",',
      ],
    ],
  },
  {
    file: "lib/models/pretrained_config.ts",
    tests: [
      "tests/models/bert/bert_config_test.ts",
      "tests/models/distilbert/distilbert_config_test.ts",
    ],
    changes: [
      ["{ ...this.#others }", "{}"],
      ["Number(width!.value) % Number(heads!.value) !== 0", "false"],
      ["!Object.hasOwn(settings, setting)", "false"],
      ["setting !== name && Object.hasOwn(given, setting)", "false"],
      ["attributeMap[name] ?? name;\n      if", "name;\n      if"],
      ["if (this.problemType) json.problem_type = this.problemType;", ""],
      ["    delete json.problem_type;\n", ""],
      [": { ...id2label }", ": id2label"],
      ["const given = defined(changes);", "const given = changes;"],
      ["delete settings[this.spec.attributeMap?.[name] ?? name];", ""],
    ],
  },
  {
    file: "lib/models/config_json.ts",
    tests: ["tests/models/bert/bert_config_test.ts"],
    changes: [
      ["if (type !== modelType)", "if (false)"],
      ["...problemType != null && { problemType },", ""],
      ["problemType != null && !isProblemType(problemType)", "false"],
    ],
  },
  {
    file: "lib/models/config_checks.ts",
    tests: [
      "tests/models/bert/bert_config_test.ts",
      "tests/models/distilbert/distilbert_config_test.ts",
    ],
    changes: [
      ["range.some((known) => known === value)", "true"],
      ["x >= 0 && x < 1,", "x >= 0,"],
      ["x > 0 && x < Infinity", "x >= 0 && x < Infinity"],
      ["x >= 0 && x < vocabSize", "x >= 0"],
      ["key !== `${i}`", "false"],
      ['typeof name !== "string"', "false"],
      ["names.indexOf(name) !== i", "false"],
    ],
  },
  {
    file: "lib/models/id2label.ts",
    tests: ["tests/models/bert/bert_config_test.ts"],
    changes: [
      ["Object.keys(names).length !== numLabels", "false"],
      ["if (given.id2label !== undefined) return {};", ""],
      ["given.numLabels ?? count", "given.numLabels"],
      ['typeof names !== "object"', "false"],
    ],
  },
  {
    file: "lib/models/problem_type.ts",
    tests: ["tests/models/sequence_classification_test.ts"],
    changes: [
      ["numLabels > 1", "numLabels > 0"],
      ['dtype === "i32"', "true"],
      ['if (dtype === "f32") return', "return"],
    ],
  },
  {
    file: "lib/models/sequence_classification.ts",
    tests: [
      "tests/models/sequence_classification_test.ts",
      "tests/models/problem_types_golden_test.ts",
    ],
    changes: [
      ["    config.problemType = problemType; // once the labels fit it\n", ""],
      ["value >= 0 && value <= 1", "value >= 0"],
      [
        "!hasShape(rows, numLabels) && !(numLabels === 1 && hasShape(rows))",
        "false",
      ],
      ["if (!hasShape(rows, numLabels)) refuse", "if (false) refuse"],
      ["if (!hasShape(rows)) {", "if (false) {"],
      ['if (labels.dtype !== "i32") {', "if (false) {"],
    ],
  },
  {
    file: "lib/models/activations.ts",
    tests: ["tests/models/bert/bert_variants_test.ts"],
    changes: [
      ['{ approximate: "tanh" }', '{ approximate: "none" }'],
      ["relu(dense.forward(x, options))", "gelu(dense.forward(x, options))"],
    ],
  },
];
