import { assertEquals, assertThrows } from "@std/assert";
import { parseObject } from "../../lib/data/json.ts";

Deno.test("parseObject() accepts only an object", () => {
  assertEquals(parseObject('{"a": [1]}', "x.json"), { a: [1] });
  for (const text of ["[1]", "null", '"a"', "1"]) {
    assertThrows(
      () => parseObject(text, "x.json"),
      SyntaxError,
      "Cannot read x.json: it must be a JSON object",
    );
  }
  assertThrows(
    () => parseObject("{", "x.json"),
    SyntaxError,
    "Cannot read x.json: it is not valid JSON",
  );
});
