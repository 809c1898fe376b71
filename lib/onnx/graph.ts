/**
 * An ONNX graph as it is built: operations by name, and tensors whose values
 * are fetched when they are written.
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

/** The version of ONNX's operations: the first with LayerNormalization. */
const OPSET = 17;
/** The version of the file format that came with it. */
const IR_VERSION = 8;
/** No reader of protobuf takes more. */
const MAX_FILE_BYTES = 2 ** 31 - 1;

/** Element types by their number in a file, and bytes of an element. */
const TYPES = {
  float32: { code: 1, bytes: 4 },
  int8: { code: 3, bytes: 1 },
  int64: { code: 7, bytes: 8 },
  float16: { code: 10, bytes: 2 },
} as const;

/** An element type. */
export type ElementType = keyof typeof TYPES;

/** Fetches the values of a parameter of the model, row-major. */
export type ReadParameter = (name: string) => Float32Array<ArrayBuffer>;

/** A tensor that the file holds. */
export interface GraphInitializer {
  /** Its name, of no other value. */
  readonly name: string;
  /** Element type. */
  readonly type: ElementType;
  /** Sizes; `[]` for a scalar. */
  readonly shape: readonly number[];
  /** Gives the values, row-major, in the array of their type. */
  data(read: ReadParameter): ArrayBufferView;
}

/** What an operation is told: a float, a whole number or several. */
export type Attribute =
  | { readonly f: number }
  | { readonly i: number }
  | { readonly ints: readonly number[] };

/** The number of the field that holds an attribute. */
const ATTRIBUTE_TYPES = { f: 1, i: 2, ints: 7 } as const;

/** A graph to which operations are added in the order in which they run. */
export class Graph {
  readonly #nodes: NodeProto[] = [];
  readonly #initializers = new Map<string, GraphInitializer>();
  readonly #inputs: ValueInfoProto[] = [];
  readonly #outputs: ValueInfoProto[] = [];

  /** Adds an input; a size that is a text is free. Returns its name. */
  input(
    name: string,
    type: ElementType,
    shape: readonly (string | number)[],
  ): string {
    this.#inputs.push(valueInfo(name, type, shape));
    return name;
  }

  /** Makes the value of an operation an output. */
  output(
    name: string,
    type: ElementType,
    shape: readonly (string | number)[],
  ): void {
    this.#outputs.push(valueInfo(name, type, shape));
  }

  /** Adds a tensor; one of a name that is there takes its place. Returns its name. */
  initializer(initializer: GraphInitializer): string {
    this.#initializers.set(initializer.name, initializer);
    return initializer.name;
  }

  /** Adds a whole number as a scalar, or several as a vector. Returns its name. */
  integers(values: number | readonly number[]): string {
    return this.initializer({
      name: `integers_${JSON.stringify(values)}`,
      type: "int64",
      shape: typeof values === "number" ? [] : [values.length],
      data: () => BigInt64Array.from([values].flat(), BigInt),
    });
  }

  /** Adds the change to another element type. Returns the name of the result. */
  cast(x: string, type: ElementType, name?: string): string {
    return this.node("Cast", [x], { to: { i: TYPES[type].code } }, name);
  }

  /**
   * Adds an operation.
   *
   * @param opType Its name in ONNX.
   * @param inputs Names of the values that it takes.
   * @param attributes What else it is told.
   * @param name Name of the value that it makes.
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

  /** Adds an operation that makes several values. Returns their names. */
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
   * Writes the graph as an ONNX file, piece by piece: only one tensor's values
   * need to be in memory.
   *
   * @param read Fetches the values of a parameter.
   * @returns The file's bytes in order.
   * @throws {RangeError} If the file would be too large for its format.
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
      const { buffer, byteOffset, byteLength } = tensor.data(read);
      yield new Uint8Array(buffer, byteOffset, byteLength);
    }
  }
}

/** What stands before the values of a tensor, and how many bytes they take. */
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
