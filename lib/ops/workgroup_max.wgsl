// The largest of the workgroup's values, returned to every thread as its key: an integer in the
// order of the numbers, above INFINITY_KEY for NaN. Compilers may assume that no f32 is NaN or ∞.
//
// Appended to kernels that declare WORKGROUP_SIZE, a power of two.

const LOWEST_KEY = 0x00800000u; // of the least f32, the initial value of a maximum
const INFINITY_KEY = 0xff800000u;

var<workgroup> max_partial: array<u32, WORKGROUP_SIZE>;

// The key of the largest of four values.
fn largest_key(values: vec4f) -> u32 {
  let bits = bitcast<vec4u>(values);
  let is_nan = (bits & vec4u(0x7fffffffu)) > vec4u(0x7f800000u);
  let is_negative = bits >= vec4u(0x80000000u);
  let keys = select(select(bits | vec4u(0x80000000u), ~bits, is_negative), vec4u(~0u), is_nan);
  return max(max(keys.x, keys.y), max(keys.z, keys.w));
}

fn value_of(key: u32) -> f32 {
  return bitcast<f32>(select(~key, key & 0x7fffffffu, key >= 0x80000000u));
}

// `value` if all of the row are finite or -∞, or else NaN, from the largest key of the row.
fn or_nan(value: vec4f, key: u32) -> vec4f {
  return select(value, vec4f(bitcast<f32>(key | 0x7fc00000u)), key >= INFINITY_KEY);
}

fn workgroup_max(key: u32, thread: u32) -> u32 {
  workgroupBarrier(); // a previous call may still be reading `max_partial`
  max_partial[thread] = key;
  for (var stride = WORKGROUP_SIZE / 2; stride > 0; stride /= 2) {
    workgroupBarrier();
    if (thread < stride) {
      max_partial[thread] = max(max_partial[thread], max_partial[thread + stride]);
    }
  }
  workgroupBarrier();
  return max_partial[0];
}
