import type { FileMutations } from "./mutation.ts";

/** Mutations of the generated matrix products, and of the choice of their tiles. */
export const GEMM: readonly FileMutations[] = [
  {
    file: "lib/ops/operand_source.ts",
    tests: ["tests/ops/matmul_test.ts", "tests/ops/linear_test.ts"],
    changes: [
      ["length % 4 === 0", "length % 2 === 0"],
    ],
  },
  {
    file: "lib/ops/gemm/direct_loop.ts",
    tests: ["tests/ops/matmul_test.ts"],
    changes: [
      ["(p.k + 3u) / 4u", "p.k / 4u"],
      ["p.m), k4 + ${q} < p.k)", "p.m), true)"],
      ["r % 8 - r % 4 + q", "q"],
      ["${8 * g}u + thread % 8u", "thread % 8u"],
      ["${2 * g}u + thread % 8u / 4u", "${2 * g}u"],
    ],
  },
  {
    file: "lib/ops/gemm/staged_loop.ts",
    tests: ["tests/ops/gemm/candidates_test.ts"],
    changes: [
      ["return `k0 + ${i * stride}u + ${step} < ${end}`", 'return "true"'],
      ["k0 + 4u * ${step} < ${end}`;", "k0 < ${end}`;"],
      ["< vec4u(${end})`", "< vec4u(${end} + 4u)`"],
      ["copyStarts(side, access[side.operand])", "copyStarts(side, access.a)"],
      ["/ ${threads}u % 4u`", "% 4u`"],
      [
        "}u * ${threads}u + ${at} % ${threads}u)",
        "}u * 4u + ${at} % ${threads}u)",
      ],
      ["i % (SUM_STEPS / a.stride)", "0"],
      ["const SUM_STEPS = 16", "const SUM_STEPS = 32"],
      ["i % groups", "0"],
    ],
  },
  {
    file: "lib/ops/gemm/source.ts",
    tests: ["tests/ops/matmul_test.ts"],
    changes: [
      ["i / down *", "i % down *"],
      ["workgroup.z * p.b_batch", "workgroup.z * p.a_batch"],
    ],
  },
  {
    file: "lib/ops/gemm/source.ts",
    tests: ["tests/ops/linear_test.ts", "tests/ops/linear_contiguous_test.ts"],
    changes: [
      ["p.accumulate_sums != 0u", "false"],
      ["load_bias(0u, ${block}", "load_bias(0u, block"],
    ],
  },
  {
    file: "lib/ops/gemm/source.ts",
    tests: ["tests/ops/gemm/candidates_test.ts"],
    changes: [
      ["4 * y * Math.floor(r / 4)", "4 * Math.floor(r / 4)"],
      ["row / 4u + ${g * y}u", "row / 4u + ${g}u"],
      ['"tile_block + tx == 0u"', '"tile_block == 1u"'],
    ],
  },
  {
    file: "lib/ops/gemm/source.ts",
    tests: ["tests/ops/gemm/parts_test.ts"],
    changes: [
      ["workgroup.z * ((p.m + 3u) / 4u)", "0u"],
      ["min(p.whole_k, workgroup.z * p.k)", "0u"],
    ],
  },
  {
    file: "lib/ops/gemm/epilogue.ts",
    tests: ["tests/ops/linear_test.ts", "tests/ops/linear_contiguous_test.ts"],
    changes: [
      ["${name}[i] += value;", "${name}[i] = value;"],
      ["select(0.0, ${name}[i + e], ${accumulate})", "0.0"],
      ["s${g} += a${g};", "s${g} = a${g};"],
      ["4 * (r % 2)", "0"],
      ["+ a${r}_3;", ";"],
      ["var r = row; r <", "var r = row + 1u; r <"],
    ],
  },
  {
    file: "lib/ops/gemm/epilogue.ts",
    tests: ["tests/ops/linear_gelu_test.ts"],
    changes: [
      ["c[i] *= gelu_derivative", "c[i] = gelu_derivative"],
      ["gelu(${value}));", "${value});"],
      ["gelu_derivative(load_other(${at}))", "load_other(${at})"],
    ],
  },
  {
    file: "lib/ops/gemm/epilogue.ts",
    tests: ["tests/ops/split_parameters_test.ts"],
    changes: [
      ["value[e] = ${name}[i + e]; }", "value[e] = ${name}[i]; }"],
      [
        "return ${name}[p.c_offset + row * p.c_stride + block];",
        "return vec4f();",
      ],
    ],
  },
  {
    file: "lib/ops/gemm/access.ts",
    tests: ["tests/ops/matmul_test.ts", "tests/ops/linear_test.ts"],
    changes: [
      ['if (layout !== "TN") matrixA.lengths.push(k);', ""],
    ],
  },
  {
    file: "lib/ops/gemm/access.ts",
    tests: ["tests/ops/gemm/kernels_test.ts"],
    changes: [
      ["b: access(matrixB)", "b: access(matrixA)"],
      ["if (sums) matrixC.lengths.push(m);", ""],
    ],
  },
  {
    file: "lib/ops/gemm/product.ts",
    tests: ["tests/ops/linear_test.ts"],
    changes: [
      ["c_offset: ofC.offset", "c_offset: 0"],
      ["a_offset: ofA.offset", "a_offset: 0"],
      ["sums?.accumulate === true", "false"],
    ],
  },
  {
    file: "lib/ops/gemm/product.ts",
    tests: ["tests/ops/gemm/parts_test.ts"],
    changes: [
      ["(alongK ? 1 : stride)", "1"],
      ["k: partSteps || k", "k"],
      ["k % (partSteps ?? tile.depth) !== 0", "false"],
      ["Math.ceil(k / partSteps)", "Math.floor(k / partSteps)"],
    ],
  },
  {
    file: "lib/ops/gemm/gemm.ts",
    tests: ["tests/ops/gemm/parts_test.ts"],
    changes: [
      ["batch > 1 || resume || inOrder", "batch > 1 || resume"],
      ["batch > 1 || resume || inOrder", "batch > 1 || inOrder"],

      ["{ accumulate: sums.accumulate },", "{},"],
    ],
  },
  {
    file: "lib/ops/gemm/parts.ts",
    tests: ["tests/ops/gemm/parts_test.ts"],
    changes: [
      ["part < p.parts", "part < p.parts - 1u"],
      ["sum += load_bias(0u, block, p.n);", ""],
      ["2 * parts * workgroups <=", "workgroups <="],
      ["(p.n + 3u) / 4u", "p.n / 4u"],
    ],
  },
  {
    file: "lib/ops/gemm/tiles.ts",
    tests: ["tests/ops/gemm/kernels_test.ts"],
    changes: [
      ["Math.ceil(m / step) * step / speed", "1 / speed"],
      ["|| subgroupSize !== 8", ""],
    ],
  },
  {
    file: "lib/ops/gemm/time_tiles.ts",
    tests: ["tests/ops/gemm/tuner_test.ts"],
    changes: [
      ["release();", ""],
      ["spentMs + expectedMs + ms <= limitMs", "true"],
      ["Math.floor((limitMs - spentMs) / 2 / expectedMs),", ""],
      ["repeats * sum(runs", "sum(runs"],
      ["i * CANDIDATES.length + j", "j"],
      ["if (fits) expectedMs += ms;", ""],
    ],
  },
  {
    file: "lib/ops/gemm/tuner.ts",
    tests: ["tests/ops/gemm/tuner_test.ts"],
    changes: [
      ["tuning.spentMs < BUDGET_MS", "true"],
      ["const BUDGET_MS = 2000", "const BUDGET_MS = 4000"],
      ["if (tile) return tile;", ""],
      ["Math.min(size, MAX_SIZE)", "size"],
      ["Math.max(MIN_SIZE, limit(size))", "limit(size)"],
      ["tuning.spentMs += spentMs + compileMs;", ""],
      ["await this.#device.profile(() => {});", ""],
      ["!(error instanceof DeviceLostError)", "true"],
      ["!(error instanceof DeviceLostError)", "false"],
      ["if (attempts < MAX_ATTEMPTS) continue;", "continue;"],
    ],
  },
  {
    file: "lib/ops/linear.ts",
    tests: ["tests/split_parameters_test.ts"],
    changes: [
      ["const inOrder = isTable(weight);", "const inOrder = false;"],
    ],
  },
  {
    file: "lib/ops/linear.ts",
    tests: ["tests/ops/split_parameters_test.ts"],
    changes: [
      ["{ bias, gelu, inOrder }", "{ bias, gelu }"],
      ["sums: dBias, inOrder }", "sums: dBias }"],
    ],
  },
];
