import {
  constant,
  fromArray,
  ParamAndGradBuffer,
  Parameter,
  type Tensor,
} from "../../mod.ts";
import { device } from "../helpers/device.ts";

/** Vectors by name. */
export type Vectors<Name extends string = string> = Readonly<
  Record<Name, readonly number[]>
>;
/** Parameters by name. */
export type Leaves<Name extends string = string> = Record<Name, Tensor>;

/** Makes parameters in one flat buffer. */
export function flattened<Name extends string>(
  vectors: Vectors<Name>,
): Record<Name, Parameter> {
  const made = entries(vectors).map(([name, values]) => {
    const parameter = new Parameter(device, [values.length], constant(0));
    return [name, parameter] as const;
  });
  new ParamAndGradBuffer(device, made.map(([, parameter]) => parameter));
  for (const [name, parameter] of made) {
    parameter.load(Float32Array.from(vectors[name]));
  }
  return Object.fromEntries(made) as Record<Name, Parameter>;
}

/** Makes leaf tensors, each in its own buffer. */
export function leavesOf<Name extends string>(
  vectors: Vectors<Name>,
): Leaves<Name> {
  const made = entries(vectors).map(([name, values]) =>
    [
      name,
      fromArray(device, values, [values.length], { requiresGrad: true }),
    ] as const
  );
  return Object.fromEntries(made) as Leaves<Name>;
}

/** Memory layouts of parameters: results must not depend on them. */
export const LAYOUTS: readonly {
  readonly name: string;
  readonly make: <Name extends string>(vectors: Vectors<Name>) => Leaves<Name>;
}[] = [
  { name: "in one flat buffer", make: flattened },
  { name: "each in its own buffer", make: leavesOf },
];

/** Assigns gradients; `null` clears one. */
export function assignGradients<Name extends string>(
  leaves: Leaves<Name>,
  gradients: Readonly<Record<Name, readonly number[] | null>>,
): void {
  for (const [name, leaf] of entries(leaves)) {
    const values = gradients[name];
    leaf.grad = values ? fromArray(device, values, leaf.shape) : undefined;
  }
}

/** Reads all values. */
export async function valuesOf<Name extends string>(
  leaves: Leaves<Name>,
): Promise<Record<Name, number[]>> {
  const read = {} as Record<Name, number[]>;
  for (const [name, leaf] of entries(leaves)) {
    read[name] = [...await leaf.toArray()];
  }
  return read;
}

function entries<Name extends string, Value>(
  record: Readonly<Record<Name, Value>>,
): [Name, Value][] {
  return Object.entries(record) as [Name, Value][];
}
