// Rotary positions of queries and keys; backward, over the gradient, the rotation is reversed.
//
//   y[t,p,a,d]       = cos[d] · x[t,p,a,d] - sin[d] · x[t,p,a,d + D/2]
//   y[t,p,a,d + D/2] = cos[d] · x[t,p,a,d + D/2] + sin[d] · x[t,p,a,d]
//
// for d below D/2 and the angles of the token's position, in queries (p = 0) and keys (p = 1).
// Values (p = 2) are copied.
//
// One thread per vector d of the first half of a head.
// Source: Su et al. 2021, https://arxiv.org/abs/2104.09864

struct Params {
  vectors: u32, // T · 3 · A · half
  heads: u32, // A
  half: u32, // D/2, in vectors
  direction: f32, // 1 forward, -1 backward
}

@group(0) @binding(0) var<storage, read> x: array<Vector>; // [T, 3, A, D]
@group(0) @binding(1) var<storage, read> positions: array<u32>; // [T]
@group(0) @binding(2) var<storage, read> angles: array<Vector>; // [P, 2, D/2]: cos, sin
@group(0) @binding(3) var<storage, read_write> y: array<Vector>; // [T, 3, A, D]
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
  let half = params.half;
  let d = i % half;
  let head = i / half; // of T · 3 · A
  let first = 2 * head * half + d;
  let second = first + half;
  let token = head / params.heads / 3;
  let a = x[first];
  let b = x[second];
  if (head / params.heads % 3 == 2) {
    y[first] = a;
    y[second] = b;
    return;
  }
  let angle = 2 * positions[token] * half + d;
  let cosine = angles[angle];
  let sine = params.direction * angles[angle + half];
  y[first] = cosine * a - sine * b;
  y[second] = cosine * b + sine * a;
}
