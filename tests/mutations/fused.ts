import type { FileMutations } from "./mutation.ts";

/** Mutations of fused, generated and optimizer kernels. */
export const FUSED_KERNELS: readonly FileMutations[] = [
  {
    file: "lib/ops/adamw_step.wgsl",
    tests: ["tests/optim/adamw_test.ts"],
    changes: [
      ["sqrt(v_new) / more.y + more.z", "sqrt(v_new + more.z) / more.y"],
      ["p[i] * factors.x - more.x", "p[i] - more.x"],
      ["&block_table[first / 16]);", "&block_table[first / 32]);"],
      ["i < end && has_gradient", "i < end && false"],
    ],
  },
  {
    file: "lib/ops/adamw_step.wgsl",
    tests: ["tests/ops/adamw_step_test.ts"],
    changes: [
      ["has_update = more.z == 0.0;", "has_update = false;"],
      ["has_update |= any(", "has_update = any("],
      ["p[i] *= factors.x;", ""],
      ["atomicStore(&block_table[first / 16], row);", ""],
    ],
  },
  {
    file: "lib/ops/sgd_step.wgsl",
    tests: ["tests/optim/sgd_test.ts"],
    changes: [
      [" + factors.y * p[i]", ""],
      ["d + more.x * b_new", "d + b_new"],
    ],
  },
  {
    file: "lib/ops/adamw_step.wgsl",
    tests: ["tests/nn/row_gradient_test.ts"],
    changes: [
      ["(r - slots[r]) * params.row_vectors", "r * params.row_vectors"],
      ["slots[r] != 0;", "slots[r] == 0;"],
      ["first / params.row_vectors", "first / 32"],
    ],
  },
  {
    file: "lib/ops/flat_step.ts",
    tests: ["tests/nn/row_gradient_test.ts"],
    changes: [["rows === 1 ?", "rows > 0 ?"]],
  },
  {
    file: "lib/ops/sgd_step.wgsl",
    tests: ["tests/nn/row_gradient_test.ts"],
    changes: [
      ["(r - slots[r]) * params.row_vectors", "r * params.row_vectors"],
    ],
  },
  {
    file: "lib/ops/clip_coefficient.wgsl",
    tests: ["tests/ops/grad_norm_test.ts"],
    changes: [
      ["select(c, 1.0, c > 1.0)", "c"],
      ["sqrt(workgroup_sum(sum, thread))", "workgroup_sum(sum, thread)"],
      ["(total_norm + 1e-6)", "total_norm"],
    ],
  },
  {
    file: "lib/ops/scale_flat.wgsl",
    tests: ["tests/optim/clip_grad_norm_test.ts"],
    changes: [
      [" || block_table[first / 16] == 0", ""],
      ["select(g[i] * c, vec4f(0.0), is_zero)", "g[i] * c"],
    ],
  },
  {
    file: "lib/ops/sum_squares.wgsl",
    tests: ["tests/optim/clip_grad_norm_test.ts"],
    changes: [
      [
        "block_table[params.first_block + b] != 0",
        "block_table[params.first_block + b] != 2",
      ],
      ["params.first + workgroup.x", "workgroup.x"],
    ],
  },
  {
    file: "lib/ops/sum_squares.wgsl",
    tests: ["tests/ops/grad_norm_test.ts"],
    changes: [
      ["(t + threads - params.first_block % threads) % threads", "t"],
      ["sum = partials[params.carry + t];", ""],
      ["    partials[params.carry + t] = sum;\n", ""],
    ],
  },
  {
    file: "lib/ops/dropout_add_layer_norm.wgsl",
    tests: ["tests/ops/dropout_add_layer_norm_test.ts"],
    changes: [
      [
        "mask * x[start + c] + residual[start + c]",
        "mask * (x[start + c] + residual[start + c])",
      ],
      ["c * WIDTH / 4, row)", "c * WIDTH / 4, 0u)"],
      [
        "inverseSqrt(workgroup_sum(squares, thread) / C + params.eps)",
        "1.0 / (sqrt(workgroup_sum(squares, thread) / C) + params.eps)",
      ],
    ],
  },
  {
    file: "lib/ops/layer_norm_backward.wgsl",
    tests: ["tests/ops/dropout_add_layer_norm_test.ts"],
    changes: [
      ["dinput[start + c] = mask * d;", "dinput[start + c] = d;"],
      ["dresidual[start + c] = d;", "dresidual[start + c] = mask * d;"],
      ["g - g_mean - x_hat * g_xhat_mean", "g - g_mean"],
      ["normalise_row(w - tile, thread)", "normalise_row(w, thread)"],
    ],
  },
  {
    file: "lib/ops/layer_norm_backward.wgsl",
    tests: ["tests/ops/layer_norm_test.ts"],
    changes: [
      ["if (HAS_BIAS == 0) {", "if (false) {"],
      ["dweight_sum += dweight_dbias[c];", ""],
    ],
  },
  {
    file: "lib/ops/sum_embeddings.wgsl",
    tests: ["tests/ops/embed_layer_norm_test.ts"],
    changes: [
      ["tokens[3 * row + 1] * vectors", "row * vectors"],
      ["v += token_type[tokens[3 * row + 2] * vectors + c];", ""],
      ["if (HAS_TOKEN_TYPES)", "if (true)"],
    ],
  },
  {
    file: "lib/ops/sum_embeddings_backward.wgsl",
    tests: ["tests/ops/embed_layer_norm_test.ts"],
    changes: [
      ["dx[positions[p] / 3 *", "dx[positions[p] % 3 *"],
      [
        "dposition[position * vectors + c] += sum;",
        "dposition[position * vectors + c] = sum;",
      ],
      ["ids[u] < params.words", "ids[u] <= params.words"],
      ["position < params.positions", "position <= params.positions"],
    ],
  },
  {
    file: "lib/ops/sum_embeddings_backward.wgsl",
    tests: ["tests/nn/row_gradient_test.ts"],
    changes: [
      ["params.first_word, u + 1,", "params.first_word, u,"],
    ],
  },
  {
    file: "lib/ops/sum_embeddings_backward.wgsl",
    tests: ["tests/split_parameters_test.ts"],
    changes: [
      ["params.first_group + w / tiles", "w / tiles"],
      ["ids[u] - params.first_word", "ids[u]"],
    ],
  },
  {
    file: "lib/ops/embed_layer_norm.ts",
    tests: ["tests/nn/row_gradient_test.ts"],
    changes: [
      ["dRows ? undefined : dWords", "dWords"],
    ],
  },
  {
    file: "lib/ops/attention/software_forward.ts",
    tests: ["tests/ops/attention_test.ts"],
    changes: [
      ["3u) < vec4u(end)", "3u) <= vec4u(end)"],
      ["largest${r} + log(sum${r})", "log(sum${r})"],
      ["tile.x + 4u * lane", "tile.x + 4u * (lane + 1u)"],
    ],
  },
  {
    file: "lib/ops/attention/software_backward.ts",
    tests: ["tests/ops/attention_test.ts"],
    changes: [
      [
        'probabilities(form, (r) => visible(form, `query[${r}]`, "key"))',
        'probabilities(form, () => "vec4<bool>(true)")',
      ],
      [" & vec4<bool>(first + ${r}u < end)", ""],
      ["let w${r} = mask${r} * p${r};", "let w${r} = p${r};"],
      [
        "let key_block = (own_first - tile.y) / 4u;",
        "let key_block = own_first / 4u;",
      ],
      ['broadcast("product", r * blocks + c)', 'broadcast("product", c)'],
    ],
  },
  {
    file: "lib/ops/attention/software_source.ts",
    tests: ["tests/ops/attention_test.ts"],
    changes: [
      [
        "key_block, query[${r}] * HEADS + head)",
        "key_block, query[${r}] * HEADS)",
      ],
      ["broadcast(name, r * blocks + c)", "broadcast(name, c)"],
      ["${at} % ${blocks}u, WIDTH", "0u, WIDTH"],
    ],
  },
  {
    file: "lib/ops/attention/source.ts",
    tests: ["tests/ops/attention_test.ts"],
    changes: [
      ["min(4u, WIDTH - 4u * block)", "4u"],
      ["const scaled = `params.scale * ${scores}`;", "const scaled = scores;"],
      ["(mask${r} * dp${r} - ${delta})", "(dp${r} - ${delta})"],
    ],
  },
  {
    file: "lib/ops/attention/hardware_forward.ts",
    tests: ["tests/ops/attention_test.ts"],
    changes: [
      ["sum${i} * shrink +", "sum${i} +"],
      ["of_queries[${row}] = shrink;", "of_queries[${row}] = 1.0;"],
      ["largest${i} + log(${total})", "log(${total})"],
    ],
  },
  {
    file: "lib/ops/attention/hardware_backward.ts",
    tests: ["tests/ops/attention_test.ts"],
    changes: [
      ["walked == walk_first || !owns_queries", "walked == walk_first"],
      [" & vec4<bool>(query_first + ${row} < end)", ""],
      ["let w${i} = mask${i} * p${i};", "let w${i} = p${i};"],
      ["(key - tile.y) / 4u", "key / 4u"],
    ],
  },
  {
    file: "lib/ops/attention/hardware_source.ts",
    tests: ["tests/ops/attention_test.ts"],
    changes: [
      ["min(${first} + ${row}, end - 1u)", "${first} + ${row}"],
      ["first + copied < ${blocks}u)", "true)"],
      ["stride * i / 4", "stride * i"],
      ["depth: columns / 2", "depth: columns"],
    ],
  },
  {
    file: "lib/ops/attention/hardware_source.ts",
    tests: ["tests/ops/attention/hardware_source_test.ts"],
    changes: [
      ["blocks > 8 ? 16 : 8", "16"],
      [
        "array<vec4f, ${TILE_ROWS + 1}>, 8>",
        "array<vec4f, ${2 * TILE_ROWS}>, 8>",
      ],
    ],
  },
  {
    file: "lib/ops/attention/hardware_sums.ts",
    tests: ["tests/ops/attention_test.ts"],
    changes: [
      ["columns * (chunk + 1) > blocks", "false"],
      ["+ ${8 * eight}u < end", "+ ${8 * eight + 8}u < end"],
      ["...chunk === 0 ? before : []", ""],
    ],
  },
  {
    file: "lib/ops/attention.ts",
    tests: ["tests/ops/attention_test.ts"],
    changes: [
      ["1 / Math.sqrt(width)", "1 / width"],
    ],
  },
  {
    file: "lib/ops/operand_source.ts",
    tests: ["tests/ops/matmul_test.ts"],
    changes: [
      ["vec4u(0u, 1u, 2u, 3u) < left)", "vec4u(0u, 1u, 2u, 3u) <= left)"],
    ],
  },
  {
    file: "lib/ops/attention/software_source.ts",
    tests: ["tests/ops/attention_test.ts"],
    changes: [
      [
        "${operand}_offset + ${operand}_start(${rows}",
        "${operand}_start(${rows}",
      ],
      [
        "${operand}_offset + ${operand}_start(${row},",
        "${operand}_start(${row},",
      ],
    ],
  },
];
