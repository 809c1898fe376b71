// Hyperbolic tangent, forward.
//
//   y[i] = tanh(x[i])
//
// One thread per vector i.
// A rational function, accurate to 3 units in the last place, of x clamped to ±7.9053111, where
// tanh is ±1 in f32. The built-in function may overflow for large x.
// Source: Eigen, https://gitlab.com/libeigen/eigen, generic_fast_tanh_float.

struct Params {
  vectors: u32, // N, in vectors
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
  let v = x[i];
  let limit = Vector() + 7.905311;
  let a = select(select(v, limit, v > limit), -limit, v < -limit); // NaN stays NaN
  let s = a * a;
  let p = a * (4.89352455891786e-3 + s * (6.37261928875436e-4 + s * (1.48572235717979e-5 +
    s * (5.12229709037114e-8 + s * (-8.60467152213735e-11 + s * (2.00018790482477e-13 +
    s * -2.76076847742355e-16))))));
  let q = 4.89352518554385e-3 + s * (2.26843463243900e-3 + s * (1.18534705686654e-4 +
    s * 1.19825839466702e-6));
  y[i] = p / q;
}
