// BERT's embeddings, forward: word, token-type and position embeddings, summed.
//
//   x[t,c] = word[ids[t],c] + token_type[types[t],c] + position[positions[t],c]
//
// One thread per vector of x.

override HAS_TOKEN_TYPES: bool = true; // without them, token_type is not read

struct Params {
  rows: u32, // T
  vectors: u32, // H, in vectors
}

@group(0) @binding(0) var<storage, read> tokens: array<u32>; // [T, 3]: id, position, token type
@group(0) @binding(1) var<storage, read> word: array<Vector>; // [V, H]
@group(0) @binding(2) var<storage, read> position: array<Vector>; // [P, H]
@group(0) @binding(3) var<storage, read> token_type: array<Vector>; // [token types, H]
@group(0) @binding(4) var<storage, read_write> x: array<Vector>; // [T, H]
@group(0) @binding(5) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
) {
  let i = id.y * workgroups.x * 64 + id.x;
  let vectors = params.vectors;
  if (i >= params.rows * vectors) {
    return;
  }
  let row = i / vectors;
  let c = i % vectors;
  var v = word[tokens[3 * row] * vectors + c];
  if (HAS_TOKEN_TYPES) {
    v += token_type[tokens[3 * row + 2] * vectors + c];
  }
  x[i] = v + position[tokens[3 * row + 1] * vectors + c];
}
