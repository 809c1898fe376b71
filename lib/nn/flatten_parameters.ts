/**
 * Grouping of a model's parameters into flat buffers.
 *
 * @module
 */
import { Tensor } from "../tensor/tensor.ts";
import { bytesOf, ParamAndGradBuffer, type Parameter } from "./parameter.ts";

/**
 * Allocates parameters that have no memory yet in few flat buffers, so that an
 * optimizer dispatches a few kernels instead of hundreds: each large embedding
 * table in its own buffer, then matrices, then vectors and small tables. The
 * parameters of one layer stay adjacent.
 *
 * @param parameters The parameters, with their names in a model.
 */
export function flattenParameters(
  parameters: Iterable<readonly [name: string, parameter: Parameter]>,
): void {
  allocateGroups(
    [...parameters].filter(([, parameter]) => !parameter.isAllocated),
  );
}

/**
 * Moves parameters, with their values, to flat buffers that have no others: an
 * optimizer has moments for a whole buffer, so those that are frozen must be in
 * buffers of their own. Gradients are cleared.
 *
 * @param parameters The parameters, with their names in a model.
 */
export function separateParameters(
  parameters: readonly (readonly [name: string, parameter: Parameter])[],
): void {
  const before = parameters.flatMap(([, parameter]) => {
    if (!parameter.isAllocated) return [];
    const { device, shape, storage, byteOffset } = parameter;
    const values = new Tensor(device, shape, { storage, byteOffset });
    return [{ parameter, values }];
  });
  allocateGroups(parameters);
  for (const { parameter, values } of before) {
    parameter.device.copy(values, parameter);
  }
}

/**
 * Moves frozen parameters to flat buffers of their own, so that they get no gradients and
 * no moments. Buffers that have gradients already stay as they are: so may moments.
 *
 * @param parameters Parameters that an optimizer trains, which may share buffers with frozen ones.
 */
export function separateFrozen(parameters: Iterable<Parameter>): void {
  const buffers = new Set([...parameters].map((p) => p.flatBuffer));
  for (const buffer of buffers) {
    const own = buffer.parameters.filter((p) => p.flatBuffer === buffer);
    const frozen = own.filter((p) => !p.requiresGrad);
    const trained = own.filter((p) => p.requiresGrad);
    if (frozen.length === 0 || trained.length === 0) continue;
    if (buffer.hasGradStorage) continue;
    for (const part of [trained, frozen]) {
      separateParameters(part.map((p) => ["", p]));
    }
    buffer.device.release(buffer.storage);
  }
}

function allocateGroups(
  parameters: readonly (readonly [name: string, parameter: Parameter])[],
): void {
  const groups = new Map<string, { layers: Parameter[][]; last: string }>();
  for (const [name, parameter] of parameters) {
    if (parameter.isLargeTable) {
      new ParamAndGradBuffer(parameter.device, [parameter]);
      continue;
    }
    const isMatrix = parameter.shape.length > 1 && !parameter.isTable;
    const key = isMatrix ? "matrix" : "vector";
    const layer = name.split(".").slice(0, -2).join(".");
    const group = groups.get(key) ?? { layers: [[]], last: layer };
    groups.set(key, group);
    if (layer !== group.last) group.layers.push([]);
    group.last = layer;
    group.layers.at(-1)!.push(parameter);
  }
  for (const { layers } of groups.values()) allocateLayers(layers);
}

/**
 * Fills one flat buffer after another, each up to the largest size that the device
 * can bind; a layer is split only if it is larger than that.
 */
function allocateLayers(layers: readonly (readonly Parameter[])[]): void {
  let next: Parameter[] = [];
  const allocate = () => {
    if (next.length > 0) new ParamAndGradBuffer(next[0]!.device, next);
    next = [];
  };
  const fits = (parameters: readonly Parameter[]) =>
    bytesOf(parameters) <= parameters[0]!.device.maxBindingBytes;
  for (
    const part of layers.flatMap((layer) =>
      fits(layer) ? [layer] : layer.map((parameter) => [parameter])
    )
  ) {
    if (!fits([...next, ...part])) allocate();
    next.push(...part);
  }
  allocate();
}
