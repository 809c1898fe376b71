/**
 * gradloop: fine-tune BERT-family classifiers from TypeScript, on WebGPU, with
 * your own training loop.
 *
 * Five concepts: a {@linkcode Device} runs kernels; a {@linkcode Tensor} is an
 * array in its memory; an op such as {@linkcode linear} computes tensors from
 * tensors and records its backward function; a {@linkcode Module} holds
 * parameters; a scope ({@linkcode Device.scope}) frees the tensors of a step.
 *
 * Sizes in the docs: B rows of a batch, S positions of a padded row, T real
 * tokens of a batch, H hidden size, A attention heads, D = H / A, I intermediate
 * size, V vocabulary size; R rows and C columns of a matrix; M, N, K of a matrix
 * product.
 *
 * @example A training step
 * ```ts
 * import {
 *   AdamW,
 *   BertConfig,
 *   BertForSequenceClassification,
 *   HostTensor,
 *   requestDevice,
 * } from "@gradloop/gradloop";
 *
 * using device = await requestDevice();
 * const config = new BertConfig({
 *   vocabSize: 50,
 *   hiddenSize: 8,
 *   numHiddenLayers: 1,
 *   numAttentionHeads: 2,
 *   intermediateSize: 16,
 * });
 * const model = BertForSequenceClassification.fromConfig(config, { device });
 * const optimizer = new AdamW(model.parameters(), { lr: 5e-5 });
 * const batch = {
 *   inputIds: HostTensor.from([[2, 7, 9, 3], [2, 5, 3, 0]]),
 *   tokenTypeIds: HostTensor.from([[0, 0, 1, 1], [0, 0, 0, 0]]),
 *   attentionMask: HostTensor.from([[1, 1, 1, 1], [1, 1, 1, 0]]),
 *   labels: HostTensor.from([1, 0]),
 * };
 *
 * using _step = device.scope();
 * const { loss } = model.forward(batch);
 * loss.backward();
 * optimizer.step();
 * optimizer.zeroGrad();
 * console.log(await loss.item());
 * ```
 *
 * @module
 */
export { type MemoryUse } from "./lib/gpu/buffer_pool.ts";
export { type Counters } from "./lib/gpu/counters.ts";
export {
  type BindingAccess,
  type Constants,
  type DeviceClass,
  Kernel,
  type Params,
} from "./lib/gpu/kernel.ts";
export { type KernelRun } from "./lib/gpu/profiler.ts";
export { type MappedBytes } from "./lib/gpu/readback.ts";
export { Device } from "./lib/gpu/device.ts";
export { type DeviceInfo } from "./lib/gpu/device_info.ts";
export { DeviceLostError, OutOfMemoryError } from "./lib/gpu/errors.ts";
export {
  requestDevice,
  type RequestDeviceOptions,
} from "./lib/gpu/request_device.ts";
export type { Tuning, TuningTable } from "./lib/gpu/tuning.ts";
export { type TileTime, timeTiles } from "./lib/ops/gemm/time_tiles.ts";
export {
  type BufferBinding,
  type StorageBuffer,
} from "./lib/gpu/storage_buffer.ts";

export {
  type Allocation,
  type CheckpointGradFn,
  type Dtype,
  fromArray,
  type GradFn,
  type GradSlot,
  type Shape,
  Tensor,
  type TensorOptions,
  zeros,
} from "./lib/tensor/tensor.ts";
export { noGrad, record } from "./lib/tensor/autograd.ts";
export { autocast, type AutocastOptions } from "./lib/tensor/autocast.ts";
export { checkpoint } from "./lib/tensor/checkpoint.ts";

