// Cross-entropy of rows of logits, summed over parts of the batch, forward.
//
//   highest[r] = max_c x[r,c]
//   log_sum[r] = log Σ_c exp(x[r,c] - highest[r])
//   loss[i]    = scale · Σ_r log_sum[r] - (x[r,label[r]] - highest[r]),
//                over the rows of part i with label[r] ≥ 0
//
// One workgroup per part i, row by row; its threads stride over the columns c.
// cross_entropy_backward.wgsl reads highest and log_sum separately: their sum would lose the digits
// of log_sum where logits are large.

override WORKGROUP_SIZE: u32 = 64; // a power of two

struct Params {
  rows: u32, // R
  columns: u32, // C
  part: u32, // rows per part
  scale: f32, // 1 / the number of rows with a label
}

@group(0) @binding(0) var<storage, read> x: array<f32>; // [R, C]
@group(0) @binding(1) var<storage, read> label: array<i32>; // [R]
@group(0) @binding(2) var<storage, read_write> loss: array<f32>; // [I]
@group(0) @binding(3) var<storage, read_write> highest: array<f32>; // [R]
@group(0) @binding(4) var<storage, read_write> log_sum: array<f32>; // [R]
@group(0) @binding(5) var<uniform> params: Params;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) thread: u32,
) {
  let i = workgroup.y * workgroups.x + workgroup.x;
  let first = i * params.part;
  if (first >= params.rows) {
    return;
  }
  var loss_sum = 0.0;
  var highest_key = 0u; // of the rows that count
  for (var row = first; row < min(first + params.part, params.rows); row++) {
    let start = row * params.columns; // x[row, 0]

    var thread_highest = LOWEST_KEY;
    for (var c = thread; c < params.columns; c += WORKGROUP_SIZE) {
      thread_highest = max(thread_highest, largest_key(vec4f(x[start + c])));
    }
    let key = workgroup_max(thread_highest, thread);
    let m = value_of(key);

    var sum = 0.0;
    for (var c = thread; c < params.columns; c += WORKGROUP_SIZE) {
      sum += exp(x[start + c] - m);
    }
    let l = log(workgroup_sum(sum, thread));

    if (thread == 0) {
      highest[row] = m;
      log_sum[row] = or_nan(vec4f(l), key).x;
      if (label[row] >= 0) {
        highest_key = max(highest_key, key);
        loss_sum += l - (x[start + u32(label[row])] - m);
      }
    }
  }
  if (thread == 0) {
    loss[i] = or_nan(vec4f(params.scale * loss_sum), highest_key).x;
  }
}
