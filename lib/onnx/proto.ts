/**
 * Encoding and decoding of ONNX messages, through protobufjs.
 *
 * @module
 */
import type { Type, Writer } from "npm:protobufjs@8.8.1";
import schema from "./onnx.proto" with { type: "text" };

/** A node attribute. */
export interface AttributeProto {
  readonly name: string;
  /** Number of the field that holds the value. */
  readonly type: number;
  readonly f?: number;
  readonly i?: number;
  readonly ints?: readonly number[];
}

/** A node: one operator with its inputs and outputs. */
export interface NodeProto {
  readonly name: string;
  readonly opType: string;
  /** Names of the input values. */
  readonly input: readonly string[];
  /** Names of the output values. */
  readonly output: readonly string[];
  readonly attribute: readonly AttributeProto[];
}

/** A stored tensor; `rawData` is little-endian and row-major. */
export interface TensorProto {
  readonly name: string;
  readonly dims: readonly number[];
  readonly dataType: number;
  readonly rawData?: Uint8Array;
}

/** A dimension: a fixed size, or a named free one. */
export type DimensionProto =
  | { readonly dimValue: number }
  | { readonly dimParam: string };

/** An input or output of a graph. */
export interface ValueInfoProto {
  readonly name: string;
  readonly type: {
    readonly tensorType: {
      readonly elemType: number;
      readonly shape: { readonly dim: readonly DimensionProto[] };
    };
  };
}

/** A graph of nodes. */
export interface GraphProto {
  readonly name: string;
  readonly node: readonly NodeProto[];
  readonly input: readonly ValueInfoProto[];
  readonly output: readonly ValueInfoProto[];
  readonly initializer?: readonly TensorProto[];
}

/** A model file. */
export interface ModelProto {
  readonly irVersion: number;
  readonly producerName: string;
  readonly opsetImport: readonly {
    readonly domain: string;
    readonly version: number;
  }[];
  readonly graph?: GraphProto;
}

interface Messages {
  ModelProto: ModelProto;
  GraphProto: GraphProto;
  TensorProto: TensorProto;
}

/** Encoder and decoder of messages. */
export interface OnnxProto {
  /** Encodes a message. */
  encode<T extends keyof Messages>(type: T, message: Messages[T]): Uint8Array;
  /**
   * Encodes the tag and length that precede the bytes of a field, so that a large
   * field can be streamed.
   *
   * @param type Message type.
   * @param field The field, which holds bytes or a message.
   * @param length Bytes of the field.
   */
  prefix<T extends keyof Messages>(
    type: T,
    field: keyof Messages[T] & string,
    length: number,
  ): Uint8Array;
  /** Decodes a model file. */
  decode(file: Uint8Array): ModelProto;
}

const LENGTH_DELIMITED = 2; // wire type

type Protobuf = typeof import("npm:protobufjs@8.8.1");

/** Names of the methods of a writer for the values of ONNX's fields. */
type Scalar = "bytes" | "float" | "int32" | "int64" | "string";

/**
 * Writes a message field by field. The encoders of protobufjs are made with
 * `Function()`, which a page with a strict Content-Security-Policy does not allow.
 */
function write(
  protobuf: Protobuf,
  writer: Writer,
  { fieldsArray }: Type,
  message: Readonly<Record<string, unknown>>,
): Writer {
  for (const field of fieldsArray.toSorted((a, b) => a.id - b.id)) {
    const { id, repeated, resolvedType, name } = field.resolve();
    const value = message[name];
    if (value === undefined) continue;
    for (const item of repeated ? value as readonly unknown[] : [value]) {
      if (resolvedType instanceof protobuf.Type) {
        writer.uint32(id << 3 | LENGTH_DELIMITED).fork();
        write(protobuf, writer, resolvedType, { ...item as object }).ldelim();
        continue;
      }
      const type = (resolvedType ? "int32" : field.type) as Scalar; // or an enum
      writer.uint32(id << 3 | protobuf.types.basic[type]!);
      writer[type](item as never);
    }
  }
  return writer;
}

/** Loads protobufjs, which only the export needs. */
export async function loadOnnxProto(): Promise<OnnxProto> {
  const { default: protobuf } = await import("npm:protobufjs@8.8.1");
  const { root } = protobuf.parse(schema);
  const typeOf = (name: string) => root.lookupType(`onnx.${name}`);
  return {
    encode: (type, message) =>
      write(protobuf, protobuf.Writer.create(), typeOf(type), { ...message })
        .finish(),
    prefix: (type, field, length) =>
      protobuf.Writer.create()
        .uint32(typeOf(type).fields[field]!.id << 3 | LENGTH_DELIMITED)
        .uint32(length)
        .finish(),
    decode(file) {
      const type = typeOf("ModelProto");
      const model = type.toObject(type.decode(file), {
        longs: Number,
        arrays: true,
      });
      return model as unknown as ModelProto;
    },
  };
}
