// GELU by tanh and its derivative, four elements at a time.
//
//   gelu(x)  = x · s, with s = 1/2 (1 + tanh(u)) = 1 / (1 + exp(-2u)),
//              u = √(2/π) (x + 0.044715 x³)
//   gelu'(x) = s + x · s · (1 - s) · 2u', with u' = √(2/π) (1 + 3 · 0.044715 x²)
//
// Source: Hendrycks and Gimpel 2016; torch.nn.functional.gelu with approximate "tanh".
// Appended to kernels that call them.

// x clamped to ±9: there s is 0 or 1 in f32, and exp(-2u) does not overflow. NaN stays NaN.
fn gelu_clamped(x: vec4f) -> vec4f {
  let limit = vec4f(9.0);
  return select(select(x, limit, x > limit), -limit, x < -limit);
}

// exp(-2u) of a clamped x.
fn gelu_exp(x: vec4f) -> vec4f {
  return exp(-1.5957691216 * x * (1.0 + 0.044715 * x * x));
}

fn gelu(x: vec4f) -> vec4f {
  let z = gelu_clamped(x);
  return select(x, z, x < vec4f()) / (1.0 + gelu_exp(z));
}

fn gelu_derivative(x: vec4f) -> vec4f {
  let z = gelu_clamped(x);
  let e = gelu_exp(z);
  let s = 1.0 / (1.0 + e);
  return s + z * s * (e * s) * 1.5957691216 * (1.0 + 0.134145 * z * z);
}
