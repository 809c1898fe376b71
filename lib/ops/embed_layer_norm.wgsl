// BERT's embeddings: word, token-type and position embeddings summed, then layer normalisation.
//
//   x[t] = word[ids[t]] + token_type[types[t]] + position[positions[t]]
//   y[t] = weight · (x[t] - mean) · rstd + bias
//
// One workgroup per token t; its threads stride over the vectors c.

override WORKGROUP_SIZE: u32 = 64; // a power of two
override HAS_TOKEN_TYPES: bool = true; // without them, token_type is not read

struct Params {
  rows: u32, // T
  vectors: u32, // H, in vectors
  eps: f32,
}

@group(0) @binding(0) var<storage, read> tokens: array<u32>; // [T, 3]: id, position, token type
@group(0) @binding(1) var<storage, read> word: array<Vector>; // [V, H]
@group(0) @binding(2) var<storage, read> position: array<Vector>; // [P, H]
@group(0) @binding(3) var<storage, read> token_type: array<Vector>; // [token types, H]
@group(0) @binding(4) var<storage, read> weight: array<Vector>; // [H]
@group(0) @binding(5) var<storage, read> bias: array<Vector>; // [H]
@group(0) @binding(6) var<storage, read_write> x: array<Vector>; // [T, H]
@group(0) @binding(7) var<storage, read_write> y: array<Vector>; // [T, H]
@group(0) @binding(8) var<storage, read_write> mean: array<f32>; // [T]
@group(0) @binding(9) var<storage, read_write> rstd: array<f32>; // [T]
@group(0) @binding(10) var<uniform> params: Params;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) thread: u32,
) {
  let row = workgroup.y * workgroups.x + workgroup.x;
  if (row >= params.rows) {
    return;
  }
  let vectors = params.vectors;
  let H = f32(vectors * WIDTH);
  let word_start = tokens[3 * row] * vectors;
  let position_start = tokens[3 * row + 1] * vectors;
  let type_start = tokens[3 * row + 2] * vectors;
  let start = row * vectors; // x[row, 0]

  var sum = 0.0;
  for (var c = thread; c < vectors; c += WORKGROUP_SIZE) {
    var v = word[word_start + c];
    if (HAS_TOKEN_TYPES) {
      v += token_type[type_start + c];
    }
    v += position[position_start + c];
    x[start + c] = v;
    sum += total(v);
  }
  let m = workgroup_sum(sum, thread) / H;

  var squares = 0.0;
  for (var c = thread; c < vectors; c += WORKGROUP_SIZE) {
    let d = x[start + c] - m;
    squares += total(d * d);
  }
  let s = inverseSqrt(workgroup_sum(squares, thread) / H + params.eps);

  for (var c = thread; c < vectors; c += WORKGROUP_SIZE) {
    y[start + c] = weight[c] * (x[start + c] - m) * s + bias[c];
  }
  if (thread == 0) {
    mean[row] = m;
    rstd[row] = s;
  }
}
