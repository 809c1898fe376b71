/**
 * Gradients of an accumulation window that is open when a state is saved.
 *
 * @module
 */
import type { SafetensorsSource } from "../../checkpoint/safetensors.ts";
import type { TensorFile } from "../../checkpoint/tensor_file.ts";
import type { Module } from "../../nn/module.ts";
import type { Parameter } from "../../nn/parameter.ts";
import { rowsFrom } from "../../tensor/shards.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import {
  checkTensors,
  type SavedPart,
  type StatePart,
  type StoredPart,
} from "./part.ts";

/** Saves and restores the gradients of all modules. */
export class GradientsPart implements StatePart {
  /**
   * Names of the parameters of all modules: those of `model` as they are, others
   * after the name of their module.
   */
  readonly names: ReadonlyMap<Tensor, string>;
  readonly #parameters: ReadonlyMap<string, Parameter>;

  /**
   * Takes modules by name.
   *
   * @throws {RangeError} If two parameters have the same name.
   */
  constructor(modules: readonly (readonly [string, Module])[]) {
    const names = new Map<Tensor, string>();
    const parameters = new Map<string, Parameter>();
    for (const [prefix, module] of modules) {
      for (const [name, parameter] of module.namedParameters()) {
        if (names.has(parameter)) continue; // shared by two modules
        const full = prefix === "model" ? name : `${prefix}.${name}`;
        if (parameters.has(full)) {
          throw new RangeError(
            `Cannot name the parameters of ${prefix}: another module has a "${full}" too; give ${prefix} another name`,
          );
        }
        names.set(parameter, full);
        parameters.set(full, parameter);
      }
    }
    this.names = names;
    this.#parameters = parameters;
  }

  /** Collects the gradients of the parameters that have one. */
  save(): SavedPart {
    const withGrad = [...this.#parameters]
      .filter(([, parameter]) => parameter.hasGrad);
    return {
      json: withGrad.map(([name]) => name),
      tensors: withGrad.flatMap(([name, parameter]) =>
        sourcesOf(name, parameter)
      ),
    };
  }

  /** Checks names and shapes. */
  check({ json, file }: StoredPart): void {
    const saved = namesIn(json);
    const shapes = new Map<string, readonly number[] | undefined>();
    for (const [name, parameter] of this.#parameters) {
      if (!saved.has(name)) continue;
      const [indices, values] = sparseNames(name);
      const count = file?.tensors.get(indices)?.shape[0];
      if (count === undefined || !parameter.isLargeTable) {
        shapes.set(name, parameter.shape);
        continue;
      }
      shapes.set(indices, undefined);
      shapes.set(values, [count, parameter.shape[1]!]);
    }
    checkTensors(file, "gradients", shapes);
  }

  /** Restores the gradients, and clears those of the other parameters. */
  async restoreTensors({ json, file }: StoredPart): Promise<void> {
    const saved = namesIn(json);
    for (const [name, parameter] of this.#parameters) {
      parameter.grad = undefined;
      if (saved.has(name)) await restore(name, parameter, file!);
    }
  }
}

function namesIn(json: unknown): ReadonlySet<unknown> {
  return new Set(Array.isArray(json) ? json : []);
}

/** Names of a sparse gradient, which are those of `torch.sparse_coo_tensor`. */
function sparseNames(name: string): [indices: string, values: string] {
  return [`${name}.indices`, `${name}.values`];
}

/**
 * A sparse gradient stays so, here and where it is restored: a norm adds up the
 * values of a dense one in another order.
 */
function sourcesOf(name: string, parameter: Parameter): SafetensorsSource[] {
  const gradient = parameter.rowGradient;
  if (!gradient) {
    const data = () => parameter.grad!.toArray();
    return [{ name, dtype: "F32", shape: parameter.shape, data }];
  }
  const [indices, values] = sparseNames(name);
  const ids = Uint32Array.from(gradient.ids);
  const rows = rowsFrom(gradient.values, 1, ids.length);
  return [
    { name: indices, dtype: "U32", shape: [ids.length], data: () => ids },
    {
      name: values,
      dtype: "F32",
      shape: rows.shape,
      data: () => rows.toArray(),
    },
  ];
}

async function restore(
  name: string,
  parameter: Parameter,
  file: TensorFile,
): Promise<void> {
  const { device } = parameter;
  const read = async (name: string) =>
    await file.read(name) as Float32Array<ArrayBuffer>;
  const [indices, values] = sparseNames(name);
  if (file.tensors.has(name)) {
    const gradient = await read(name);
    const { tensor } = parameter.gradSlot();
    device.upload(tensor, gradient);
    parameter.grad = tensor;
    return;
  }
  const [ids, gradient] = [await read(indices), await read(values)];
  const rows = parameter.gradSlot().takeRows!(ids)!;
  device.upload(rowsFrom(rows, 1, ids.length), gradient);
}
