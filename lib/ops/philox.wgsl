// Philox4x32-10, a counter-based random number generator, and dropout masks from it.
//
// Source: Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3".
// Appended to kernels that drop elements.

// The high half of a 64-bit product, which WGSL has no operator for.
fn high_product(a: u32, b: u32) -> u32 {
  let a0 = a & 0xffffu;
  let a1 = a >> 16u;
  let b0 = b & 0xffffu;
  let b1 = b >> 16u;
  let middle = a1 * b0 + ((a0 * b0) >> 16u);
  let carry = a0 * b1 + (middle & 0xffffu);
  return a1 * b1 + (middle >> 16u) + (carry >> 16u);
}

fn philox_round(c: vec4u, key: vec2u) -> vec4u {
  return vec4u(
    high_product(0xCD9E8D57u, c.z) ^ c.y ^ key.x,
    0xCD9E8D57u * c.z,
    high_product(0xD2511F53u, c.x) ^ c.w ^ key.y,
    0xD2511F53u * c.x,
  );
}

fn philox(counter: vec4u, key: vec2u) -> vec4u {
  const BUMP = vec2u(0x9E3779B9u, 0xBB67AE85u);
  var c = philox_round(counter, key);
  c = philox_round(c, key + BUMP);
  c = philox_round(c, key + 2u * BUMP);
  c = philox_round(c, key + 3u * BUMP);
  c = philox_round(c, key + 4u * BUMP);
  c = philox_round(c, key + 5u * BUMP);
  c = philox_round(c, key + 6u * BUMP);
  c = philox_round(c, key + 7u * BUMP);
  c = philox_round(c, key + 8u * BUMP);
  return philox_round(c, key + 9u * BUMP);
}

// Key and probability of one dropout, the same for all elements.
struct Dropout {
  threshold: u32, // p · 2²⁴: an element is dropped if its 24 random bits are less
  scale: f32, // 1 / (1 - p)
  seed: u32,
  step: u32,
  site: u32,
  first_row: u32, // rows of the batch before row 0
  batch_rows: u32, // rows of the batch; those of a part may wrap around its end
}

// A place in a batch of count, from one that may lie beyond its end.
fn wrap_around(place: u32, count: u32) -> u32 {
  return select(place, place - count, place >= count);
}

// The mask of elements 4·block … 4·block + 3 of a row: 0 or 1 / (1 - p).
fn dropout_scales(dropout: Dropout, block: u32, row: u32) -> vec4f {
  if (dropout.threshold == 0u) {
    return vec4f(1.0);
  }
  let batch_row = wrap_around(dropout.first_row + row, dropout.batch_rows);
  let counter = vec4u(block, batch_row, dropout.site, dropout.step);
  let bits = philox(counter, vec2u(dropout.seed, 0u));
  return select(vec4f(), vec4f(dropout.scale), (bits >> vec4u(8u)) >= vec4u(dropout.threshold));
}
