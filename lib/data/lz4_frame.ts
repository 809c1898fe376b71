/**
 * The LZ4 frame format.
 *
 * Source: https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md and lz4_Block_format.md
 *
 * @module
 */
import { xxHash32 } from "./xx_hash32.ts";

const MAGIC = 0x184d2204;
/** Bit of a block's size that marks a block stored as it is. */
const IS_STORED = 0x80000000;
/** Bytes at the end of a block that are literals. */
const LAST_LITERALS = 5;
/** Length of the shortest copy. */
const MIN_MATCH = 4;
/** Highest ratio: a byte of 255 is a length of as many. */
const MAX_RATIO = 255;

/** Flags of a frame's descriptor. */
const FLAG = {
  dictionary: 1,
  contentChecksum: 4,
  contentSize: 8,
  blockChecksum: 16,
  independent: 32,
};

/**
 * Decompresses one frame, checking its checksums.
 *
 * @param input The frame.
 * @param length Size of the contents.
 * @returns The contents.
 * @throws {Error} If it is no frame, or its contents are of another size.
 */
export function decompressLz4Frame(
  input: Uint8Array,
  length: number,
): Uint8Array {
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength);
  if (length > MAX_RATIO * input.length) wrongSize();
  const output = new Uint8Array(length);
  let at = 0;
  const take = (size: number): number => {
    at += size;
    if (at > input.length) throw new Error("an LZ4 frame is incomplete");
    return at - size;
  };
  const uint32 = () => view.getUint32(take(4), true);

  if (uint32() !== MAGIC) throw new Error("a buffer is not an LZ4 frame");
  const flags = input[take(1)]!;
  const sizes = input[take(1)]!;
  const maxBlock = 2 ** (8 + 2 * (sizes >> 4)); // 4 … 7 for 64 KiB … 4 MiB
  if (
    flags >> 6 !== 1 || (flags & 3) !== 0 || (sizes & 0x8f) !== 0 ||
    sizes >> 4 < 4
  ) {
    throw new Error("an LZ4 frame has unknown flags");
  }
  const hasSize = (flags & FLAG.contentSize) !== 0;
  if (hasSize && view.getBigUint64(take(8), true) !== BigInt(length)) {
    wrongSize();
  }
  const descriptor = input.subarray(4, at);
  if (input[take(1)] !== (xxHash32(descriptor) >>> 8 & 0xff)) {
    throw new Error("an LZ4 frame's header has another checksum");
  }
  let done = 0;
  for (let size = uint32(); size !== 0; size = uint32()) {
    const stored = size >= IS_STORED;
    const start = take(stored ? size - IS_STORED : size);
    const block = input.subarray(start, at);
    if (block.length > maxBlock) throw new Error("an LZ4 block is too large");
    if (flags & FLAG.blockChecksum && uint32() !== xxHash32(block)) {
      throw new Error("an LZ4 block has another checksum");
    }
    const limit = Math.min(length, done + maxBlock);
    // Copies can begin in earlier blocks, unless blocks are independent.
    const first = flags & FLAG.independent ? done : 0;
    if (stored) {
      if (done + block.length > limit) wrongSize();
      output.set(block, done);
      done += block.length;
    } else done = decompressBlock(block, output, first, done, limit);
  }
  if (flags & FLAG.contentChecksum && uint32() !== xxHash32(output)) {
    throw new Error("an LZ4 frame's contents have another checksum");
  }
  if (done !== length || at !== input.length) {
    throw new Error(`an LZ4 frame has ${done} of ${length} bytes`);
  }
  return output;
}

/** Decompresses a block to `output`, from `done` up to `limit`; returns the new end. */
function decompressBlock(
  input: Uint8Array,
  output: Uint8Array,
  first: number,
  done: number,
  limit: number,
): number {
  let at = 0;
  let end = done;
  /** Reads the rest of a length whose four bits are all set. */
  const length = (bits: number): number => {
    let total = bits;
    for (let byte = bits === 15 ? 255 : 0; byte === 255; total += byte) {
      if (at >= input.length) throw new Error("an LZ4 block is incomplete");
      byte = input[at++]!;
    }
    return total;
  };
  for (;;) {
    if (at >= input.length) throw new Error("an LZ4 block is incomplete");
    const token = input[at++]!;
    const literals = length(token >> 4);
    if (at + literals > input.length) {
      throw new Error("an LZ4 block is incomplete");
    }
    if (end + literals > limit) wrongSize();
    for (const stop = at + literals; at < stop;) output[end++] = input[at++]!;
    if (at === input.length) return end; // the last sequence has no copy
    if (at + 2 > input.length) throw new Error("an LZ4 block is incomplete");
    const offset = input[at]! | input[at + 1]! << 8;
    at += 2;
    const stop = end + MIN_MATCH + length(token & 15);
    if (offset === 0 || end - offset < first) {
      throw new Error("an LZ4 block copies from before the contents");
    }
    if (stop > limit - LAST_LITERALS) wrongSize();
    // Byte by byte: a copy can overlap what it writes.
    while (end < stop) {
      output[end] = output[end - offset]!;
      end++;
    }
  }
}

function wrongSize(): never {
  throw new Error("an LZ4 frame declares another size");
}
