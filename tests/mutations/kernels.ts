import type { FileMutations } from "./mutation.ts";

/** Mutations of plain kernels. */
export const KERNELS: readonly FileMutations[] = [
  {
    file: "lib/ops/accumulate.wgsl",
    tests: ["tests/ops/mse_loss_test.ts"],
    changes: [
      ["target_[i] += source[i];", "target_[i] = source[i];"],
    ],
  },
  {
    file: "lib/ops/add.wgsl",
    tests: ["tests/ops/add_test.ts"],
    changes: [
      ["b[i % params.period]", "b[min(i, params.period - 1)]"],
    ],
  },
  {
    file: "lib/ops/argmax.wgsl",
    tests: ["tests/ops/argmax_test.ts"],
    changes: [
      ["x[start + c] > x[start + best]", "x[start + c] >= x[start + best]"],
      ["other < best)", "other > best)"],
    ],
  },
  {
    file: "lib/ops/bce_with_logits.wgsl",
    tests: ["tests/ops/bce_with_logits_test.ts"],
    changes: [
      ["exp(-abs(v))", "exp(-v)"],
      ["e / (2.0 + e)", "e / (1.0 + e)"],
      ["z * (1.0 / 13.0)", "z"],
      ["select(v, Vector(), v < Vector())", "max(v, Vector() - 1.0)"],
      ["- v * y[i]", "- y[i]"],
      ["+ log1p_e", "+ log(1.0 + e)"],
    ],
  },
  {
    file: "lib/ops/bce_with_logits_backward.wgsl",
    tests: ["tests/ops/bce_with_logits_test.ts"],
    changes: [
      ["exp(-abs(x[i]))", "exp(-x[i])"],
      ["dloss[0] * params.scale", "params.scale"],
      ["on * (1.0 - y[i]) - off * y[i]", "on - y[i]"],
      ["select(near, far, negative)", "near"],
    ],
  },
  {
    file: "lib/ops/vector_scalar.wgsl",
    tests: ["tests/ops/dropout_test.ts"],
    changes: [
      ["return v[element % 4u];", "return v.x;"],
    ],
  },
  {
    file: "lib/ops/vector_vec4.wgsl",
    tests: ["tests/ops/softmax_test.ts"],
    changes: [
      ["dot(vector, vec4f(1.0))", "dot(vector.xyz, vec3f(1.0))"],
    ],
  },
  {
    file: "lib/ops/cross_entropy.wgsl",
    tests: ["tests/ops/cross_entropy_test.ts"],
    changes: [
      ["exp(x[start + c] - m)", "exp(x[start + c])"],
      ["label[row] >= 0", "label[row] > 0"],
      ["loss_sum += l", "loss_sum = l"],
      ["min(first + params.part, params.rows)", "params.rows"],
      ["params.scale * loss_sum", "loss_sum"],
    ],
  },
  {
    file: "lib/ops/cross_entropy_backward.wgsl",
    tests: ["tests/ops/cross_entropy_test.ts"],
    changes: [
      ["params.scale * (probability", "(probability"],
      ["label[row] < 0) {", "label[row] < -1) {"],
    ],
  },
  {
    file: "lib/ops/cross_entropy_weighted.wgsl",
    tests: ["tests/ops/cross_entropy_weighted_test.ts"],
    changes: [
      ["weight[c] * q", "q"],
      ["q > 0.0", "true"],
      ["label[row] >= 0", "label[row] > 0"],
      ["i32(c) == label[row]", "c == 0"],
      ["params.smoothed + select", "select"],
      ["loss_sum += total", "loss_sum = total"],
      ["min(first + params.part, params.rows)", "params.rows"],
    ],
  },
  {
    file: "lib/ops/cross_entropy_weighted_backward.wgsl",
    tests: ["tests/ops/cross_entropy_weighted_test.ts"],
    changes: [
      ["params.smoothed_total + params.on", "params.on"],
      ["params.on * weight[hit]", "weight[hit]"],
      ["weight[c] * q", "q"],
      ["label[row] < 0) {", "label[row] < -1) {"],
      ["dloss[0] * params.scale", "params.scale"],
    ],
  },
  {
    file: "lib/ops/dropout.wgsl",
    tests: ["tests/ops/dropout_test.ts"],
    changes: [
      ["element / 4, 0u", "element, 0u"],
    ],
  },
  {
    file: "lib/ops/gather.wgsl",
    tests: ["tests/ops/index_select_test.ts", "tests/ops/select_test.ts"],
    changes: [
      ["o * params.length + slice", "o * params.indices + slice"],
    ],
  },
  {
    file: "lib/ops/gather.wgsl",
    tests: ["tests/ops/split_parameters_test.ts"],
    changes: [
      ["slice >= params.length", "false"],
      ["index[j] - params.first", "index[j]"],
    ],
  },
  {
    file: "lib/ops/gelu.wgsl",
    tests: ["tests/ops/gelu_test.ts"],
    changes: [
      ["i >= params.vectors", "i + 1 >= params.vectors"],
    ],
  },
  {
    file: "lib/ops/gelu_backward.wgsl",
    tests: ["tests/ops/gelu_test.ts"],
    changes: [
      ["dx[i] = dy[i] * to_vector", "dx[i] = to_vector"],
    ],
  },
  {
    file: "lib/ops/gelu_functions.wgsl",
    tests: ["tests/ops/gelu_test.ts"],
    changes: [
      ["-0.142248368", "-0.14224"],
      ["- a * 0.3989422804 * e", "- 0.3989422804 * e"],
    ],
  },
  {
    file: "lib/ops/gelu_tanh_functions.wgsl",
    tests: ["tests/ops/gelu_test.ts"],
    changes: [
      ["(1.0 + 0.044715 * x * x)", "(1.0 + 0.0447 * x * x)"],
      ["select(x, z, x < vec4f())", "x"],
      ["vec4f(9.0)", "vec4f(4.0)"],
      ["z * s * (e * s)", "z * s * e"],
    ],
  },
  {
    file: "lib/ops/layer_norm.wgsl",
    tests: ["tests/ops/layer_norm_test.ts"],
    changes: [
      ["/ C + params.eps", "/ (C - 1.0) + params.eps"],
      [
        "inverseSqrt(workgroup_sum(squares, thread) / C + params.eps)",
        "1.0 / (sqrt(workgroup_sum(squares, thread) / C) + params.eps)",
      ],
    ],
  },
  {
    file: "lib/ops/layer_norm_backward.wgsl",
    tests: ["tests/ops/layer_norm_test.ts"],
    changes: [
      ["(g - g_mean - x_hat * g_xhat_mean)", "(g - x_hat * g_xhat_mean)"],
      ["dbias_sum += dweight_dbias[dbias];", ""],
      ["(x[i] - statistics[r].x) * statistics[r].y", "x[i] * statistics[r].y"],
    ],
  },
  {
    file: "lib/ops/log_softmax.wgsl",
    tests: ["tests/ops/log_softmax_test.ts"],
    changes: [
      ["x[start + c] - m - log_sum", "x[start + c] - log_sum"],
    ],
  },
  {
    file: "lib/ops/log_softmax_backward.wgsl",
    tests: ["tests/ops/log_softmax_test.ts"],
    changes: [
      ["exp(y[start + c]) * s", "exp(y[start + c])"],
    ],
  },
  {
    file: "lib/ops/mul.wgsl",
    tests: ["tests/ops/mul_test.ts"],
    changes: [
      ["b[i % params.period]", "b[i / params.period]"],
    ],
  },
  {
    file: "lib/ops/philox.wgsl",
    tests: ["tests/ops/dropout_test.ts"],
    changes: [
      ["  c = philox_round(c, key + 5u * BUMP);\n", ""],
      ["bits >> vec4u(8u)", "bits >> vec4u(9u)"],
      [
        "row, dropout.site, dropout.step",
        "row, dropout.step, dropout.site",
      ],
    ],
  },
  {
    file: "lib/ops/relu.wgsl",
    tests: ["tests/ops/relu_test.ts"],
    changes: [
      [
        "select(x[i], Vector(), x[i] < Vector())",
        "select(Vector(), x[i], x[i] > Vector())",
      ],
    ],
  },
  {
    file: "lib/ops/relu_backward.wgsl",
    tests: ["tests/ops/relu_test.ts"],
    changes: [
      ["x[i] <= Vector()", "x[i] < Vector()"],
    ],
  },
  {
    file: "lib/ops/scale_shift.wgsl",
    tests: ["tests/ops/add_test.ts"],
    changes: [
      ["+ params.shift", "- params.shift"],
    ],
  },
  {
    file: "lib/ops/scatter_add.wgsl",
    tests: ["tests/ops/embedding_test.ts"],
    changes: [
      ["dy[(o * params.rows + positions[p])", "dy[(o * params.rows + p)"],
      ["params.inner + i] += sum;", "params.inner + i] = sum;"],
    ],
  },
  {
    file: "lib/ops/scatter_add.wgsl",
    tests: ["tests/nn/row_gradient_test.ts"],
    changes: [
      ["params.first_row, u + 1,", "params.first_row, u,"],
    ],
  },
  {
    file: "lib/ops/scatter_add.wgsl",
    tests: ["tests/ops/split_parameters_test.ts"],
    changes: [
      ["params.first_group + w", "w"],
      ["ids[u] - params.first_row", "ids[u]"],
    ],
  },
  {
    file: "lib/ops/slice_sum.wgsl",
    tests: ["tests/ops/sum_test.ts"],
    changes: [
      ["slice_partial[slice * COLUMNS + thread.x]", "slice_partial[thread.x]"],
    ],
  },
  {
    file: "lib/ops/softmax.wgsl",
    tests: ["tests/ops/softmax_test.ts"],
    changes: [
      ["exp(x[start + c] - m) / s", "exp(x[start + c]) / s"],
    ],
  },
  {
    file: "lib/ops/softmax_backward.wgsl",
    tests: ["tests/ops/softmax_test.ts"],
    changes: [
      ["(dy[start + c] - s)", "dy[start + c]"],
    ],
  },
  {
    file: "lib/ops/sum.wgsl",
    tests: ["tests/ops/sum_test.ts"],
    changes: [
      ["min((k + 1) * CHUNK, params.length)", "(k + 1) * CHUNK"],
    ],
  },
  {
    file: "lib/ops/sum.wgsl",
    tests: ["tests/ops/mean_test.ts"],
    changes: [
      ["= params.scale * sum", "= sum"],
    ],
  },
  {
    file: "lib/ops/sum_backward.wgsl",
    tests: ["tests/ops/sum_test.ts", "tests/ops/mean_test.ts"],
    changes: [
      ["params.scale * dy", "dy"],
    ],
  },
  {
    file: "lib/ops/tanh.wgsl",
    tests: ["tests/ops/tanh_test.ts"],
    changes: [
      ["7.905311;", "4.0;"],
      ["1.48572235717979e-5", "1.48572235717979e-6"],
    ],
  },
  {
    file: "lib/ops/tanh_backward.wgsl",
    tests: ["tests/ops/tanh_test.ts"],
    changes: [
      ["(1.0 - y[i] * y[i])", "(1.0 - y[i])"],
    ],
  },
  {
    file: "lib/ops/workgroup_max.wgsl",
    tests: ["tests/ops/softmax_test.ts"],
    changes: [
      ["WORKGROUP_SIZE / 2;", "WORKGROUP_SIZE / 4;"],
      ["max(keys.z, keys.w)", "keys.z"],
      ["key >= INFINITY_KEY", "key > 0x80000000u"],
      ["select(~key, key & 0x7fffffffu, key >= 0x80000000u)", "~key"],
    ],
  },
  {
    file: "lib/ops/workgroup_sum.wgsl",
    tests: ["tests/ops/softmax_test.ts"],
    changes: [
      ["WORKGROUP_SIZE / 2;", "WORKGROUP_SIZE / 4;"],
    ],
  },
];
