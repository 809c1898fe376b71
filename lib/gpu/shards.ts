/**
 * Buffers that are larger than a binding: each is split into shards of whole rows.
 *
 * @module
 */
import type { BufferBinding } from "./storage_buffer.ts";

/**
 * Chooses the size of a shard. A shard begins at a multiple of 64 rows and of 4096
 * elements, so that tables with an element per row, or per 64 elements, can be bound
 * from there: a binding begins at a multiple of 256 bytes.
 *
 * @param rowBytes Size of a row, in bytes.
 * @param maxBytes Largest size of a binding, in bytes.
 * @returns The number of rows of all shards but the last; 0 if too few rows fit.
 */
export function rowsPerShard(rowBytes: number, maxBytes: number): number {
  let rows = 64;
  while (rows * rowBytes % (4 * 4096) !== 0) rows *= 2;
  return Math.floor(maxBytes / (rows * rowBytes)) * rows;
}

/**
 * Splits a range of a buffer at the ends of the shards.
 *
 * @param range The range.
 * @returns The parts of the range in each shard, in order; the range itself if the buffer is not split.
 */
export function splitRange(range: BufferBinding): readonly BufferBinding[] {
  const { storage: { shards }, byteOffset, byteLength } = range;
  if (!shards) return [range];
  const parts: BufferBinding[] = [];
  let start = 0;
  for (const storage of shards) {
    const first = Math.max(byteOffset, start);
    const end = Math.min(byteOffset + byteLength, start + storage.byteLength);
    if (first < end) {
      parts.push({
        storage,
        byteOffset: first - start,
        byteLength: end - first,
      });
    }
    start += storage.byteLength;
  }
  return parts;
}

/**
 * Splits the two ranges of a copy, so that neither reaches beyond a shard.
 *
 * @param source The range to copy.
 * @param target A range that begins with the destination.
 * @returns Pairs of ranges of the same length, in order.
 */
export function splitCopy(
  source: BufferBinding,
  target: BufferBinding,
): [source: BufferBinding, target: BufferBinding][] {
  const pairs: [BufferBinding, BufferBinding][] = [];
  let copied = 0;
  for (const { storage, byteOffset, byteLength } of splitRange(source)) {
    let done = 0;
    for (
      const to of splitRange({
        storage: target.storage,
        byteOffset: target.byteOffset + copied,
        byteLength,
      })
    ) {
      const from = {
        storage,
        byteOffset: byteOffset + done,
        byteLength: to.byteLength,
      };
      pairs.push([from, to]);
      done += to.byteLength;
    }
    copied += byteLength;
  }
  return pairs;
}

/**
 * Splits host values at the ends of the shards of their destination.
 *
 * @param target A range that begins with the destination.
 * @param values The values.
 * @returns Each part of the destination with its bytes, in order.
 */
export function splitUpload(
  { storage, byteOffset }: BufferBinding,
  { buffer, byteLength, byteOffset: first }: ArrayBufferView<ArrayBuffer>,
): [part: BufferBinding, bytes: Uint8Array<ArrayBuffer>][] {
  let start = first;
  return splitRange({ storage, byteOffset, byteLength }).map((part) => {
    const bytes = new Uint8Array(buffer, start, part.byteLength);
    start += part.byteLength;
    return [part, bytes];
  });
}

/**
 * Joins what was read from the shards of a buffer.
 *
 * @param parts The bytes of each part, in order.
 * @returns All bytes.
 */
export function joinBytes(parts: readonly ArrayBuffer[]): ArrayBuffer {
  const length = parts.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    bytes.set(new Uint8Array(part), offset);
    offset += part.byteLength;
  }
  return bytes.buffer;
}
