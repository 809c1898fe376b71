import { assertEquals, assertThrows } from "@std/assert";
import { partOf, readPart } from "../../../scripts/sweep/part.ts";

Deno.test("partOf() divides runs into parts of equal size", () => {
  const runs = [..."abcdefgh"];
  const parts = [1, 2, 3].map((index) => partOf(runs, { index, count: 3 }));
  assertEquals(parts.map((part) => part.join("")), ["adg", "beh", "cf"]);
  assertEquals(partOf(runs, { index: 9, count: 9 }), []);
});

Deno.test("readPart() takes parts from 1 to the number of parts", () => {
  assertEquals(readPart("3/12"), { index: 3, count: 12 });
  assertEquals(readPart("12/12"), { index: 12, count: 12 });
  for (const text of ["0/12", "13/12", "3", "3/", "a/b", "1/2/3", "-1/2"]) {
    assertThrows(() => readPart(text), RangeError, `3/12, not "${text}"`);
  }
});
