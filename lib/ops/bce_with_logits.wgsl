// Binary cross-entropy of logits, forward, by elements.
//
//   loss[i] = max(x[i], 0) - x[i] · y[i] + log(1 + e),  e = exp(-|x[i]|)
//
// One thread per vector i.
// The logarithm is 2 artanh(s) with s = e / (2 + e) ≤ 1/3, by its series: 1 + e would lose the
// digits of a small e, and log() need not be exact near 1. Truncated, it is 1.4e-8 off at most,
// relative.
// Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.BCEWithLogitsLoss.html;
// Abramowitz and Stegun 1964, 4.1.27.

struct Params {
  vectors: u32, // N, in vectors
}

@group(0) @binding(0) var<storage, read> x: array<Vector>; // [N]
@group(0) @binding(1) var<storage, read> y: array<Vector>; // [N]
@group(0) @binding(2) var<storage, read_write> loss: array<Vector>; // [N]
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
  let v = x[i];
  let e = exp(-abs(v));
  let s = e / (2.0 + e);
  let z = s * s;
  let log1p_e = 2.0 * s * (1.0 + z * (1.0 / 3.0 + z * (1.0 / 5.0 + z * (1.0 / 7.0 +
    z * (1.0 / 9.0 + z * (1.0 / 11.0 + z * (1.0 / 13.0)))))));
  let positive = select(v, Vector(), v < Vector()); // max() may lose a NaN
  loss[i] = positive - v * y[i] + log1p_e;
}
