// Dropout, forward; over the gradient of y, backward.
//
//   y[i] = mask[i] · x[i], with mask[i] either 0 or 1 / (1 - p)
//
// One thread per vector i.
// Source: Srivastava et al. 2014, https://jmlr.org/papers/v15/srivastava14a.html

struct Params {
  vectors: u32, // N, in vectors
  threshold: u32,
  scale: f32,
  seed: u32,
  step: u32,
  site: u32,
  first_row: u32, // rows of the batch before those of x, times their elements
  batch_rows: u32, // rows of the batch, times their elements
}

@group(0) @binding(0) var<storage, read> x: array<Vector>; // [N]
@group(0) @binding(1) var<storage, read_write> y: array<Vector>; // [N]
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
) {
  let i = id.y * workgroups.x * 64 + id.x;
  if (i >= params.vectors) {
    return;
  }
  let dropout =
    Dropout(params.threshold, params.scale, params.seed, params.step, params.site, 0u, ~0u);
  let element = wrap_around(params.first_row + i * WIDTH, params.batch_rows);
  y[i] = x[i] * pick(dropout_scales(dropout, element / 4, 0u), element);
}
