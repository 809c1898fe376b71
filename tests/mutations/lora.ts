import type { FileMutations } from "./mutation.ts";

/** Mutations of LoRA: the op, the layer, the adapter and its files. */
export const LORA: readonly FileMutations[] = [
  {
    file: "lib/ops/add_linear.ts",
    tests: ["tests/ops/add_linear_test.ts"],
    changes: [
      ["accumulate: true,", "accumulate: false,"],
      ["({ tensor, stride, column })", "({ tensor, stride, column: 0 })"],
      [
        "before?.backward(dY, slots.slice(0, inputs.length)) ?? []",
        "inputs.map(() => undefined)",
      ],
      ["column + outputs > y.shape.at(-1)!", "column > y.shape.at(-1)!"],
      ["input.requiresGrad\n", "true\n"],
    ],
  },
  {
    file: "lib/nn/linear.ts",
    tests: ["tests/nn/linear_lora_test.ts"],
    changes: [
      ["weightInit: constant(0),", ""],
      ["alpha === r ? hidden : mul(hidden, alpha / r)", "hidden"],
      ["column += layer.weight.shape[0]!;", ""],
      ["if (!y.requiresGrad) u.dispose();", ""],
      ["mul(product, alpha / r)", "product"],
      ["this.loraA = this.loraB = this.#lora = undefined;", ""],
      ["p > 0 && !dropoutKey", "false"],
    ],
  },
  {
    file: "lib/nn/linear.ts",
    tests: ["tests/lora/lora_golden_test.ts"],
    changes: [["p > 0 ? dropout(x, dropoutKey!(p)) : x", "x"]],
  },
  {
    file: "lib/nn/flatten_parameters.ts",
    tests: ["tests/lora/add_lora_test.ts"],
    changes: [
      ["parameter.device.copy(values, parameter);", ""],
      ["if (!parameter.isAllocated) return [];", "return [];"],
    ],
  },
  {
    file: "lib/tensor/tensor.ts",
    tests: ["tests/lora/add_lora_test.ts"],
    changes: [
      ["if (this.#allocation) this.#grad = this.#gradStorage = undefined;", ""],
    ],
  },
  {
    file: "lib/models/bert/bert.ts",
    tests: ["tests/lora/lora_golden_test.ts"],
    changes: [
      ["(p) => this.dropoutKey(p)", "(p) => ({ ...this.dropoutKey(p), p: 0 })"],
      [
        "dropout ?? context.dropoutKey(this.#dropout)",
        "context.dropoutKey(this.#dropout)",
      ],
    ],
  },
  {
    file: "lib/models/deberta_v2/attention.ts",
    tests: ["tests/lora/lora_golden_test.ts"],
    changes: [["({ ...dropoutKey(p), ...place })", "dropoutKey(p)"]],
  },
  {
    file: "lib/lora/lora_layers.ts",
    tests: ["tests/lora/add_lora_test.ts"],
    changes: [
      ["name.endsWith(`.${end}`)", "name.endsWith(end)"],
      ["[...CLASSIFIERS, ...others]", "CLASSIFIERS"],
      ["|| isSaved(name, modulesToSave)) continue;", ") continue;"],
      ["(target) => !found.has(target)", "() => found.size === 0"],
    ],
  },
  {
    file: "lib/lora/lora_adapter.ts",
    tests: ["tests/lora/add_lora_test.ts"],
    changes: [
      ["parameter.requiresGrad = false;", ""],
      ["parameter.grad = undefined;", ""],
      ["    separateParameters([...trained]);\n", ""],
      ["new Initializer(seed + 2)", "new Initializer(2)"],
    ],
  },
  {
    file: "lib/lora/lora_adapter.ts",
    tests: ["tests/lora/lora_files_test.ts"],
    changes: [
      ["name: ADAPTER_PREFIX + name,", "name,"],
      ["this.#isMerged = true;", ""],
    ],
  },
  {
    file: "lib/lora/lora_config.ts",
    tests: ["tests/lora/lora_files_test.ts"],
    changes: [
      ["key in json && !texts.includes", "false && !texts.includes"],
      ['alpha: number("lora_alpha")', 'alpha: number("r")'],
      ['"target_modules": config.targets', '"target_modules": []'],
    ],
  },
  {
    file: "lib/lora/load_adapter.ts",
    tests: ["tests/lora/lora_files_test.ts"],
    changes: [
      ["if (name !== undefined) {", "if (false) {"],
      ["{ ...config, targets }", "{ ...config, targets: targets.slice(1) }"],
    ],
  },
  {
    file: "lib/models/pretrained_model.ts",
    tests: ["tests/lora/lora_files_test.ts"],
    changes: [
      ["if (update) {", "if (false) {"],
      ["if (update !== undefined) {", "if (false) {"],
    ],
  },
  {
    file: "scripts/train/adapter.ts",
    tests: ["tests/scripts/lora_test.ts"],
    changes: [
      ["...alpha !== undefined && { alpha },", ""],
      ["if (requiresGrad) trained += size;", "trained += size;"],
      ["adapter.mergeAndUnload();", ""],
    ],
  },
  {
    file: "scripts/train/options.ts",
    tests: ["tests/scripts/train/options_test.ts"],
    changes: [["|| values.loraR !== undefined) continue;", ") continue;"]],
  },
];
