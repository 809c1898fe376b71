/**
 * Which parameters of a model share an arena.
 *
 * @module
 */
import { bytesOf, ParamAndGradBuffer, type Parameter } from "./parameter.ts";

/**
 * Places parameters that have no place yet: each large table, then matrices,
 * then vectors and small tables in arenas of their own, so that an optimizer
 * runs over a few buffers instead of hundreds of tensors. The parameters of one
 * layer stay side by side.
 *
 * @param parameters The parameters, with their names in a model.
 */
export function flattenParameters(
  parameters: Iterable<readonly [name: string, parameter: Parameter]>,
): void {
  const kinds = new Map<string, { layers: Parameter[][]; last: string }>();
  for (const [name, parameter] of parameters) {
    if (parameter.isPlaced) continue;
    if (parameter.isLargeTable) {
      new ParamAndGradBuffer(parameter.device, [parameter]);
      continue;
    }
    const isMatrix = parameter.shape.length > 1 && !parameter.isTable;
    const kind = isMatrix ? "matrix" : "vector";
    const layer = name.split(".").slice(0, -2).join(".");
    const group = kinds.get(kind) ?? { layers: [[]], last: layer };
    kinds.set(kind, group);
    if (layer !== group.last) group.layers.push([]);
    group.last = layer;
    group.layers.at(-1)!.push(parameter);
  }
  for (const { layers } of kinds.values()) placeLayers(layers);
}

/**
 * Fills one arena after the other, up to what a device can bind; only a layer
 * that is larger than that is divided.
 */
function placeLayers(layers: readonly (readonly Parameter[])[]): void {
  let next: Parameter[] = [];
  const close = () => {
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
    if (!fits([...next, ...part])) close();
    next.push(...part);
  }
  close();
}
