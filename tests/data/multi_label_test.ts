import { assertEquals } from "@std/assert";
import { readArrow } from "../../lib/data/arrow.ts";
import type { Dataset } from "../../lib/data/dataset.ts";
import { readJson } from "../../lib/data/json_array.ts";
import { readJsonl } from "../../lib/data/jsonl.ts";
import { readParquet } from "../../lib/data/read_parquet.ts";
// Written by datasets and pyarrow: see make_multi_label.py in the same folder.
import fixture from "./fixtures/multi_label.json" with { type: "json" };

Deno.test("every format but CSV has lists of text and of numbers as values of a row", async (t) => {
  const { rows, arrow, parquet } = fixture;
  const tables: Record<string, Dataset> = {
    arrow: await readArrow(Uint8Array.fromBase64(arrow), "x.arrow"),
    parquet: await readParquet(Uint8Array.fromBase64(parquet), "x.parquet"),
    json: await readJson(JSON.stringify(rows), "x.json"),
    jsonl: await readJsonl(
      rows.map((row) => JSON.stringify(row)).join("\n"),
      "x.jsonl",
    ),
  };
  for (const [format, table] of Object.entries(tables)) {
    await t.step(format, () => {
      assertEquals([...table], rows);
      assertEquals(table.unsupportedColumns.size, 0);
      const names = table.labelNames("labels");
      const known = /arrow|parquet/.test(format);
      assertEquals(names, known ? ["weather", "people", "form"] : undefined);
      assertEquals(table.labelNames("flags"), undefined);
    });
  }
});
