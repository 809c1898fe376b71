import { assertEquals, assertThrows } from "@std/assert";
import { RowAssembler } from "../../lib/data/parquet_rows.ts";

/** Makes an assembler of a column below groups of these kinds. */
function assemblerOf(...kinds: string[]): RowAssembler {
  const path = ["REQUIRED", ...kinds].map((kind, i) => ({
    count: 1,
    children: [],
    path: [`${i}`],
    element: { name: `${i}`, repetition_type: kind as "REQUIRED" },
  }));
  return new RowAssembler(path);
}

const levels = (repetitions?: number[], definitions?: number[]) => ({
  repetitions,
  definitions,
});

Deno.test("RowAssembler assembles flat columns, with and without levels", () => {
  const required = assemblerOf("REQUIRED");
  required.append([1, 2], 2, levels());
  required.append([3], 1, levels());
  assertEquals(required.rows, [1, 2, 3]);
  const optional = assemblerOf("OPTIONAL");
  optional.append([1, 2], 3, levels(undefined, [1, 0, 1]));
  optional.append([3], 1, levels());
  assertEquals(optional.rows, [1, null, 2, 3]);
});

Deno.test("RowAssembler assembles lists of lists, also across pages", () => {
  // An optional list of optional lists of optional values, each of three groups.
  const list = ["OPTIONAL", "REPEATED"];
  const assembler = assemblerOf(...list, ...list, "OPTIONAL");
  // [[1, null], [2]], null, [], [null, []], [[3,
  assembler.append(
    [1, 2, 3],
    8,
    levels([0, 2, 1, 0, 0, 0, 1, 0], [5, 4, 5, 0, 1, 2, 3, 5]),
  );
  // 4], [5]], [[6]]
  assembler.append([4, 5, 6], 3, levels([2, 1, 0]));
  assertEquals(assembler.rows, [
    [[1, null], [2]],
    null,
    [],
    [null, []],
    [[3, 4], [5]],
    [[6]],
  ]);
});

Deno.test("RowAssembler tells an empty list from a missing one", () => {
  const repeated = assemblerOf("REPEATED");
  repeated.append([1, 2], 4, levels([0, 0, 1, 0], [0, 1, 1, 0]));
  assertEquals(repeated.rows, [[], [1, 2], []]);
  const requiredList = assemblerOf("REQUIRED", "REPEATED", "REQUIRED");
  requiredList.append([1], 2, levels([0, 0], [0, 1]));
  assertEquals(requiredList.rows, [[], [1]]);
});

Deno.test("RowAssembler refuses a page with too few values", () => {
  for (const values of [[1], [1, undefined]]) {
    assertThrows(
      () =>
        assemblerOf("OPTIONAL").append(values, 3, levels(undefined, [1, 0, 1])),
      Error,
      "a page lacks a value",
    );
  }
});

Deno.test("RowAssembler refuses levels that are not those of the column", () => {
  for (const repetitions of [[1], [0, 2], [2]]) {
    assertThrows(
      () =>
        assemblerOf("REPEATED").append(
          [1, 1],
          repetitions.length,
          levels(repetitions),
        ),
      Error,
      "a page continues a list that does not exist",
    );
  }
});
