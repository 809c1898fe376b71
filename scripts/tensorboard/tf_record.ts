/**
 * Records of TensorFlow's file format: the length of the data, the data, and a
 * checksum of each.
 *
 *     length u64 · masked CRC-32C of the length u32 · data · masked CRC-32C of the data u32
 *
 * Source: https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/lib/io/record_writer.h
 *
 * @module
 */

/** Castagnoli's polynomial, bits reversed: https://www.rfc-editor.org/rfc/rfc3720#section-12.1 */
const POLYNOMIAL = 0x82f63b78;
const MASK_DELTA = 0xa282ead8;
const HEAD_BYTES = 12;
const CRC_BYTES = 4;

/** Remainder of each byte. */
const REMAINDERS = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++) {
    remainder = (remainder >>> 1) ^ (remainder & 1 ? POLYNOMIAL : 0);
  }
  return remainder;
});

/**
 * Computes the CRC-32C of bytes.
 *
 * @param bytes The bytes.
 * @returns The checksum, an unsigned 32-bit integer.
 */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc = REMAINDERS[(crc ^ byte) & 0xff]! ^ (crc >>> 8);
  }
  return ~crc >>> 0;
}

/** Rotates and shifts a checksum, as a file that holds checksums needs it. */
function masked(crc: number): number {
  return ((crc >>> 15 | crc << 17) + MASK_DELTA) >>> 0;
}

/**
 * Makes a record.
 *
 * @param data Its data.
 * @returns Its bytes.
 */
export function tfRecord(data: Uint8Array): Uint8Array<ArrayBuffer> {
  const record = new Uint8Array(HEAD_BYTES + data.length + CRC_BYTES);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, masked(crc32c(record.subarray(0, 8))), true);
  record.set(data, HEAD_BYTES);
  view.setUint32(HEAD_BYTES + data.length, masked(crc32c(data)), true);
  return record;
}

/**
 * Finds the data of the first record of a file.
 *
 * @param file Bytes from the beginning of the file.
 * @returns The data; undefined if there is no whole record with right checksums.
 */
export function firstRecord(file: Uint8Array): Uint8Array | undefined {
  if (file.length < HEAD_BYTES) return undefined;
  const { buffer, byteOffset } = file;
  const length = new DataView(buffer, byteOffset).getUint32(0, true);
  const record = file.subarray(0, HEAD_BYTES + length + CRC_BYTES);
  const data = file.subarray(HEAD_BYTES, HEAD_BYTES + length);
  return tfRecord(data).every((byte, i) => byte === record[i])
    ? data
    : undefined;
}
