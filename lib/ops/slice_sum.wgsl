// The sum of `value` over the threads (column, 0), (column, 1), … of the
// workgroup, in that order; each of them gets it.
//
// Appended after a kernel over cells that declares COLUMNS and SLICES, its workgroup's size.

var<workgroup> slice_partial: array<Cell, COLUMNS * SLICES>;

fn slice_sum(value: Cell, thread: vec3u) -> Cell {
  workgroupBarrier(); // a previous call may still be reading `slice_partial`
  slice_partial[thread.y * COLUMNS + thread.x] = value;
  workgroupBarrier();
  var sum = Cell();
  for (var slice = 0u; slice < SLICES; slice++) {
    sum += slice_partial[slice * COLUMNS + thread.x];
  }
  return sum;
}
