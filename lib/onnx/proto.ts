/**
 * The messages of an ONNX file as bytes, through protobufjs.
 *
 * @module
 */
import schema from "./onnx.proto" with { type: "text" };

/** What an operation is told besides its inputs. */
export interface AttributeProto {
  readonly name: string;
  /** Which field holds the value. */
  readonly type: number;
  readonly f?: number;
  readonly i?: number;
  readonly ints?: readonly number[];
}

/** An operation. */
export interface NodeProto {
  readonly name: string;
  readonly opType: string;
  /** Names of the values that it takes, and of those that it makes. */
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly attribute: readonly AttributeProto[];
}

/** A tensor of the file; `rawData` is little-endian and row-major. */
export interface TensorProto {
  readonly name: string;
  readonly dims: readonly number[];
  readonly dataType: number;
  readonly rawData?: Uint8Array;
}

/** A size: a number, or free and named. */
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

/** A graph of operations. */
export interface GraphProto {
  readonly name: string;
  readonly node: readonly NodeProto[];
  readonly input: readonly ValueInfoProto[];
  readonly output: readonly ValueInfoProto[];
  readonly initializer?: readonly TensorProto[];
}

/** A whole file. */
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

/** Writes and reads messages. */
export interface OnnxProto {
  /** The bytes of a message. */
  encode<T extends keyof Messages>(type: T, message: Messages[T]): Uint8Array;
  /**
   * What stands before the bytes of a field, its tag and its length: so they
   * need not be in memory together with the rest of the message.
   *
   * @param type The message's type.
   * @param field The field, which holds bytes or a message.
   * @param length Bytes of the field.
   */
  prefix<T extends keyof Messages>(
    type: T,
    field: keyof Messages[T] & string,
    length: number,
  ): Uint8Array;
  /** What a whole file holds. */
  decode(file: Uint8Array): ModelProto;
}

const LENGTH_DELIMITED = 2; // of the wire types

/** Loads protobufjs, which nobody needs who does not export a model. */
export async function loadOnnxProto(): Promise<OnnxProto> {
  const { default: protobuf } = await import("npm:protobufjs@8.8.1");
  const { root } = protobuf.parse(schema);
  const typeOf = (name: string) => root.lookupType(`onnx.${name}`);
  return {
    encode: (type, message) => typeOf(type).encode(message).finish(),
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
