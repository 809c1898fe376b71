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
  first_element: u32, // elements of the batch before x[0]
  batch_elements: u32, // elements of the batch; x may wrap around its end
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
  let after = params.first_element + i * WIDTH;
  let element = select(after, after - params.batch_elements, after >= params.batch_elements);
  y[i] = x[i] * pick(dropout_scales(dropout, element / 4, 0u), element);
}
