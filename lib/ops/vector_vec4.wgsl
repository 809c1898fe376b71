// `Vector` as a vec4f, for tensors with rows of a multiple of four elements.
//
// Appended to vectorized kernels.

alias Vector = vec4f;
const WIDTH = 4u;

fn total(vector: Vector) -> f32 {
  return dot(vector, vec4f(1.0));
}

fn to_vec4(vector: Vector) -> vec4f {
  return vector;
}

fn to_vector(v: vec4f) -> Vector {
  return v;
}

// Selects from four neighbouring elements `v` those of the vector at `element`: all.
fn pick(v: vec4f, element: u32) -> Vector {
  return v;
}
