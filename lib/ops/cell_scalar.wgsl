// A cell of one element, for tensors of any size.
//
// Appended after a kernel that is written over cells.

alias Cell = f32;
const WIDTH = 1u;

fn total(cell: Cell) -> f32 {
  return cell;
}

fn largest(cell: Cell) -> f32 {
  return cell;
}

fn to_vec4(cell: Cell) -> vec4f {
  return vec4f(cell);
}

fn to_cell(v: vec4f) -> Cell {
  return v.x;
}

// The element of `v`, four neighbours, that the cell beginning at `element` holds: one.
fn pick(v: vec4f, element: u32) -> Cell {
  return v[element % 4u];
}
