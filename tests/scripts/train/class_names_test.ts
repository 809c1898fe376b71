import { assertEquals } from "@std/assert";
import { Dataset } from "../../../mod.ts";
import {
  labelReader,
  listNames,
  matchNames,
  nameFinder,
  realNames,
} from "../../../scripts/train/class_names.ts";

Deno.test("realNames() leaves out names that number the classes", () => {
  const none: (string[] | undefined)[] = [
    undefined,
    ["LABEL_0", "LABEL_1"],
    ["label_0", "Label_1"],
    ["0", "1", "2"],
  ];
  for (const names of none) assertEquals(realNames(names), undefined);
  const some = [
    ["LABEL_1", "LABEL_0"],
    ["LABEL_0", "yes"],
    ["0", "1", "10", "2"], // datasets sorts numbers as text
    ["-1", "0", "1"],
  ];
  for (const names of some) assertEquals(realNames(names), names);
});

Deno.test("matchNames() needs the same set, once each", () => {
  assertEquals(matchNames(["b", "A"], ["a", "B"]), [1, 0]);
  assertEquals(matchNames(["us", "US"], ["US", "us"]), [1, 0]);
  assertEquals(matchNames(["a", "A", "b"], ["a", "b"]), undefined);
  assertEquals(matchNames(["a"], ["a", "b"]), undefined);
  assertEquals(matchNames(["a", "c"], ["a", "b"]), undefined);
  assertEquals(matchNames(["a", "A"], ["a", "b"]), undefined);
});

Deno.test("nameFinder() ignores case where that is unambiguous", () => {
  const find = nameFinder(["US", "us", "Yes"]);
  assertEquals(
    ["US", "us", "Us", "yes", "YES", "no"].map(find),
    [0, 1, undefined, 2, 2, undefined],
  );
});

Deno.test("listNames() shows characters that cannot be seen", () => {
  assertEquals(
    listNames(["a b", " a", "a\u00a0", "a\u200b", "\x1b[31m", "", 1]),
    String.raw`a b, " a", "a\u00a0", "a\u200b", "\u001b[31m", "", 1`,
  );
});

Deno.test("listNames() counts the names after the twelfth", () => {
  const names = Array.from({ length: 14 }, (_, i) => i);
  assertEquals(listNames(names.slice(0, 12)).split(", ").length, 12);
  assertEquals(
    listNames(names),
    "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 2 more",
  );
});

Deno.test("labelReader() reads text that holds only numbers as numbers", () => {
  const read = (label: unknown[]) => {
    const table = new Dataset({ label });
    return labelReader([table], "label")(table);
  };
  assertEquals(read(["1", "-1", "2.50", " 3"]), [1, -1, 2.5, 3]);
  assertEquals(read(["1", "x"]), ["1", "x"]);
  assertEquals(read(["1", ""]), ["1", ""]);
  assertEquals(read([1, "1"]), [1, "1"]);
  const tables = [["1", "2"], ["01"], [1]]
    .map((label) => new Dataset({ label }));
  assertEquals(labelReader(tables, "label")(tables[0]!), ["1", "2"]);
});
