/**
 * An ONNX graph under construction: nodes, and initializers whose values are
 * read when the file is written.
 *
 * Source: https://github.com/onnx/onnx/blob/main/docs/IR.md
 *
 * @module
 */
import {
  type AttributeProto,
  loadOnnxProto,
  type NodeProto,
  type OnnxProto,
  type ValueInfoProto,
} from "./proto.ts";

/** Operator set version: the first with LayerNormalization. */
const OPSET = 17;
/** File format version of that operator set. */
const IR_VERSION = 8;
/** Limit of protobuf readers. */
const MAX_FILE_BYTES = 2 ** 31 - 1;

/** Element types: code in a file and bytes of an element. */
const TYPES = {
  float32: { code: 1, bytes: 4 },
  int8: { code: 3, bytes: 1 },
  int64: { code: 7, bytes: 8 },
  float16: { code: 10, bytes: 2 },
} as const;

/** An element type. */
export type ElementType = keyof typeof TYPES;

/** Reads the values of a model parameter, row-major. */
export type ReadParameter = (
  name: string,
) => Promise<Float32Array<ArrayBuffer>>;

/** A constant tensor of the graph. */
export interface GraphInitializer {
  /** Name, unique in the graph. */
  readonly name: string;
  /** Element type. */
  readonly type: ElementType;
  /** Shape; `[]` for a scalar. */
  readonly shape: readonly number[];
  /** Returns the values, row-major, in a typed array of the element type. */
  data(read: ReadParameter): ArrayBufferView | Promise<ArrayBufferView>;
}

/** A node attribute: a float, an integer or several integers. */
export type Attribute =
  | { readonly f: number }
  | { readonly i: number }
  | { readonly ints: readonly number[] };

/** Field numbers of attribute values. */
const ATTRIBUTE_TYPES = { f: 1, i: 2, ints: 7 } as const;

/** A graph; nodes are added in execution order. */
export class Graph {
  readonly #nodes: NodeProto[] = [];
  readonly #initializers = new Map<string, GraphInitializer>();
  readonly #inputs: ValueInfoProto[] = [];
  readonly #outputs: ValueInfoProto[] = [];

  /** Adds an input; a dimension given as a name is free. Returns the name of the input. */
  input(
    name: string,
    type: ElementType,
    shape: readonly (string | number)[],
  ): string {
    this.#inputs.push(valueInfo(name, type, shape));
    return name;
  }

  /** Declares a value as an output. */
  output(
    name: string,
    type: ElementType,
    shape: readonly (string | number)[],
  ): void {
    this.#outputs.push(valueInfo(name, type, shape));
  }

  /** Adds an initializer, replacing one of the same name. Returns its name. */
  initializer(initializer: GraphInitializer): string {
    this.#initializers.set(initializer.name, initializer);
    return initializer.name;
  }

  /** Adds an int64 scalar or vector. Returns its name. */
  integers(values: number | readonly number[]): string {
    return this.initializer({
      name: `integers_${JSON.stringify(values)}`,
      type: "int64",
      shape: typeof values === "number" ? [] : [values.length],
      data: () => BigInt64Array.from([values].flat(), BigInt),
    });
  }

  /** Adds a cast to another element type. Returns the name of the result. */
  cast(x: string, type: ElementType, name?: string): string {
    return this.node("Cast", [x], { to: { i: TYPES[type].code } }, name);
  }

  /**
   * Adds a node with one output.
   *
   * @param opType ONNX operator.
   * @param inputs Names of the inputs.
   * @param attributes Node attributes.
   * @param name Name of the output.
   * @returns That name.
   */
  node(
    opType: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
    name = `${opType}_${this.#nodes.length}`,
  ): string {
    return this.nodes(opType, inputs, [name], attributes)[0]!;
  }

  /** Adds a node with several outputs. Returns their names. */
  nodes(
    opType: string,
    input: readonly string[],
    output: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ): readonly string[] {
    const attribute = Object.entries(attributes).map((
      [name, value],
    ): AttributeProto => {
      const [field] = Object.keys(value) as [keyof typeof ATTRIBUTE_TYPES];
      return { name, type: ATTRIBUTE_TYPES[field], ...value };
    });
    this.#nodes.push({ name: output[0]!, opType, input, output, attribute });
    return output;
  }

  /**
   * Streams the graph as an ONNX file, with the values of one tensor in memory at a
   * time.
   *
   * @param read Reads the values of a parameter.
   * @returns Chunks of the file.
   * @throws {RangeError} If the file would exceed the format's limit.
   */
  async *stream(read: ReadParameter): AsyncGenerator<Uint8Array, void, void> {
    const proto = await loadOnnxProto();
    const model = proto.encode("ModelProto", {
      irVersion: IR_VERSION,
      producerName: "gradloop",
      opsetImport: [{ domain: "", version: OPSET }],
    });
    const operations = proto.encode("GraphProto", {
      name: "model",
      node: this.#nodes,
      input: this.#inputs,
      output: this.#outputs,
    });
    const tensors = [...this.#initializers.values()].map((tensor) => ({
      tensor,
      ...describe(tensor, proto),
    }));
    const size = tensors.reduce(
      (sum, { start, byteLength }) => sum + start.length + byteLength,
      operations.length,
    );
    if (size > MAX_FILE_BYTES - model.length) {
      throw new RangeError(
        `Cannot export ${size} bytes: an ONNX file holds fewer than 2^31; export fp16 or q8`,
      );
    }
    yield model;
    yield proto.prefix("ModelProto", "graph", size);
    yield operations;
    for (const { tensor, start } of tensors) {
      yield start;
      const { buffer, byteOffset, byteLength } = await tensor.data(read);
      yield new Uint8Array(buffer, byteOffset, byteLength);
    }
  }
}

/** The bytes before the values of a tensor, and the byte length of the values. */
function describe(
  { name, type, shape }: GraphInitializer,
  proto: OnnxProto,
): { readonly start: Uint8Array; readonly byteLength: number } {
  const { code, bytes } = TYPES[type];
  const byteLength = shape.reduce((product, n) => product * n, bytes);
  const head = proto.encode("TensorProto", {
    name,
    dims: shape,
    dataType: code,
  });
  const values = proto.prefix("TensorProto", "rawData", byteLength);
  const length = head.length + values.length + byteLength;
  const start = [
    ...proto.prefix("GraphProto", "initializer", length),
    ...head,
    ...values,
  ];
  return { start: Uint8Array.from(start), byteLength };
}

function valueInfo(
  name: string,
  type: ElementType,
  shape: readonly (string | number)[],
): ValueInfoProto {
  const dim = shape.map((size) =>
    typeof size === "number" ? { dimValue: size } : { dimParam: size }
  );
  const tensorType = { elemType: TYPES[type].code, shape: { dim } };
  return { name, type: { tensorType } };
}
