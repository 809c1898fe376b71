// A cell of four elements, for tensors whose rows are whole vec4s.
//
// Appended after a kernel that is written over cells.

alias Cell = vec4f;
const WIDTH = 4u;

fn total(cell: Cell) -> f32 {
  return dot(cell, vec4f(1.0));
}

fn largest(cell: Cell) -> f32 {
  return max(max(cell.x, cell.y), max(cell.z, cell.w));
}

fn to_vec4(cell: Cell) -> vec4f {
  return cell;
}

fn to_cell(v: vec4f) -> Cell {
  return v;
}

// The element of `v`, four neighbours, that the cell beginning at `element` holds: all.
fn pick(v: vec4f, element: u32) -> Cell {
  return v;
}