export { accumulate } from "./lib/ops/accumulate.ts";
export { add } from "./lib/ops/add.ts";
export { type FlatGradients } from "./lib/ops/flat_step.ts";
export { argmax } from "./lib/ops/argmax.ts";
export {
  attention,
  type AttentionOptions,
  attentionTiles,
} from "./lib/ops/attention.ts";
export {
  bceWithLogits,
  type BceWithLogitsOptions,
} from "./lib/ops/bce_with_logits.ts";
export {
  crossEntropy,
  type CrossEntropyOptions,
} from "./lib/ops/cross_entropy.ts";
export {
  type DisentangledAttention,
  disentangledAttentionBias,
} from "./lib/ops/disentangled_attention_bias.ts";
export { dropout } from "./lib/ops/dropout.ts";
export { dropoutAddLayerNorm } from "./lib/ops/dropout_add_layer_norm.ts";
export { type DropoutKey } from "./lib/ops/dropout_key.ts";
export {
  embedLayerNorm,
  type EmbedLayerNormParameters,
} from "./lib/ops/embed_layer_norm.ts";
export { embedding, type EmbeddingOptions } from "./lib/ops/embedding.ts";
export { geglu } from "./lib/ops/geglu.ts";
export { gelu, type GeluOptions } from "./lib/ops/gelu.ts";
export { type HostArray } from "./lib/ops/host_array.ts";
export { indexSelect } from "./lib/ops/index_select.ts";
export { layerNorm } from "./lib/ops/layer_norm.ts";
export { linear, type LinearOptions } from "./lib/ops/linear.ts";
export { logSoftmax } from "./lib/ops/log_softmax.ts";
export { matmul, type MatmulOptions } from "./lib/ops/matmul.ts";
export { mean } from "./lib/ops/mean.ts";
export { mseLoss } from "./lib/ops/mse_loss.ts";
export { mul } from "./lib/ops/mul.ts";
export { padInput } from "./lib/ops/pad_input.ts";
export { positionBias } from "./lib/ops/position_bias.ts";
export {
  type RelativeBuckets,
  type RelativePositions,
  relativePositions,
} from "./lib/ops/relative_positions.ts";
export { relu } from "./lib/ops/relu.ts";
export {
  rotaryEmbedding,
  type RotaryPositions,
  rotaryPositions,
} from "./lib/ops/rotary_embedding.ts";
export { select } from "./lib/ops/select.ts";
export { softmax } from "./lib/ops/softmax.ts";
export { sum } from "./lib/ops/sum.ts";
export { tanh } from "./lib/ops/tanh.ts";

export {
  Dropout,
  DropoutKeys,
  type DropoutKeysState,
  type DropoutOptions,
} from "./lib/nn/dropout.ts";
export { Embedding, type EmbeddingLayerOptions } from "./lib/nn/embedding.ts";
export {
  constant,
  type Init,
  Initializer,
  normal,
  truncatedNormal,
  uniform,
} from "./lib/nn/init.ts";
export { LayerNorm, type LayerNormOptions } from "./lib/nn/layer_norm.ts";
export {
  Linear,
  type LinearForwardOptions,
  type LinearLayerOptions,
  type LoraSettings,
} from "./lib/nn/linear.ts";
export { Module } from "./lib/nn/module.ts";
export {
  ParamAndGradBuffer,
  Parameter,
  type ParameterOptions,
} from "./lib/nn/parameter.ts";

export { reinitialise } from "./lib/nn/reinitialise.ts";
export { type SparseGradient } from "./lib/nn/row_gradient.ts";

export { type MatchOptions } from "./lib/checkpoint/load_report.ts";

