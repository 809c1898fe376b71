import { assertEquals, assertThrows } from "@std/assert";
import { decompressZstd, loadZstd } from "../../lib/data/zstd.ts";

await loadZstd();

/** Python's zstandard.ZstdCompressor(write_checksum=True).compress(b"harbour " * 50). */
const FRAME = Uint8Array.fromBase64("KLUv/WSQAH0AAEBoYXJib3VyIAEAhVMLF/cpERM=");
const CONTENTS = new TextEncoder().encode("harbour ".repeat(50));

Deno.test("decompressZstd() reads a frame with a checksum", () => {
  assertEquals(decompressZstd(FRAME, CONTENTS.length), CONTENTS);
});

Deno.test("decompressZstd() refuses a changed byte, another size, and bytes that are missing or too many", () => {
  for (const length of [0, 399, 401, 1e12]) {
    assertThrows(() => decompressZstd(FRAME, length), Error, "Zstandard");
  }
  for (let length = 0; length < FRAME.length; length++) {
    const part = FRAME.subarray(0, length);
    assertThrows(() => decompressZstd(part, 400), Error, "Zstandard");
  }
  assertThrows(() => decompressZstd(new Uint8Array([...FRAME, 0]), 400), Error);
  for (let at = 0; at < FRAME.length; at++) {
    const bytes = FRAME.slice();
    bytes[at]! ^= 1;
    assertThrows(() => decompressZstd(bytes, 400), Error);
  }
});
