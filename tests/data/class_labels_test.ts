import { assertEquals, assertThrows } from "@std/assert";
import {
  readLabelNames,
  writeLabelNames,
} from "../../lib/data/class_labels.ts";

Deno.test("readLabelNames() finds the columns that are ClassLabel", () => {
  // As datasets writes it for {"text": Value("string"), "label": ClassLabel(names=["no", "yes"])}.
  const metadata =
    '{"info": {"features": {"text": {"dtype": "string", "_type": "Value"}, ' +
    '"label": {"names": ["no", "yes"], "_type": "ClassLabel"}}}}';
  assertEquals(readLabelNames(metadata), { label: ["no", "yes"] });
  assertEquals(readLabelNames(undefined), {});
  assertEquals(readLabelNames("{}"), {});
  assertThrows(() => readLabelNames("{"), SyntaxError);
});

Deno.test("writeLabelNames() writes what readLabelNames() reads, or nothing", () => {
  const names = { label: ["no", "yes"], other: ["a"] };
  assertEquals(readLabelNames(writeLabelNames(names)), names);
  assertEquals(writeLabelNames({}), undefined);
});
