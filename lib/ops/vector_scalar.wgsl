// `Vector` as one f32, for tensors of any size.
//
// Appended to vectorized kernels.

alias Vector = f32;
const WIDTH = 1u;

fn total(vector: Vector) -> f32 {
  return vector;
}

fn to_vec4(vector: Vector) -> vec4f {
  return vec4f(vector);
}

fn to_vector(v: vec4f) -> Vector {
  return v.x;
}

// Selects from four neighbouring elements `v` those of the vector at `element`: one.
fn pick(v: vec4f, element: u32) -> Vector {
  return v[element % 4u];
}
