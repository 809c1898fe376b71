// The largest `value` in the workgroup, returned to every thread.
//
// Appended to kernels that declare WORKGROUP_SIZE, a power of two.

const LOWEST = -0x1.fffffep+127f; // the least f32, the initial value of a maximum

var<workgroup> max_partial: array<f32, WORKGROUP_SIZE>;

fn workgroup_max(value: f32, thread: u32) -> f32 {
  workgroupBarrier(); // a previous call may still be reading `max_partial`
  max_partial[thread] = value;
  for (var stride = WORKGROUP_SIZE / 2; stride > 0; stride /= 2) {
    workgroupBarrier();
    if (thread < stride) {
      max_partial[thread] = max(max_partial[thread], max_partial[thread + stride]);
    }
  }
  workgroupBarrier();
  return max_partial[0];
}
