import { assertEquals } from "@std/assert";
import { xxHash32 } from "../../lib/data/xx_hash32.ts";

Deno.test("xxHash32() has the values of the reference implementation", () => {
  // Values of Python's xxhash.xxh32_intdigest(): below and above 16 bytes, and every rest.
  const cases = [
    ["", 0x02cc5d05],
    ["a", 0x550d7456],
    ["abc", 0x32d153ff],
    ["Nobody inspects the spammish repetition", 0xe2293b2f],
  ] as const;
  for (const [text, hash] of cases) {
    assertEquals(xxHash32(new TextEncoder().encode(text)), hash);
  }
});
