import { assertEquals, assertThrows } from "@std/assert";
import { decompressLz4Frame } from "../../lib/data/lz4_frame.ts";
// Written by the reference implementation: see make_lz4.py in the same folder.
import fixtures from "./fixtures/lz4.json" with { type: "json" };

/** As in make_lz4.py: twenty numbers and a sentence, 8,000 times. */
const CONTENTS = new Uint8Array([
  ...new Uint8Array(Uint32Array.from({ length: 20 }, (_, i) => i).buffer),
  ...new TextEncoder().encode("The harbour froze. ".repeat(8000)),
]);

const FRAMES = Object.entries(fixtures.frames)
  .map(([name, base64]) => ({ name, frame: Uint8Array.fromBase64(base64) }));

Deno.test("decompressLz4Frame() reads frames of all flags", async (t) => {
  for (const { name, frame } of FRAMES) {
    await t.step(name, () => {
      const contents = decompressLz4Frame(frame, CONTENTS.length);
      assertEquals(contents, CONTENTS);
    });
  }
});

Deno.test("decompressLz4Frame() refuses another size, and bytes that are missing or too many", () => {
  for (const { frame } of FRAMES) {
    for (const length of [0, CONTENTS.length - 1, CONTENTS.length + 1, 1e12]) {
      assertThrows(() => decompressLz4Frame(frame, length), Error);
    }
    const longer = new Uint8Array([...frame, 0]);
    assertThrows(() => decompressLz4Frame(longer, CONTENTS.length), Error);
    for (let length = 0; length < frame.length; length += 13) {
      const part = frame.subarray(0, length);
      assertThrows(() => decompressLz4Frame(part, CONTENTS.length), Error);
    }
  }
});

Deno.test("decompressLz4Frame() checks the checksums of the header, the blocks and the contents", () => {
  for (const { name, frame } of FRAMES) {
    if (!name.includes("True")) continue;
    const hasChecksum = /checksums (True|False True)/.test(name);
    // The header, a literal of the first block, and the end of the frame.
    for (const at of [4, 30, ...(hasChecksum ? [frame.length - 9] : [])]) {
      const bytes = frame.slice();
      bytes[at]! ^= 1;
      if (at === 30 && !hasChecksum) continue;
      assertThrows(() => decompressLz4Frame(bytes, CONTENTS.length), Error);
    }
  }
});
