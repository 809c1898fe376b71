import { assertEquals } from "@std/assert";
import { makeIntents } from "../../web/samples/make_intents.ts";
import { needs, ROOT } from "../helpers/permissions.ts";

Deno.test(needs("makeIntents() makes the sample again", "read"), async () => {
  const path = new URL("web/samples/intents.tsv", ROOT);
  assertEquals(makeIntents(), await Deno.readTextFile(path));
});

Deno.test("makeIntents() has 60 different rows of each intent, without braces", () => {
  const [header, ...rows] = makeIntents().trimEnd().split("\n");
  assertEquals(header, "text\tintent");
  assertEquals(new Set(rows).size, 360);
  const counts = Map.groupBy(rows, (row) => row.split("\t")[1]!);
  assertEquals(
    [...counts.values()].map(({ length }) => length),
    Array(6).fill(60),
  );
  assertEquals(rows.filter((row) => /[{}|]|undefined/.test(row)), []);
});
