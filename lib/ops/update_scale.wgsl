// Updates the scale of a loss after a step.
//
//   scale = max(scale · backoff_factor, min_scale)  if the step found an ∞ or NaN
//   scale = scale · growth_factor  after growth_interval steps in a row that did not
//
// One thread per call.
// Source: https://docs.pytorch.org/docs/stable/amp.html#gradient-scaling

struct Params {
  growth_factor: f32,
  backoff_factor: f32,
  growth_interval: u32,
  min_scale: f32,
}

@group(0) @binding(0) var<storage, read_write> scale: array<f32>; // []
@group(0) @binding(1) var<storage, read_write> growth_tracker: array<u32>; // []
@group(0) @binding(2) var<storage, read> found_inf: array<f32>; // []
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(1)
fn main() {
  if (found_inf[0] != 0.0) {
    scale[0] = max(scale[0] * params.backoff_factor, params.min_scale);
    growth_tracker[0] = 0;
    return;
  }
  let steps = growth_tracker[0] + 1;
  if (steps < params.growth_interval) {
    growth_tracker[0] = steps;
    return;
  }
  growth_tracker[0] = 0;
  let grown = scale[0] * params.growth_factor;
  if (grown <= 3.4028234e38) {
    scale[0] = grown;
  }
}
