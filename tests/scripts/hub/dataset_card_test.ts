import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { loadDataset } from "../../../mod.ts";
import { readConfigurations } from "../../../scripts/hub/dataset_card.ts";
import { fetchTest, list, run, text } from "../fetch_fixture.ts";

/** A card with every form that the Hub documents. */
const CARD = `---
license: mit
configs:
- config_name: pairs
  default: true
  data_files:
  - split: train
    path:
    - "raw/b.jsonl"
    - "raw/a-*"
  - split: validation
    path: dev.jsonl
  - split: dev
    path: dev.jsonl
- config_name: "one"
  data_files: all.jsonl
- config_name: several
  data_files: [all.jsonl, dev.jsonl]
- config_name: object
  data_files: { train: all.jsonl, test: [dev.jsonl] }
- config_name: folder
  data_dir: raw
---
# Data
`;

Deno.test("readConfigurations() reads every form that the Hub documents", () => {
  const found = readConfigurations(CARD).map(({ name, isDefault, splits }) => [
    name,
    isDefault,
    Object.fromEntries(splits),
  ]);
  assertEquals(found, [
    ["pairs", true, {
      train: ["raw/b.jsonl", "raw/a-*"],
      validation: ["dev.jsonl"],
      dev: ["dev.jsonl"],
    }],
    ["one", false, { train: ["all.jsonl"] }],
    ["several", false, { train: ["all.jsonl", "dev.jsonl"] }],
    ["object", false, { train: ["all.jsonl"], test: ["dev.jsonl"] }],
  ]);
  const alone =
    "---\r\nconfigs:\r\n- config_name: x\r\n  data_files: a.csv\r\n---\r\n";
  assertEquals(readConfigurations(alone)[0]!.isDefault, true);
});

Deno.test("readConfigurations() returns none if there is none", () => {
  for (
    const card of [
      "# Data",
      "---\nlicense: mit\n---\n",
      "---\n- 1\n---\n",
      "---\nconfigs: 7\n---\n",
      "---\nconfigs: [null, 7, {config_name: a}]\n---\n",
      "---\nconfigs:\n- config_name: a\n  data_files: [{split: train}, 7]\n---\n",
      "---\nconfigs:\n- data_files: a.csv\n",
    ]
  ) {
    assertEquals(readConfigurations(card), [], card);
  }
  assertThrows(() => readConfigurations("---\na: [\n---\n"), SyntaxError);
});

const row = (text: string) => JSON.stringify({ text, label: 0 }) + "\n";

fetchTest(
  "fetch.ts reads the card of a data set",
  async ({ hub, folder }, t) => {
    const put = (path: string, content: string) =>
      hub.files.set(`datasets/owner/data@main/${path}`, text(content));
    put("README.md", CARD);
    put("raw/a-1.jsonl", row("second"));
    put("raw/a-2.jsonl", row("third"));
    put("raw/b.jsonl", row("first"));
    put("raw/c.jsonl", row("none"));
    put("dev.jsonl", row("valid"));
    put("all.jsonl", row("all"));
    put("all-jsonl", row("none"));
    const root = "data/hub/datasets/owner/data";
    const fetch = async (dataset: string) => {
      const { code, stderr } = await run(hub, folder, `--dataset ${dataset}`);
      assertEquals(code, 0, stderr);
    };
    const texts = async (path: string) => {
      const splits = ["train"];
      const data = await loadDataset(`${folder.path}/${path}`, { splits });
      return data.names.map((name) => [name, data.split(name).column("text")]);
    };

    await t.step("the default", async () => {
      await fetch("owner/data");
      assertEquals(await list(folder, root), [
        "train-00000-of-00003.jsonl",
        "train-00001-of-00003.jsonl",
        "train-00002-of-00003.jsonl",
        "validation-00000-of-00001.jsonl",
      ]);
      assertEquals(await texts(root), [
        ["train", ["first", "second", "third"]],
        ["validation", ["valid"]],
      ]);
    });
    await t.step("another", async () => {
      await fetch("owner/data:object");
      assertEquals(await texts(`${root}/object`), [
        ["train", ["all"]],
        ["test", ["valid"]],
      ]);
    });

    const refused = async (card: string, message: string, name = "") => {
      put("README.md", `---\nconfigs:\n${card}---\n`);
      const flags = `--dataset owner/data${name}`;
      const { code, error } = await run(hub, folder, flags);
      assertStringIncludes(error, message);
      assertEquals(code, 2);
    };
    const named = (files: string, name = "default") =>
      `- config_name: ${name}\n  data_files: ${files}\n`;
    await t.step("a missing file", () =>
      refused(
        named("none.jsonl"),
        'owner/data has its files at "none.jsonl", and there are none',
      ));
    await t.step("a path that leads out", () =>
      refused(
        named("../../x.jsonl"),
        'owner/data has its files at "../../x.jsonl", a pattern that is not supported',
      ));
    await t.step("a pattern of folders", () =>
      refused(
        named('"**/x.jsonl"'),
        "only the name of a file may have *",
      ));
    await t.step("an unknown format", async () => {
      put("x.zip", "PK");
      await refused(
        named("x.zip"),
        "owner/data has x.zip among its files, and only .parquet, .arrow, .jsonl, .csv, .tsv can be read",
      );
    });
    await t.step("no train", () =>
      refused(
        named("{ dev: dev.jsonl }"),
        "The README.md of owner/data names dev for its configuration default, but no train",
      ));
    await t.step("no default, and an unknown name", async () => {
      const two = named("all.jsonl", "a") + named("dev.jsonl", "b");
      await refused(two, "name a configuration after a colon, one of a, b");
      await refused(two, "give one of a, b after the colon", ":c");
    });
    await t.step("no YAML", () =>
      refused(
        "- [\n",
        "owner/data has a README.md with a YAML block that cannot be read",
      ));
  },
);
