import type { FileMutations } from "./mutation.ts";

/** Mutations of optimizers, schedules and the random number generator. */
export const OPTIM: readonly FileMutations[] = [
  {
    file: "lib/optim/adamw.ts",
    tests: ["tests/optim/adamw_test.ts"],
    changes: [
      ["lr / (1 - beta1 ** step)", "lr"],
      ["Math.sqrt(1 - beta2 ** step)", "1 - beta2 ** step"],
      ["1 - lr * weightDecay", "1 - weightDecay"],
    ],
  },
  {
    file: "lib/optim/sgd.ts",
    tests: ["tests/optim/sgd_test.ts"],
    changes: [
      ["momentum, 1 - dampening, momentum", "momentum, 1, momentum"],
      ["step === 1", "step === 0"],
    ],
  },
  {
    file: "lib/optim/optimizer.ts",
    tests: ["tests/optim/optimizer_test.ts"],
    changes: [
      ["        if (!parameter.hasGrad) continue;\n", ""],
      ["all.filter((p) => p instanceof Parameter)", "[]"],
      ["blockTable.invalidate();", ";"],
      [
        "if (entry) this.#steps.set(parameter, entry.step);\n      else",
        "if (!entry)",
      ],
      ["      first += params.length;\n", ""],
    ],
  },
  {
    file: "lib/optim/param_groups_weight_decay.ts",
    tests: ["tests/optim/param_groups_weight_decay_test.ts"],
    changes: [
      ["/bias|layernorm", "/layernorm"],
    ],
  },
  {
    file: "lib/optim/flat_parameters.ts",
    tests: ["tests/optim/flat_parameters_test.ts"],
    changes: [
      ["!this.#table || signature !== this.#signature", "!this.#table"],
      ["first + Math.ceil(size / BLOCK)", "first + Math.floor(size / BLOCK)"],
    ],
  },
  {
    file: "lib/optim/flat_gradients.ts",
    tests: ["tests/optim/clip_grad_norm_test.ts"],
    changes: [
      ["Number(withGrad.has(p))", "1"],
    ],
  },
  {
    file: "lib/optim/clip_grad_norm.ts",
    tests: ["tests/training/find_non_finite_test.ts"],
    changes: [
      ["normFlat(gradients, 1).norm", "clipFlat(gradients, 1)"],
    ],
  },
  {
    file: "lib/optim/lr_lambda.ts",
    tests: ["tests/optim/lr_scheduler_test.ts"],
    changes: [
      [
        "Math.max(0, (N - s) / Math.max(1, N - W))",
        "(N - s) / Math.max(1, N - W)",
      ],
      ["p >= 1 ? 0", "p > 1 ? 0"],
      ["if (s > N) return lrEnd / lr;", "if (s >= N) return 0;"],
      ["decay(s + 1)", "decay(s)"],
      [": W + numStableSteps", ": numStableSteps"],
      [
        "s < W ? s / Math.max(1, W) : lambda(s)",
        "s <= W ? s / (W + 1) : lambda(s)",
      ],
      ["factor * (1 - rate) + rate", "Math.max(factor, rate)"],
      ["minLrRate : minLr / lr", "minLrRate : minLr"],
    ],
  },
  {
    file: "lib/optim/lr_scheduler.ts",
    tests: ["tests/optim/lr_scheduler_test.ts"],
    changes: [
      [
        "    this.#lrLambda = lrLambda;\n    this.#setRates();",
        "    this.#lrLambda = lrLambda;",
      ],
      ["group.lr = group.initialLr * factor", "group.lr *= factor"],
      ["    this.#lastEpoch = state.lastEpoch;\n", ""],
      ["optimizer.defaults?.lr ?? ", ""],
      ['["reduce_lr_on_plateau", "greedy"]', '["greedy"]'],
    ],
  },
  {
    file: "lib/optim/check_parameters.ts",
    tests: ["tests/optim/optimizer_test.ts"],
    changes: [
      ['=== "function") return', '!== "function") return'],
      ["parameters instanceof Module", "false"],
    ],
  },
  {
    file: "lib/check_options.ts",
    tests: ["tests/check_options_test.ts"],
    changes: [
      ["if (options === undefined) return;", ""],
      ["Object.hasOwn(names, name)", "name in names"],
      [" || options[name] === undefined", ""],
      ["example ?? exampleOf(options, names)", "exampleOf(options, names)"],
      ["letters(other) === letters(name)", "other === letters(name)"],
      [".toLowerCase()", ""],
      ["/[_-]/g", "/_/g"],
      ['typeof value.then === "function"', "true"],
      ["prototype === null ||", "prototype !== null ||"],
      ["Object.getPrototypeOf(prototype) === null", "true"],
      ["Object.keys(names)[0]", "Object.keys(names)[1]"],
      ["/^[aeio]/i", "/^[aeio]/"],
    ],
  },
  {
    file: "lib/random.ts",
    tests: ["tests/random_test.ts"],
    changes: [
      ["while (word < threshold)", "while (false)"],
      ["i > 1; i--", "i > 2; i--"],
      ["sum >= TWO_32 ? 1 : 0", "0"],
    ],
  },
];
