// The norm of all gradients, and the factor that clips it.
//
//   norm = √ Σ_w partial[w]
//   coefficient = min(1, max_norm / (norm + 1e-6))
//
// One workgroup per call.

override WORKGROUP_SIZE: u32 = 64; // a power of two

struct Params {
  partials: u32, // P
  max_norm: f32,
}

@group(0) @binding(0) var<storage, read> partials: array<f32>; // [P]
@group(0) @binding(1) var<storage, read_write> norm: array<f32>; // []
@group(0) @binding(2) var<storage, read_write> coefficient: array<f32>; // []
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(local_invocation_index) thread: u32) {
  var sum = 0.0;
  for (var i = thread; i < params.partials; i += WORKGROUP_SIZE) {
    sum += partials[i];
  }
  let total_norm = sqrt(workgroup_sum(sum, thread));
  if (thread == 0) {
    norm[0] = total_norm;
    let c = params.max_norm / (total_norm + 1e-6);
    coefficient[0] = select(c, 1.0, c > 1.0); // min() may lose a NaN
  }
}
