// Rectifier, gradient of the input.
//
//   dX[i] = dY[i] if x[i] > 0, else 0
//
// One thread per vector i.

struct Params {
  vectors: u32, // N, in vectors
}

@group(0) @binding(0) var<storage, read> x: array<Vector>; // [N]
@group(0) @binding(1) var<storage, read> dy: array<Vector>; // [N]
@group(0) @binding(2) var<storage, read_write> dx: array<Vector>; // [N]
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
) {
  let i = id.y * workgroups.x * 64 + id.x;
  if (i >= params.vectors) {
    return;
  }
  dx[i] = select(dy[i], Vector(), x[i] <= Vector());
}
