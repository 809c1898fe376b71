import { assertEquals, assertThrows } from "@std/assert";
import { Tuning } from "../../lib/gpu/tuning.ts";

Deno.test("Tuning measures only if it is asked to", () => {
  assertEquals(
    [new Tuning("measure"), new Tuning("none"), new Tuning({ nt: "8x4" })]
      .map(({ measures, table, spentMs }) => [measures, [...table], spentMs]),
    [[true, [], 0], [false, [], 0], [false, [["nt", "8x4"]], 0]],
  );
});

Deno.test("Tuning keeps its own copy of the table", () => {
  const table = { nt: "8x4" };
  const tuning = new Tuning(table);
  tuning.table.set("nn", "4x4");
  table.nt = "2x2";
  assertEquals([...tuning.table], [["nt", "8x4"], ["nn", "4x4"]]);
});

Deno.test("Tuning rejects what is neither a word that it knows nor a table", () => {
  const remedy =
    'pass "measure", "none" or a table such as that of an earlier run';
  const cases: [unknown, string][] = [
    ["fast", `tuning is the string "fast"; ${remedy}`],
    [null, `tuning is null; ${remedy}`],
    [true, `tuning is the boolean true; ${remedy}`],
    [["8x4"], `tuning is an array; ${remedy}`],
    [new Map([["nt", "8x4"]]), `tuning is a Map; ${remedy}`],
    [
      { nt: "8x4", nn: 5 },
      'the tile of "nn" is the number 5; pass the name of a tile',
    ],
  ];
  for (const [value, message] of cases) {
    assertThrows(
      () => new Tuning(value as "none"),
      TypeError,
      `Cannot tune kernels: ${message}`,
    );
  }
});
