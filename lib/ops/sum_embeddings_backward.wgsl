// BERT's embeddings, backward: gradients of the three tables. Ids count the rows of all tables:
// those of word, then position, then token-type embeddings.
//
//   dTable[ids[u]] = dTable[ids[u]] + Σ_p dX[⌊positions[p] / 3⌋]
//                    over p from starts[u] up to starts[u + 1]
//
// A compact gradient of the word embeddings has the rows of the batch only: row u + 1 for ids[u].
// A shard of it begins with row first_word, and has the groups from first_group.
//
// One workgroup per COLUMNS neighbouring vectors c of one u. SLICES threads share a vector, each
// adding every SLICES-th row: no atomics, so the result is the same on every run.

override COLUMNS: u32 = 8;
override SLICES: u32 = 16;

struct Params {
  vectors: u32, // H, in vectors
  groups: u32, // of the call
  words: u32, // V
  positions: u32, // P
  compact: u32, // whether dword is compact
  first_group: u32,
  first_word: u32,
}

@group(0) @binding(0) var<storage, read> dx: array<Vector>; // [T, H]
@group(0) @binding(1) var<storage, read> ids: array<u32>; // [U], below V + P + token types
@group(0) @binding(2) var<storage, read> starts: array<u32>; // [U + 1]
@group(0) @binding(3) var<storage, read> positions: array<u32>; // [3 T] at most, into tokens
@group(0) @binding(4) var<storage, read_write> dword: array<Vector>; // [V, H], or [> U, H]
@group(0) @binding(5) var<storage, read_write> dposition: array<Vector>; // [P, H]
@group(0) @binding(6) var<storage, read_write> dtoken_type: array<Vector>; // [token types, H]
@group(0) @binding(7) var<uniform> params: Params;

@compute @workgroup_size(COLUMNS, SLICES)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_id) thread: vec3u,
) {
  let w = workgroup.y * workgroups.x + workgroup.x;
  let vectors = params.vectors;
  let tiles = (vectors + COLUMNS - 1) / COLUMNS;
  let u = params.first_group + w / tiles;
  if (u >= params.first_group + params.groups) {
    return;
  }
  let c = w % tiles * COLUMNS + thread.x;
  let inside = c < vectors;

  var sum = Vector();
  if (inside) {
    for (var p = starts[u] + thread.y; p < starts[u + 1]; p += SLICES) {
      sum += dx[positions[p] / 3 * vectors + c];
    }
  }
  sum = slice_sum(sum, thread);
  if (inside && thread.y == 0) {
    let position = ids[u] - params.words;
    let token_type = position - params.positions;
    if (ids[u] < params.words) {
      let row = select(ids[u] - params.first_word, u + 1, params.compact != 0);
      dword[row * vectors + c] += sum;
    } else if (position < params.positions) {
      dposition[position * vectors + c] += sum;
    } else {
      dtoken_type[token_type * vectors + c] += sum;
    }
  }
}
