/**
 * gradloop: fine-tune BERT-family classifiers from TypeScript on WebGPU, with a
 * training loop of your own.
 *
 * @module
 */
export { Device } from "./lib/gpu/device.ts";
export { DeviceLostError, OutOfMemoryError } from "./lib/gpu/errors.ts";
export {
  requestDevice,
  type RequestDeviceOptions,
} from "./lib/gpu/request_device.ts";
export { fromArray, Tensor, zeros } from "./lib/tensor/tensor.ts";
export { noGrad, record } from "./lib/tensor/autograd.ts";
export { accumulate } from "./lib/ops/accumulate.ts";