export * from "./lib/models/architectures.ts";
export { type Activation } from "./lib/models/activations.ts";
export {
  AutoConfig,
  type AutoConfigOptions,
  AutoModel,
  AutoModelForSequenceClassification,
} from "./lib/models/auto.ts";
export { type Setting, type SettingRange } from "./lib/models/config_checks.ts";
export { type ConfigJson, type ConfigSpec } from "./lib/models/config_spec.ts";
export { Encoder, type ForwardContext } from "./lib/models/encoder.ts";
export {
  ClassificationHead,
  type ClassificationHeadConfig,
} from "./lib/models/classification_head.ts";
export { type Id2Label } from "./lib/models/id2label.ts";
export {
  LayerFactory,
  type LayerSettings,
} from "./lib/models/layer_factory.ts";
export {
  ForMaskedLM,
  type MaskedLMOutput,
  type PredictionHead,
} from "./lib/models/masked_lm.ts";
export { OnnxModel, type OnnxSaveOptions } from "./lib/models/onnx_model.ts";
export {
  type EncodedTokens,
  firstTokens,
  type UnpaddedBatch,
} from "./lib/models/padding.ts";
export { meanPooling } from "./lib/models/pooling.ts";
export {
  type ConfigSettings,
  type ConfigValues,
  PretrainedConfig,
  type PretrainedConfigClass,
  type PretrainedConfigOptions,
} from "./lib/models/pretrained_config.ts";
export {
  type FromPretrainedOptions,
  type ModelOptions,
  PreTrainedModel,
  type PreTrainedModelClass,
} from "./lib/models/pretrained_model.ts";
export { type ProblemType } from "./lib/models/problem_type.ts";
export {
  ForSequenceClassification,
  type SequenceClassifierOutput,
} from "./lib/models/sequence_classification.ts";

export { loadAdapter } from "./lib/lora/load_adapter.ts";
export {
  addLora,
  LoraAdapter,
  type LoraOptions,
} from "./lib/lora/lora_adapter.ts";
export { type LoraConfig } from "./lib/lora/lora_config.ts";

export {
  type FunctionToApply,
  type TextClassificationOutput,
} from "./lib/inference/label_scores.ts";
export {
  type PredictOptions,
  type TextClassificationOutputs,
  type TextClassifierOptions,
} from "./lib/inference/classifier_options.ts";
export { TextClassifier } from "./lib/inference/text_classifier.ts";
export { type TextPair } from "./lib/inference/text_pair.ts";

export {
  AdamW,
  type AdamWGroup,
  type AdamWOptions,
} from "./lib/optim/adamw.ts";
export { allReduceGradients } from "./lib/distributed/all_reduce_gradients.ts";
export {
  type Communicator,
  SingleProcess,
} from "./lib/distributed/communicator.ts";
export { connectMpi } from "./lib/distributed/mpi.ts";

export { clipGradNorm, gradNorm } from "./lib/optim/clip_grad_norm.ts";
export {
  GradScaler,
  type GradScalerOptions,
  type GradScalerState,
} from "./lib/optim/grad_scaler.ts";
export { type StepDecision } from "./lib/optim/skipped_steps.ts";
export {
  type LrLambda,
  type PhaseType,
  type SchedulerOptions,
} from "./lib/optim/lr_lambda.ts";
export {
  getScheduler,
  LambdaLR,
  type LambdaLRState,
  type ScheduledOptimizer,
} from "./lib/optim/lr_scheduler.ts";
export {
  Optimizer,
  type OptimizerState,
  type ParameterState,
  type ParamGroup,
  type ParamsOrGroups,
  type SettingsRow,
} from "./lib/optim/optimizer.ts";
export {
  type LayerDecayOptions,
  paramGroupsLayerDecay,
} from "./lib/optim/param_groups_layer_decay.ts";
export { paramGroupsWeightDecay } from "./lib/optim/param_groups_weight_decay.ts";
export { SGD, type SGDGroup, type SGDOptions } from "./lib/optim/sgd.ts";

export { Random, type RandomState } from "./lib/random.ts";

export {
  loadSafetensors,
  type Safetensors,
  type SafetensorsEntry,
  type SafetensorsInput,
  saveSafetensors,
} from "./lib/checkpoint/safetensors.ts";
export {
  type SafetensorsData,
  type SafetensorsDtype,
} from "./lib/checkpoint/dtype.ts";
export { type FileContent, removeFolder, writeFolder } from "./lib/files.ts";
export {
  type FileSource,
  type FolderSource,
  type InputFiles,
} from "./lib/files/folder.ts";
export {
  type FolderTarget,
  type OutputFiles,
  writeFile,
} from "./lib/files/save_files.ts";

export { type OnnxDtype } from "./lib/onnx/layers.ts";
export * from "./lib/data/mod.ts";
export * from "./lib/metrics/mod.ts";
export * from "./lib/training/mod.ts";
