// Selects the settings of each parameter by the number of its steps that were not skipped.
//
//   settings[p] = candidates[first[p] - 1 + skipped[p] - known[p]], marked if found_inf
//   skipped[p]  = skipped[p] + found_inf
//
// One thread per parameter p that takes part in the step: its first is not 0. The candidates of a
// parameter are its settings if 0, 1, … of the steps were skipped that the host does not know of.

struct Params {
  parameters: u32, // P
}

@group(0) @binding(0) var<storage, read> entries: array<vec2u>; // [P], first and known
@group(0) @binding(1) var<storage, read> candidates: array<vec4f>; // [candidates, 2]
@group(0) @binding(2) var<storage, read> found_inf: array<f32>; // []
@group(0) @binding(3) var<storage, read_write> skipped: array<u32>; // [P]
@group(0) @binding(4) var<storage, read_write> settings: array<vec4f>; // [P, 2]
@group(0) @binding(5) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
) {
  let p = id.y * workgroups.x * 64 + id.x;
  if (p >= params.parameters || entries[p].x == 0) {
    return;
  }
  let row = entries[p].x - 1 + skipped[p] - entries[p].y;
  let more = candidates[2 * row + 1];
  settings[2 * p] = candidates[2 * row];
  settings[2 * p + 1] = vec4f(more.xyz, found_inf[0]);
  skipped[p] += u32(found_inf[0]);
}
