// A vector of four elements, for tensors whose rows are whole vec4s.
//
// Appended after a kernel that is written over vectors.

alias Vector = vec4f;
const WIDTH = 4u;

fn total(vector: Vector) -> f32 {
  return dot(vector, vec4f(1.0));
}

fn largest(vector: Vector) -> f32 {
  return max(max(vector.x, vector.y), max(vector.z, vector.w));
}

fn to_vec4(vector: Vector) -> vec4f {
  return vector;
}

fn to_vector(v: vec4f) -> Vector {
  return v;
}

// The element of `v`, four neighbours, that the vector beginning at `element` holds: all.
fn pick(v: vec4f, element: u32) -> Vector {
  return v;
}
