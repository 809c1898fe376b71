// Bias of attention scores by the distance of query and key.
//
//   bias[a,i,j] = scale · (by_query[a,i,r] + by_key[a,j,r])   with r = buckets[i - j + L - 1]
//
// for the keys j of the sequence of i, padded with zeros to a multiple of four. By query alone if
// HAS_KEY is 0, by key alone if HAS_QUERY is 0; the strides tell how both lie in memory.
//
// One workgroup per head and 32 queries.
// Source: He et al. 2020, https://arxiv.org/abs/2006.03654, section 3.1

override WORKGROUP_SIZE: u32 = 64;
override HAS_QUERY: u32 = 1;
override HAS_KEY: u32 = 1;

struct Params {
  tiles: u32,
  heads: u32, // A
  longest: u32, // L
  bias_stride: u32, // from head to head, in vec4s
  head_stride: u32, // in by_query and by_key, from head to head
  row_stride: u32, // from row to row
  bucket_stride: u32, // from bucket to bucket
  scale: f32,
}

@group(0) @binding(0) var<storage, read> by_query: array<f32>; // [A, T, R], or as the strides say
@group(0) @binding(1) var<storage, read> by_key: array<f32>; // [A, T, R]
@group(0) @binding(2) var<storage, read> tiles: array<vec4u>; // [tiles]: see attentionTiles
@group(0) @binding(3) var<storage, read> buckets: array<u32>; // [2L - 1]
@group(0) @binding(4) var<storage, read_write> bias: array<vec4f>; // [A, N/4]
@group(0) @binding(5) var<uniform> params: Params;

fn score(head: u32, query: u32, key: u32, end: u32) -> f32 {
  if (key >= end) {
    return 0;
  }
  let bucket = buckets[query + params.longest - 1 - key];
  let start = head * params.head_stride + bucket * params.bucket_stride;
  var sum = 0.0;
  if (HAS_QUERY != 0) {
    sum += by_query[start + query * params.row_stride];
  }
  if (HAS_KEY != 0) {
    sum += by_key[start + key * params.row_stride];
  }
  return params.scale * sum;
}

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
  let end = tile.z;
  let blocks = (end - tile.y + 3) / 4;
  let first = head * params.bias_stride + tile.w + (tile.x - tile.y) * blocks;
  for (var n = thread; n < min(end - tile.x, 32u) * blocks; n += WORKGROUP_SIZE) {
    let query = tile.x + n / blocks;
    let key = tile.y + n % blocks * 4;
    bias[first + n] = vec4f(
      score(head, query, key, end),
      score(head, query, key + 1, end),
      score(head, query, key + 2, end),
      score(head, query, key + 3, end),
    );
  }
}
