// A vector of one element, for tensors of any size.
//
// Appended after a kernel that is written over vectors.

alias Vector = f32;
const WIDTH = 1u;

fn total(vector: Vector) -> f32 {
  return vector;
}

fn largest(vector: Vector) -> f32 {
  return vector;
}

fn to_vec4(vector: Vector) -> vec4f {
  return vec4f(vector);
}

fn to_vector(v: vec4f) -> Vector {
  return v.x;
}

// The element of `v`, four neighbours, that the vector beginning at `element` holds: one.
fn pick(v: vec4f, element: u32) -> Vector {
  return v[element % 4u];
}
