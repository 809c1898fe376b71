// Index of the largest element of each row; of equal ones, the first.
//
//   y[r] = min { c : x[r,c] = max_c x[r,c] }
//
// One workgroup per row r; its threads stride over the columns c.

override WORKGROUP_SIZE: u32 = 64; // a power of two

struct Params {
  rows: u32, // R
  columns: u32, // C
}

@group(0) @binding(0) var<storage, read> x: array<f32>; // [R, C]
@group(0) @binding(1) var<storage, read_write> y: array<i32>; // [R]
@group(0) @binding(2) var<uniform> params: Params;

var<workgroup> candidate: array<u32, WORKGROUP_SIZE>;

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
  let start = row * params.columns; // x[row, 0]

  var best = min(thread, params.columns - 1);
  for (var c = thread; c < params.columns; c += WORKGROUP_SIZE) {
    if (x[start + c] > x[start + best]) {
      best = c;
    }
  }
  candidate[thread] = best;
  workgroupBarrier();
  if (thread == 0) {
    for (var t = 1u; t < WORKGROUP_SIZE; t++) {
      let other = candidate[t];
      let larger = x[start + other] > x[start + best];
      if (larger || (x[start + other] == x[start + best] && other < best)) {
        best = other;
      }
    }
    y[row] = i32(best);
  }
}
