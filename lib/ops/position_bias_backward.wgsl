// Gradient of the bias by distance, where the buckets of the distances i - j are ranges.
//
//   d_by_query[a,i,r] = scale · Σ_j d_bias[a,i,j]   over the keys j with i - j in bucket r
//   d_by_key[a,j,r]   = scale · Σ_i d_bias[a,i,j]   over the queries i with i - j in bucket r
//
// HAS_QUERY, HAS_KEY and the strides are those of the forward kernel. Each sum is in the order of
// the rows.
//
// One workgroup per head and 32 rows.

override WORKGROUP_SIZE: u32 = 64;
override HAS_QUERY: u32 = 1;
override HAS_KEY: u32 = 1;

struct Params {
  tiles: u32,
  heads: u32, // A
  count: u32, // R
  bias_stride: u32, // from head to head, in vec4s
  head_stride: u32, // in d_by_query and d_by_key, from head to head
  row_stride: u32, // from row to row
  bucket_stride: u32, // from bucket to bucket
  scale: f32,
}

@group(0) @binding(0) var<storage, read> d_bias: array<f32>; // [A, N]
@group(0) @binding(1) var<storage, read> tiles: array<vec4u>; // [tiles]: see attentionTiles
@group(0) @binding(2) var<storage, read> ranges: array<vec2i>; // [R]: least, greatest distance
@group(0) @binding(3) var<storage, read_write> d_by_query: array<f32>; // [A, T, R], by the strides
@group(0) @binding(4) var<storage, read_write> d_by_key: array<f32>; // [A, T, R]
@group(0) @binding(5) var<uniform> params: Params;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) thread: u32,
) {
  let w = workgroup.y * workgroups.x + workgroup.x;
  if (w >= params.tiles * params.heads) {
    return;
  }
  let tile = tiles[w / params.heads];
  let head = w % params.heads;
  let length = i32(tile.z - tile.y);
  let columns = (tile.z - tile.y + 3) / 4 * 4;
  let first = 4 * (head * params.bias_stride + tile.w); // of the sequence
  for (var n = thread; n < min(tile.z - tile.x, 32u) * params.count; n += WORKGROUP_SIZE) {
    let bucket = n % params.count;
    let range = ranges[bucket];
    let own = tile.x - tile.y + n / params.count; // in the sequence
    let target_row = (tile.y + own) * params.row_stride;
    let place = head * params.head_stride + target_row + bucket * params.bucket_stride;
    if (HAS_QUERY != 0) {
      let end = min(i32(own) - range.x + 1, length);
      var sum = 0.0;
      for (var j = max(i32(own) - range.y, 0); j < end; j++) {
        sum += d_bias[first + own * columns + u32(j)];
      }
      d_by_query[place] = params.scale * sum;
    }
    if (HAS_KEY != 0) {
      let end = min(i32(own) + range.y + 1, length);
      var sum = 0.0;
      for (var i = max(i32(own) + range.x, 0); i < end; i++) {
        sum += d_bias[first + u32(i) * columns + own];
      }
      d_by_key[place] = params.scale * sum;
    }
  }
}
