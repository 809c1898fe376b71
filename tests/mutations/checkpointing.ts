import type { FileMutations } from "./mutation.ts";

const TENSORS = ["tests/tensor/checkpoint_test.ts"];
const MODELS = ["tests/models/gradient_checkpointing_test.ts"];

/** Mutations of activation checkpointing. */
export const CHECKPOINTING: readonly FileMutations[] = [
  {
    file: "lib/tensor/checkpoint.ts",
    tests: TENSORS,
    changes: [
      ["  device.moveToOuterScope(output.storage);\n", ""],
      ["    draws.next = 0;\n", ""],
      ["draws.next === drawn", "true"],
      ["drawFrom(draws.outer, draw)", "draw()"],
      ["      current = outer;\n", ""],
    ],
  },
  {
    file: "lib/tensor/autograd.ts",
    tests: TENSORS,
    changes: [
      ["    recorded = outer;\n", ""],
      ["  recorded?.add(output);\n", ""],
      ["  noGradCount = 0;\n  try {", "  try {"],
      ["    noGradCount = count;\n", ""],
      [".filter((input) => !end.has(input))", ""],
      ["  using _scope = device.scope(); // frees", "  void device; // frees"],
      ["  for (const input of inputs) grads.moveToOuterScope(input);\n", ""],
    ],
  },
  {
    file: "lib/tensor/autograd.ts",
    tests: MODELS,
    changes: [["grads.moveTo(output, dOut);", "grads.set(output, dOut);"]],
  },
  {
    file: "lib/gpu/scopes.ts",
    tests: TENSORS,
    changes: [["this.#open.at(-2)", "undefined"]],
  },
  {
    file: "lib/gpu/device.ts",
    tests: TENSORS,
    changes: [
      [" || buffer.owner !== innermost", ""],
      ["    buffer.owner = outer;\n", ""],
    ],
  },
  {
    file: "lib/nn/dropout.ts",
    tests: TENSORS,
    changes: [
      [
        "    drawOnce(() => {\n",
        "    ((draw: () => void) => draw())(() => {\n",
      ],
      ["return drawOnce(() => ({", "return ((draw) => draw())(() => ({"],
    ],
  },
  {
    file: "lib/models/encoder.ts",
    tests: MODELS,
    changes: [[
      "gradientCheckpointing ? (x) => checkpoint(apply, x) : apply",
      "apply",
    ]],
  },
  {
    file: "lib/models/pretrained_model.ts",
    tests: MODELS,
    changes: [[
      "module.#isGradientCheckpointing = on",
      "module.#isGradientCheckpointing = true",
    ]],
  },
  {
    file: "scripts/train/model.ts",
    tests: ["tests/scripts/train/model_test.ts"],
    changes: [
      ["if (options.gradientCheckpointing) model", "model"],
      ["if (options.gradientCheckpointing) model", "if (false) model"],
    ],
  },
];
