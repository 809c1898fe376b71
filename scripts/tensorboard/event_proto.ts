/**
 * Encoding of TensorBoard's messages, through protobufjs.
 *
 * @module
 */
import schema from "./event.proto" with { type: "text" };

/** Counts of values in intervals. */
export interface HistogramProto {
  readonly min: number;
  readonly max: number;
  /** Number of values. */
  readonly num: number;
  readonly sum: number;
  readonly sumSquares: number;
  /** Right edge of each interval. */
  readonly bucketLimit: readonly number[];
  /** Number of values in each interval. */
  readonly bucket: readonly number[];
}

/** A value under its tag: a scalar, a histogram or a text. */
export type ValueProto =
  & { readonly tag: string }
  & (
    | { readonly simpleValue: number }
    | { readonly histo: HistogramProto }
    | {
      readonly tensor: {
        readonly dtype: number;
        readonly tensorShape: { readonly dim: readonly { size: number }[] };
        readonly stringVal: readonly Uint8Array[];
      };
      readonly metadata: {
        readonly pluginData: { readonly pluginName: string };
      };
    }
  );

/** A record of an event file. */
export type EventProto =
  & {
    /** Seconds since 1970. */
    readonly wallTime: number;
    readonly step?: number;
  }
  & (
    | { readonly fileVersion: string }
    | { readonly summary: { readonly value: readonly ValueProto[] } }
  );

/** Encodes an event. */
export type EncodeEvent = (event: EventProto) => Uint8Array;

/**
 * Loads protobufjs.
 *
 * @returns The encoder of events.
 */
export async function loadEventProto(): Promise<EncodeEvent> {
  const { default: protobuf } = await import("npm:protobufjs@8.8.1");
  const type = protobuf.parse(schema).root.lookupType("tensorboard.Event");
  return (event) => type.encode(event).finish();
}
