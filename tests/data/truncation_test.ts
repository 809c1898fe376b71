import { assertEquals } from "@std/assert";
import { longestFirst } from "../../lib/data/truncation.ts";

// Tokens of both texts, room for both, and the tokens kept by
// `truncate_encodings` of the tokenizers library, run on each case.
const CASES = [
  [8, 4, 7, [4, 3]],
  [9, 2, 7, [5, 2]],
  [2, 8, 7, [2, 5]],
  [4, 4, 7, [3, 4]],
  [8, 8, 7, [3, 4]],
  [0, 8, 7, [0, 7]],
  [100, 60, 125, [65, 60]],
  [3, 3, 7, [3, 3]],
  [40, 40, 61, [30, 31]],
  [9, 8, 7, [4, 3]],
  [5, 0, 3, [3, 0]],
  [1, 1, 0, [0, 0]],
] as const;

Deno.test("longestFirst() matches the tokenizers library", () => {
  for (const [first, second, room, kept] of CASES) {
    assertEquals(longestFirst(first, second, room), [...kept]);
  }
});
