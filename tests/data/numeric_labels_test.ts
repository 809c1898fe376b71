import { assertEquals } from "@std/assert";
import { numericLabels } from "../../lib/data/numeric_labels.ts";

Deno.test("numericLabels() reads text that is numbers throughout", () => {
  assertEquals(numericLabels(["1", "-1", " 0\r"]), [1, -1, 0]);
  assertEquals(numericLabels(["1.0", "2"]), [1, 2]);
  assertEquals(numericLabels(["0.5", "1e-3", "2e3"]), [0.5, 0.001, 2000]);
  assertEquals(numericLabels([]), []);
});

Deno.test("numericLabels() keeps words and codes", () => {
  for (
    const labels of [
      ["1", "a"],
      ["1", ""],
      ["1", "+2"],
      ["1", "0x1"],
      ["1", "01"],
      ["1e5", "100000"],
      ["0.5", "1e999"],
      ["9007199254740992", "1"],
      ["9007199254740992", "0.5"],
      [1, "1"],
      [true, false],
    ]
  ) {
    assertEquals(numericLabels(labels), undefined, `${labels}`);
  }
});
