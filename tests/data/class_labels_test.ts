import { assertEquals, assertThrows } from "@std/assert";
import {
  readLabelNames,
  writeLabelNames,
} from "../../lib/data/class_labels.ts";

Deno.test("readLabelNames() reads the ClassLabel columns", () => {
  // The metadata of datasets for {"text": Value("string"), "label": ClassLabel(names=["no", "yes"])}.
  const metadata =
    '{"info": {"features": {"text": {"dtype": "string", "_type": "Value"}, ' +
    '"label": {"names": ["no", "yes"], "_type": "ClassLabel"}}}}';
  assertEquals(readLabelNames(metadata), { label: ["no", "yes"] });
  assertEquals(readLabelNames(undefined), {});
  assertEquals(readLabelNames("{}"), {});
  assertThrows(() => readLabelNames("{"), SyntaxError);
});

Deno.test("readLabelNames() reads the columns of lists of ClassLabel", () => {
  // The metadata of datasets 5.2.0 for List(ClassLabel(names=["a", "b"])) and List(Value("string")).
  const metadata = '{"info": {"features": {"tags": {"feature": ' +
    '{"names": ["a", "b"], "_type": "ClassLabel"}, "_type": "List"}, ' +
    '"words": {"feature": {"dtype": "string", "_type": "Value"}, "_type": "List"}, ' +
    // As earlier versions write it.
    '"old": [{"names": ["c"], "_type": "ClassLabel"}], "none": null}}}';
  assertEquals(readLabelNames(metadata), { tags: ["a", "b"], old: ["c"] });
});

Deno.test("writeLabelNames() round-trips through readLabelNames(), or writes nothing", () => {
  const names = { label: ["no", "yes"], other: ["a"] };
  assertEquals(readLabelNames(writeLabelNames(names)), names);
  assertEquals(writeLabelNames({}), undefined);
});
