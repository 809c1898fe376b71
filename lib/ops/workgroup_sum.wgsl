// The sum of `value` over the workgroup, returned to every thread.
//
// Appended to kernels that declare WORKGROUP_SIZE, a power of two. WGSL accepts declarations in any
// order; appending keeps the kernel's own line numbers.

var<workgroup> sum_partial: array<f32, WORKGROUP_SIZE>;

fn workgroup_sum(value: f32, thread: u32) -> f32 {
  workgroupBarrier(); // a previous call may still be reading `sum_partial`
  sum_partial[thread] = value;
  for (var stride = WORKGROUP_SIZE / 2; stride > 0; stride /= 2) {
    workgroupBarrier();
    if (thread < stride) {
      sum_partial[thread] += sum_partial[thread + stride];
    }
  }
  workgroupBarrier();
  return sum_partial[0];
}
