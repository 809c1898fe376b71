// The sum of `value` over the threads (column, 0), (column, 1), … of the workgroup, in that order;
// returned to each of them.
//
// Appended to vectorized kernels that declare COLUMNS and SLICES, the size of their workgroup.

var<workgroup> slice_partial: array<Vector, COLUMNS * SLICES>;

fn slice_sum(value: Vector, thread: vec3u) -> Vector {
  workgroupBarrier(); // a previous call may still be reading `slice_partial`
  slice_partial[thread.y * COLUMNS + thread.x] = value;
  workgroupBarrier();
  var sum = Vector();
  for (var slice = 0u; slice < SLICES; slice++) {
    sum += slice_partial[slice * COLUMNS + thread.x];
  }
  return sum;
}
