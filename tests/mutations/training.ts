import type { FileMutations } from "./mutation.ts";

/** Mutations of the parts of a training loop. */
export const TRAINING: readonly FileMutations[] = [
  {
    file: "lib/training/early_stopping.ts",
    tests: ["tests/training/early_stopping_test.ts"],
    changes: [
      ["metric > this.#best", "metric >= this.#best"],
      ["metric < this.#best", "metric <= this.#best"],
      ["this.#evaluations === 0 ||", ""],
      ["isBetter && Math.abs", "Math.abs"],
      [
        "Math.abs(metric - this.#best) > this.#threshold",
        "Math.abs(metric - this.#best) >= this.#threshold",
      ],
      ["if (!isBetter) return;", "if (!improves) return;"],
      [
        "this.#patienceCounter >= this.#patience",
        "this.#patienceCounter > this.#patience",
      ],
      ["? this.#worst : -this.#worst", "? this.#worst : this.#worst"],
      ["Number.isFinite(best) ? best : null", "best"],
      ["state.greaterIsBetter !== greaterIsBetter", "false"],
      ["Math.max(evaluations - 1, 0)", "evaluations"],
    ],
  },
  {
    file: "lib/training/find_non_finite.ts",
    tests: ["tests/training/find_non_finite_test.ts"],
    changes: [
      ["&& Number.isFinite(gradNorm)", ""],
      ["if (Number.isFinite(numbers.loss) && !gradient) return;", ""],
      ["...order.toReversed(), ", ""],
      ["rows?.values ?? tensor.grad!", "tensor.grad!"],
      [
        "({ gradFn }) => gradFn?.inputs ?? []",
        "(t) => t.gradFn?.inputs.filter((input) => input.requiresGrad) ?? []",
      ],
    ],
  },
  {
    file: "lib/training/save_state.ts",
    tests: [
      "tests/training/save_state_test.ts",
      "tests/training/save_state_refused_test.ts",
      "tests/training/load_state_refused_test.ts",
    ],
    changes: [
      ["!KEY.test(name) || ", ""],
      [" || RESERVED.includes(name)", ""],
      ["for (const undoPart of undo.reverse()) undoPart();", ""],
      ["undo.push(await part.snapshot())", "await part.snapshot()"],
      ["for (const [part, stored] of entries) part.check(stored);", ""],
      ["version !== VERSION", "false"],
      ["if (Object.hasOwn(state, name)) continue;", "continue;"],
      ["if (parts.has(name)) continue;", "continue;"],
      ["await model.saveConfig(partial)", "undefined"],
      ["if (before === now) continue;", "continue;"],
    ],
  },
  {
    file: "lib/training/state/module.ts",
    tests: [
      "tests/training/save_state_test.ts",
      "tests/training/load_state_refused_test.ts",
    ],
    changes: [
      ["shapes.set(name, shape);", "shapes.set(name, undefined);"],
      ["tensorNames(json).map((name) => [name, undefined])", "[]"],
      ["if (`${own}` === `${stored}`) return;", "return;"],
      ["await copyState(this.#extraState(), this.#name)", "this.#extraState()"],
      ["state !== undefined", "true"],
    ],
  },
  {
    file: "lib/training/save_state.ts",
    tests: ["tests/training/state_files_test.ts"],
    changes: [
      [" && !isStateful(object)", ""],
      ["await part.restoreTensors?.(stored)", "part.restoreTensors?.(stored)"],
    ],
  },
  {
    file: "lib/training/state/optimizer.ts",
    tests: ["tests/training/state_files_test.ts"],
    changes: [
      ["tensor.device.upload(", "void ("],
    ],
  },
  {
    file: "lib/training/state/plain.ts",
    tests: ["tests/training/load_state_refused_test.ts"],
    changes: [
      [
        "await copyState(this.#object.stateDict(), this.#name)",
        "this.#object.stateDict()",
      ],
      ["checkTensors(file, this.#name, new Map(names));", ""],
    ],
  },
  {
    file: "lib/training/state/optimizer.ts",
    tests: [
      "tests/training/state/optimizer_test.ts",
      "tests/training/load_state_refused_test.ts",
    ],
    changes: [
      ["paramsOf(saved) !== paramsOf(own)", "false"],
      ["other !== undefined", "false"],
      ["index < 0 || !Number.isSafeInteger(count) || count < 0", "index < 0"],
      ["`_${c.toLowerCase()}`", "c"],
    ],
  },
  {
    file: "lib/training/state/gradients.ts",
    tests: [
      "tests/training/resume_test.ts",
      "tests/training/save_state_test.ts",
      "tests/training/save_state_refused_test.ts",
    ],
    changes: [
      [
        "const gradient = parameter.rowGradient;",
        "const gradient = undefined;",
      ],
      ["parameter.grad = undefined;", ""],
      ["rowsFrom(rows, 1, ids.length)", "rowsFrom(rows, 0, ids.length)"],
      ["parameters.has(full)", "false"],
      ["filter(([, parameter]) => parameter.hasGrad)", "filter(() => false)"],
    ],
  },
  {
    file: "lib/training/state/part.ts",
    tests: ["tests/training/state/part_test.ts"],
    changes: [
      ["if (!shapes.has(tensor)) fail", "if (false) fail"],
      ["`${info.shape}` !== `${shape}`", "info.shape.length !== shape.length"],
      ['info.dtype !== "F32"', "false"],
      ["if (!shape) continue;", ""],
    ],
  },
  {
    file: "lib/training/state/values.ts",
    tests: ["tests/training/state/values_test.ts"],
    changes: [
      [" && !Object.is(value, -0)", ""],
      ['Object.is(value, -0) ? "-0" : `${value}`', "`${value}`"],
      ["Array.from(value, (item, i) =>", "value.map((item, i) =>"],
      ["key === NUMBER || key === TENSOR", "key === NUMBER"],
      ["item === undefined ? [] :", ""],
      ["(await data()).slice()", "await data()"],
      ["&& !(value instanceof DataView)", ""],
    ],
  },
  {
    file: "lib/training/weighted_mean.ts",
    tests: ["tests/training/weighted_mean_test.ts"],
    changes: [
      ["then((v) => weight * v)", "then((v) => v)"],
      ["[[...this.#terms], this.#weight]", "[this.#terms, this.#weight]"],
      ["value.size !== 1", "false"],
    ],
  },
  {
    file: "lib/training/progress_output.ts",
    tests: [
      "tests/training/progress_output_test.ts",
      "tests/training/progress_bar_test.ts",
    ],
    changes: [
      ["if (!isSystemError(error)) throw error", "throw error"],
      ["if (!isSystemError(error)) throw error;", ""],
      ["if (broken.has(output)) return;", ""],
      ['stream.on("error", () => broken.add(stream));', ""],
      ["|| watched.has(output)", ""],
      ["(stream) => stream === output", "() => true"],
    ],
  },
  {
    file: "lib/training/progress_bar.ts",
    tests: ["tests/training/progress_bar_test.ts"],
    changes: [
      ["this.#done - this.#initial;", "this.#done;"],
      ["loadTerminalBar(this.#output)", "loadTerminalBar(output)"],
    ],
  },
];
