import type { FileMutations } from "./mutation.ts";

/** Mutations of modules and layers. */
export const NN: readonly FileMutations[] = [
  {
    file: "lib/nn/flatten_parameters.ts",
    tests: ["tests/nn/flatten_parameters_test.ts"],
    changes: [
      ["if (buffer.hasGradStorage) continue;", ""],
      ["    buffer.device.release(buffer.storage);\n", ""],
      [
        "for (const part of [trained, frozen])",
        "for (const part of [trained])",
      ],
    ],
  },
  {
    file: "lib/nn/flatten_parameters.ts",
    tests: ["tests/lora/add_lora_test.ts"],
    changes: [["(p) => p.flatBuffer === buffer", "() => true"]],
  },
  {
    file: "lib/nn/module.ts",
    tests: ["tests/inspect_test.ts"],
    changes: [
      ["new Set(modules.flatMap", "Array.from(modules.flatMap"],
      ["count < 1e6", "count < 1e7"],
      ["lines.splice(PRINTED_PARTS)", "lines.splice(PRINTED_PARTS + 1)"],
    ],
  },
  {
    file: "lib/nn/check_device.ts",
    tests: ["tests/models/pretrained_model_test.ts"],
    changes: [
      ['"allocate" in device', "true"],
    ],
  },
  {
    file: "lib/nn/module.ts",
    tests: ["tests/nn/module_test.ts"],
    changes: [
      [
        "for (const child of this.children()) child.#setTraining(training);",
        "",
      ],
      ["this.#names.get(part) ?? property", "property"],
      ["length !== size", "false"],
      [
        "if (!(part instanceof Module) || seen.has(part)) continue;",
        "if (!(part instanceof Module)) continue;",
      ],
      ['name === "" ? "" : `${name}.`', "`${name}.`"],
    ],
  },
  {
    file: "lib/nn/init.ts",
    tests: ["tests/nn/init_test.ts"],
    changes: [
      ["this.#stream++;", "this.#stream;"],
    ],
  },
  {
    file: "lib/nn/dropout.ts",
    tests: ["tests/nn/dropout_test.ts"],
    changes: [
      ["site: this.#site++", "site: this.#site"],
      ["    this.#step++;\n", ""],
      ["    this.#site = 0;\n", ""],
      [
        "    this.#seed = seed;\n    this.#step = step;\n",
        "    this.#step = step;\n",
      ],
      ["isCount(value)", "true"],
    ],
  },
  {
    file: "lib/nn/embedding.ts",
    tests: ["tests/nn/embedding_test.ts"],
    changes: [
      ["        if (paddingIdx !== undefined) {", "        if (false) {"],
    ],
  },
  {
    file: "lib/nn/linear.ts",
    tests: ["tests/nn/linear_test.ts"],
    changes: [
      ["Math.sqrt(inFeatures)", "Math.sqrt(outFeatures)"],
    ],
  },
  {
    file: "lib/nn/layer_norm.ts",
    tests: ["tests/nn/layer_norm_test.ts"],
    changes: [
      ["options.eps ?? 1e-5", "options.eps ?? 1e-12"],
    ],
  },
  {
    file: "lib/nn/parameter.ts",
    tests: ["tests/nn/parameter_test.ts"],
    changes: [
      ["values.slice()", "values"],
    ],
  },
  {
    file: "lib/nn/flatten_parameters.ts",
    tests: ["tests/nn/parameter_test.ts"],
    changes: [
      ["if (!fits([...next, ...part])) allocate();", ""],
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
    changes: [
      ["accumulate: this.#isSparse", "accumulate: false"],
      ["this.grad ?? super.gradSlot()", "super.gradSlot()"],
      [
        "    super.grad = grad;\n    this.#isSparse = false;",
        "    super.grad = grad;",
      ],
      ["!isAlone || ", ""],
      [" || this.hasGrad", ""],
      [" || ids.length >= this.shape[0]!", ""],
      ["return this.#isSparse || super.hasGrad", "return super.hasGrad"],
    ],
  },
  {
    file: "lib/nn/row_gradient.ts",
    tests: ["tests/nn/row_gradient_test.ts"],
    changes: [
      ["    device.clear(this.#values);\n", ""],
      ["(ids.length + 1) / STRIDE", "ids.length / STRIDE / 2"],
      ["slots[ids[i]!] = i + 1", "slots[ids[i]!] = i"],
      [
        "[rows, columns], { storage }",
        "[Math.max(rows, capacity), columns], { storage }",
      ],
    ],
  },
];
