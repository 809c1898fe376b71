// Mean binary cross-entropy of logits, gradient of the logits.
//
//   dX[i] = dLoss · scale · (σ(x[i]) - y[i])
//         = dLoss · scale · (σ(x[i]) · (1 - y[i]) - σ(-x[i]) · y[i])
//
// One thread per vector i.
// The second form keeps the digits of a small difference where y is 0 or 1.
// Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.BCEWithLogitsLoss.html

struct Params {
  vectors: u32, // N, in vectors
  scale: f32, // 1 / the number of elements
}

@group(0) @binding(0) var<storage, read> x: array<Vector>; // [N]
@group(0) @binding(1) var<storage, read> y: array<Vector>; // [N]
@group(0) @binding(2) var<storage, read> dloss: array<f32>; // []
@group(0) @binding(3) var<storage, read_write> dx: array<Vector>; // [N]
@group(0) @binding(4) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
) {
  let i = id.y * workgroups.x * 64 + id.x;
  if (i >= params.vectors) {
    return;
  }
  let e = exp(-abs(x[i]));
  let near = 1.0 / (1.0 + e); // σ(|x|)
  let far = e / (1.0 + e); // σ(-|x|)
  let negative = x[i] < Vector();
  let on = select(near, far, negative); // σ(x)
  let off = select(far, near, negative); // σ(-x)
  dx[i] = dloss[0] * params.scale * (on * (1.0 - y[i]) - off * y[i]);
}
