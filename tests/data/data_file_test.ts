import { assertEquals, assertRejects } from "@std/assert";
import { loadDataFile } from "../../lib/data/data_file.ts";
import { needs } from "../helpers/permissions.ts";
import { tempFolder } from "../helpers/temp_folder.ts";

Deno.test(
  needs(
    "loadDataFile() selects the format by extension",
    "read",
    "write",
  ),
  async (t) => {
    await using folder = await tempFolder();
    const files = {
      "any name.tsv": 'a\tlabel\n"so"\t1\n',
      "b.csv": 'a,label\n"""so""",1\n',
      "c.v2.jsonl": '{"a": "\\"so\\"", "label": 1}\n',
      "d.json": '{"data": [{"a": "\\"so\\"", "label": 1}]}',
    };
    for (const [name, content] of Object.entries(files)) {
      await t.step(name, async () => {
        const path = `${folder.path}/${name}`;
        await Deno.writeTextFile(path, content);
        const table = await loadDataFile(path);
        assertEquals([...table], [{ a: '"so"', label: 1 }]);
        assertEquals(table.source, path);
      });
    }
    await t.step("column names", async () => {
      const path = `${folder.path}/any name.tsv`;
      const table = await loadDataFile(path, { columnNames: () => ["x", "y"] });
      assertEquals([...table], [{ x: "a", y: "label" }, { x: '"so"', y: "1" }]);
    });
    await t.step("a delimiter where there is none", async () => {
      await assertRejects(
        () => loadDataFile(`${folder.path}/c.v2.jsonl`, { delimiter: ";" }),
        RangeError,
        `c.v2.jsonl with the delimiter ";": only .csv and .tsv have one; leave it out`,
      );
    });
    await t.step("another extension", async () => {
      await assertRejects(
        () => loadDataFile("some.txt"),
        RangeError,
        "Cannot read some.txt: its extension must be one of .arrow, .parquet, .tsv, .csv, .jsonl, .json; rename it, or write it in one of these formats",
      );
    });
  },
);
