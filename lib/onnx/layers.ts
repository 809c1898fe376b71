/**
 * Layers as ONNX nodes.
 *
 * @module
 */
import { Graph, type GraphInitializer } from "./graph.ts";
import { quantizeRows } from "./quantize.ts";

/**
 * Number format of an exported model, under the names of transformers.js: `fp32`;
 * `fp16`, for WebGPU; `q8`, matrices and word embeddings in 8 bits.
 */
export type OnnxDtype = "fp32" | "fp16" | "q8";

/** Adds layers to a graph and collects the model parameters that they use. */
export class OnnxLayers {
  /** The graph. */
  readonly graph: Graph = new Graph();
  /** Parameters by name, with their shapes. */
  readonly parameters: Map<string, { readonly shape: readonly number[] }> =
    new Map();
  /** Element type of activations. */
  readonly type: "float32" | "float16";
  readonly #isQuantized: boolean;
  /** Quantized form of each value: integers, scale, zero point. */
  readonly #quantized = new Map<string, readonly string[]>();

  /** Makes an empty graph. */
  constructor(dtype: OnnxDtype) {
    this.type = dtype === "fp16" ? "float16" : "float32";
    this.#isQuantized = dtype === "q8";
  }

  /** `x · weightᵀ + bias`: `[..., I]` to `[..., O]`. */
  linear(
    x: string,
    name: string,
    inputs: number,
    outputs: number,
    hasBias = true,
  ): string {
    const weight = `${name}.weight`;
    this.parameters.set(weight, { shape: [outputs, inputs] });
    const product = this.#isQuantized
      ? this.#quantizedProduct(x, weight, inputs, outputs)
      : this.#product(x, weight, inputs, outputs);
    if (!hasBias) return product;
    const bias = this.parameter(`${name}.bias`, [outputs]);
    return this.graph.node("Add", [product, bias]);
  }

  /** Embedding lookup in `[R, H]`: ids `[...]` to `[..., H]`. */
  embedding(
    ids: string,
    name: string,
    [rows, size]: readonly [number, number],
  ): string {
    const { graph } = this;
    if (!this.#isQuantized) {
      return graph.node("Gather", [this.parameter(name, [rows, size]), ids]);
    }
    this.parameters.set(name, { shape: [rows, size] });
    const values = graph.initializer({
      name: `${name}_quantized`,
      type: "int8",
      shape: [rows, size],
      data: async (read) => quantizeRows(await read(name), rows, name).values,
    });
    const scales = graph.initializer(rowScales(name, [rows, 1]));
    return graph.node("Mul", [
      graph.cast(graph.node("Gather", [values, ids]), "float32"),
      graph.node("Gather", [scales, ids]),
    ]);
  }

  /** Layer normalisation of the last dimension H; sums are 32-bit in fp16 too. */
  layerNorm(
    x: string,
    name: string,
    size: number,
    eps: number,
    hasBias = true,
  ): string {
    const names = hasBias ? ["weight", "bias"] : ["weight"];
    const scale = names.map((part) =>
      this.parameter(`${name}.${part}`, [size])
    );
    return this.graph.node("LayerNormalization", [x, ...scale], {
      axis: { i: -1 },
      epsilon: { f: eps },
    });
  }

  /** A parameter as an initializer. */
  parameter(name: string, shape: readonly number[]): string {
    this.parameters.set(name, { shape });
    return this.graph.initializer({
      name,
      type: this.type,
      shape,
      data: async (read) => this.#cast(name, await read(name)),
    });
  }

  /** A scalar constant. */
  scalar(value: number): string {
    const name = `scalar_${value}`;
    return this.graph.initializer({
      name,
      type: this.type,
      shape: [],
      data: () => this.#cast(name, Float32Array.of(value)),
    });
  }

  #product(x: string, name: string, inputs: number, outputs: number): string {
    const weight = this.graph.initializer({
      name,
      type: this.type,
      shape: [inputs, outputs],
      data: async (read) =>
        this.#cast(name, transpose(await read(name), outputs, inputs)),
    });
    return this.graph.node("MatMul", [x, weight]);
  }

  /** The product in integers: x is quantized dynamically, by its extremes. */
  #quantizedProduct(
    x: string,
    name: string,
    inputs: number,
    outputs: number,
  ): string {
    const { graph } = this;
    const weight = graph.initializer({
      name: `${name}_quantized`,
      type: "int8",
      shape: [inputs, outputs],
      data: async (read) => {
        const { values } = quantizeRows(await read(name), outputs, name);
        return transpose(values, outputs, inputs);
      },
    });
    const [bytes, scale, zeroPoint] = this.#quantize(x);
    const scales = graph.node("Mul", [
      scale,
      graph.initializer(rowScales(name, [outputs])),
    ]);
    const product = graph.node("MatMulInteger", [bytes, weight, zeroPoint]);
    return graph.node("Mul", [graph.cast(product, "float32"), scales]);
  }

  #quantize(x: string): readonly [string, string, string] {
    let names = this.#quantized.get(x);
    if (!names) {
      names = [`${x}_quantized`, `${x}_scale`, `${x}_zero_point`];
      this.graph.nodes("DynamicQuantizeLinear", [x], names);
      this.#quantized.set(x, names);
    }
    return names as [string, string, string];
  }

  #cast(name: string, values: Float32Array): Float32Array | Float16Array {
    if (this.type === "float32") return values;
    const halves = new Float16Array(values);
    const i = halves.findIndex((half) => !Number.isFinite(half));
    if (i >= 0) {
      throw new RangeError(
        `Cannot export ${name} as fp16: its value ${
          values[i]
        } is not within ±65504: export fp32 or q8`,
      );
    }
    return halves;
  }
}

/** Row scales of a quantized matrix. */
function rowScales(
  name: string,
  shape: readonly [rows: number, ...ones: number[]],
): GraphInitializer {
  return {
    name: `${name}_scale`,
    type: "float32",
    shape,
    data: async (read) => quantizeRows(await read(name), shape[0], name).scales,
  };
}

/** `[R, C]` to `[C, R]`. */
function transpose<T extends Float32Array | Int8Array>(
  values: T,
  rows: number,
  cols: number,
): T {
  const transposed = values.slice() as T;
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < cols; c++) {
      transposed[c * rows + r] = values[r * cols + c]!;
    }
  }
  return transposed;
}
