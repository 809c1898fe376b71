// BERT's embeddings, gradients of the three tables: the rows of one behind those of the other.
//
//   dTable[ids[u]] = dTable[ids[u]] + Σ_p dX[⌊positions[p] / 3⌋]
//                    over p from starts[u] up to starts[u + 1]
//
// Of the table of words there may be the rows of the batch alone: u + 1 in place of ids[u].
//
// One workgroup per COLUMNS neighbouring vectors c of one u. SLICES threads share a vector, each
// adding every SLICES-th row: no atomics, so the result is the same on every run.

override COLUMNS: u32 = 8;
override SLICES: u32 = 16;

struct Params {
  vectors: u32, // H, in vectors
  groups: u32, // U
  words: u32, // V
  positions: u32, // P
  in_rows: u32, // whether of words there are the batch's rows alone
}

@group(0) @binding(0) var<storage, read> dx: array<Vector>; // [T, H]
@group(0) @binding(1) var<storage, read> ids: array<u32>; // [U], below V + P + types
@group(0) @binding(2) var<storage, read> starts: array<u32>; // [U + 1]
@group(0) @binding(3) var<storage, read> positions: array<u32>; // [3 T] at most, into tokens
@group(0) @binding(4) var<storage, read_write> dword: array<Vector>; // [V, H], or [more than U, H]
@group(0) @binding(5) var<storage, read_write> dposition: array<Vector>; // [P, H]
@group(0) @binding(6) var<storage, read_write> dkind: array<Vector>; // [types, H]
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
  let u = w / tiles;
  if (u >= params.groups) {
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
    let kind = position - params.positions;
    if (ids[u] < params.words) {
      let row = select(ids[u], u + 1, params.in_rows != 0);
      dword[row * vectors + c] += sum;
    } else if (position < params.positions) {
      dposition[position * vectors + c] += sum;
    } else {
      dkind[kind * vectors + c] += sum;
    }
  }
}
