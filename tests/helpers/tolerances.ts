/** Maximum difference of a computed value from its reference: `atol + rtol·|expected|`. */
export interface Tolerance {
  readonly atol: number;
  readonly rtol: number;
}

/** One f32 kernel against the same formula in f64. */
export const F32_OP: Tolerance = { atol: 1e-6, rtol: 1e-5 };
/** A gradient kernel against central differences of the f64 formula. */
export const F32_GRAD: Tolerance = { atol: 1e-6, rtol: 1e-5 };
/** Binary cross-entropy of one logit in [-1, 1], and its gradient, against f64; measured use 0.25. */
export const F32_BCE: Tolerance = { atol: 0, rtol: 1e-6 };
/** The same up to ±1e4, as accurate as WGSL's exp() must be at -80; measured use 0.19. */
export const F32_BCE_TAIL: Tolerance = { atol: 1e-43, rtol: 2e-5 };
/** A matrix product with K ≤ 3072 and inputs in [-1, 1], and its gradients, against f64 (measured use 0.21). */
export const F32_MATMUL: Tolerance = { atol: 1e-5, rtol: 1e-5 };
/** The gradients of two linear layers that share one GELU, against f64 (measured use 0.31). */
export const F32_LINEAR_GELU: Tolerance = { atol: 3e-5, rtol: 3e-5 };
/** Attention over up to 512 keys and its gradient, inputs in [-1, 1], against f64 (measured use 0.80, with biases). */
export const F32_ATTENTION: Tolerance = { atol: 1e-6, rtol: 1e-5 };
/** A few steps of an optimizer in f32 against PyTorch in f64; measured use 0.20. */
export const OPTIM_STEPS: Tolerance = { atol: 1e-7, rtol: 1e-6 };
/** A computation on the host in f64 against the same formula in another library. */
export const F64_HOST: Tolerance = { atol: 1e-12, rtol: 1e-12 };
/** Logits of a whole small model against PyTorch in f64, with the same dropout masks; measured use 0.13. */
export const GOLDEN_LOGITS: Tolerance = { atol: 2e-5, rtol: 2e-5 };
/** Each named parameter's gradient against PyTorch in f64; measured use 0.07. */
export const GOLDEN_GRAD: Tolerance = { atol: 1e-5, rtol: 1e-4 };
/** Each loss of a short training run against PyTorch in f64; measured use 0.04. */
export const GOLDEN_LOSS: Tolerance = { atol: 1e-5, rtol: 1e-5 };
/** The norm of a model's gradient against PyTorch in f64; measured use 0.08. */
export const GOLDEN_NORM: Tolerance = { atol: 5e-5, rtol: 5e-5 };
/** Weights after a short training run against PyTorch in f64; measured use 0.07. */
export const GOLDEN_WEIGHTS: Tolerance = { atol: 2e-6, rtol: 1e-5 };
/** Logits of a small model with the update of its weights apart and merged; measured use 0.27. */
export const LORA_MERGED: Tolerance = { atol: 2e-5, rtol: 2e-5 };
/** Logits and gradients of the same rows alone, padded, or in several batches; measured use 0.13. */
export const BATCH_INVARIANCE: Tolerance = { atol: 1e-6, rtol: 1e-5 };
/** Logits of an ONNX file in f64 against PyTorch in f64: its constants are f32; measured use 0.04. */
export const ONNX_FP32: Tolerance = { atol: 1e-6, rtol: 1e-6 };
/** The same with weights and results in f16; measured use 0.34. */
export const ONNX_FP16: Tolerance = { atol: 1e-2, rtol: 5e-3 };
/** The same with matrices and their inputs in 8 bits; measured use 0.36. */
export const ONNX_Q8: Tolerance = { atol: 0.2, rtol: 0.05 };
/** Rounding to f16, whose last place is 2⁻¹⁰ of a number, or 2⁻²⁴ below 2⁻¹⁴; measured use 0.47. */
export const HALF: Tolerance = { atol: 6e-8, rtol: 2 ** -10 };
/** Gradients of an op whose input and output are kept in f16, inputs in [-2, 2], against f64; measured use 0.70. */
export const HALF_OP_GRAD: Tolerance = { atol: 2e-3, rtol: 2e-3 };
/** Gradients of a small model whose layers keep f16, as multiples of the largest of their tensor; measured use 0.62. */
export const HALF_MODEL_GRAD: Tolerance = { atol: 2e-3, rtol: 0 };
/** Weights of it after two steps; measured use 0.71. */
export const HALF_WEIGHTS: Tolerance = { atol: 1e-4, rtol: 0 };
/** Losses, norms of gradients and weights of several processes against a single one. */
export const DATA_PARALLEL: Tolerance = { atol: 1e-6, rtol: 1e-5 };
/** Weights of words against difference quotients of 2 % of an embedding, whose error is of the second order. */
export const WORD_WEIGHTS: Tolerance = { atol: 2e-3, rtol: 2e-2 };
