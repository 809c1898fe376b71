/**
 * Zstandard, through zstddec: the reference implementation as WebAssembly, which
 * needs no permission.
 *
 * Source: https://datatracker.ietf.org/doc/html/rfc8878#section-3.1.1
 *
 * @module
 */
import type { ZSTDDecoder } from "npm:zstddec@0.3.4";

let loading: Promise<ZSTDDecoder> | undefined;
let decoder: ZSTDDecoder | undefined;

/**
 * Loads the decoder, once: {@linkcode decompressZstd} needs it.
 *
 * @throws {Error} If WebAssembly is not there: a page can forbid it.
 */
export async function loadZstd(): Promise<void> {
  loading ??= (async () => {
    const { ZSTDDecoder } = await import("npm:zstddec@0.3.4");
    const decoder = new ZSTDDecoder();
    await decoder.init();
    return decoder;
  })();
  try {
    decoder = await loading;
  } catch (cause) {
    throw new Error(
      `WebAssembly, which reads Zstandard, failed: ${(cause as Error).message}`,
      { cause },
    );
  }
}

/**
 * Decompresses one frame, after {@linkcode loadZstd}.
 *
 * @param input The frame.
 * @param length Size of the contents.
 * @returns The contents.
 * @throws {Error} If it is damaged, or its contents are of another size.
 */
export function decompressZstd(input: Uint8Array, length: number): Uint8Array {
  const limit = zstdSizeLimit(input);
  if (length > limit || length === 0 && limit > 0) {
    throw new Error(
      `a Zstandard frame of up to ${limit} bytes is declared to have ${length}`,
    );
  }
  if (length === 0) return new Uint8Array(); // for the decoder, 0 is an unknown size
  const output = decoder!.decode(input, length); // empty if it is damaged
  if (output.length !== length) {
    throw new Error("a Zstandard frame is damaged, or of another size");
  }
  return output;
}

const MAGIC = 0xfd2fb528;
/** Limit of a block's contents. */
const MAX_BLOCK = 128 * 1024;
/** Sizes of the header's fields, by their flags: dictionary, and size of the contents. */
const DICTIONARY = [0, 1, 2, 4];
const CONTENT_SIZE = [0, 2, 4, 8];

/** Returns a limit of the size of a frame's contents, from its blocks alone. */
function zstdSizeLimit(input: Uint8Array): number {
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength);
  let at = 0;
  const take = (size: number): number => {
    at += size;
    if (at > input.length) throw new Error("a Zstandard frame is incomplete");
    return at - size;
  };
  if (view.getUint32(take(4), true) !== MAGIC) {
    throw new Error("a buffer is not a Zstandard frame");
  }
  const flags = input[take(1)]!;
  if (flags & 8) throw new Error("a Zstandard frame has unknown flags");
  const isOneSegment = (flags & 32) !== 0;
  take(isOneSegment ? 0 : 1); // size of the window
  take(DICTIONARY[flags & 3]!);
  take(isOneSegment && flags >> 6 === 0 ? 1 : CONTENT_SIZE[flags >> 6]!);
  let limit = 0;
  for (let isLast = false; !isLast;) {
    const start = take(3);
    const header = view.getUint16(start, true) | input[start + 2]! << 16;
    isLast = (header & 1) === 1;
    const [type, size] = [header >> 1 & 3, header >> 3];
    if (type === 3) throw new Error("a Zstandard block is of no known type");
    limit += type === 2 ? MAX_BLOCK : size;
    take(type === 1 ? 1 : size); // one byte that is repeated, or the block
  }
  take(flags & 4); // checksum
  if (at !== input.length) {
    throw new Error("a Zstandard frame is followed by other bytes");
  }
  return limit;
}
