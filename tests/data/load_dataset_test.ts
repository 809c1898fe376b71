import { assertEquals, assertRejects } from "@std/assert";
import { writeArrow } from "../../lib/data/write_arrow.ts";
import { Dataset } from "../../lib/data/dataset.ts";
import { loadDataset } from "../../lib/data/load_dataset.ts";
import parquet from "./fixtures/parquet.json" with { type: "json" };
import { needs } from "../helpers/permissions.ts";
import { tempFolder } from "../helpers/temp_folder.ts";

const ROWS = [
  { sentence1: "It rains.", sentence2: 'Rain "falls".', label: 1 },
  { sentence1: "It rains.", sentence2: "It snows.", label: 0 },
];

/** These rows in each format. */
const FILES = {
  arrow: writeArrow(
    new Dataset({
      sentence1: ROWS.map((row) => row.sentence1),
      sentence2: ROWS.map((row) => row.sentence2),
      label: ROWS.map((row) => row.label),
    }),
  ),
  tsv: "sentence1\tsentence2\tlabel\n" +
    'It rains.\tRain "falls".\t1\nIt rains.\tIt snows.\t0\n',
  csv: "\ufeffsentence1,sentence2,label\r\n" +
    'It rains.,"Rain ""falls"".",1\r\nIt rains.,It snows.,0\r\n',
  jsonl: ROWS.map((row) => JSON.stringify(row)).join("\n"),
  json: JSON.stringify({ data: ROWS }),
};

const fromBase64 = (text: string) => Uint8Array.fromBase64(text);
/** Two shards, and a file with all of their rows. */
const PARQUET = {
  train0: fromBase64(parquet.files.shard0),
  train1: fromBase64(parquet.files.shard1),
  validation: fromBase64(parquet.files.gzip),
};
const HUB_FILES = {
  "train-00000-of-00002.parquet": PARQUET.train0,
  "train-00001-of-00002.parquet": PARQUET.train1,
  "validation-00000-of-00001.parquet": PARQUET.validation,
};

/** Writes files into a new folder and calls `test` with its path. */
async function withFiles(
  files: Record<string, string | Uint8Array>,
  test: (path: string) => Promise<void>,
): Promise<void> {
  await using folder = await tempFolder();
  for (const [name, content] of Object.entries(files)) {
    const path = `${folder.path}/${name}`;
    await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    await Deno.writeFile(
      path,
      typeof content === "string" ? new TextEncoder().encode(content) : content,
    );
  }
  await test(folder.path);
}

Deno.test(
  needs("loadDataset() loads each format, and a mixture", "read", "write"),
  async (t) => {
    for (const [extension, content] of Object.entries(FILES)) {
      await t.step(extension, async () => {
        const files = {
          [`train.${extension}`]: content,
          "validation.jsonl": FILES.jsonl,
        };
        await withFiles(files, async (path) => {
          const dict = await loadDataset(path);
          assertEquals([...dict.train], ROWS);
          assertEquals([...dict.validation], ROWS);
          assertEquals(dict.test, undefined);
          assertEquals(dict.train.source, `${path}/train.${extension}`);
        });
      });
    }
    await t.step("test split", async () => {
      const files = {
        "train.csv": FILES.csv,
        "validation.csv": FILES.csv,
        "test.tsv": "sentence1\tsentence2\tlabel\nA\tB\t-1\n",
        "notes.txt": "",
      };
      await withFiles(files, async (path) => {
        assertEquals((await loadDataset(path)).test!.at(0).label, -1);
      });
    });
  },
);

Deno.test(
  needs(
    "loadDataset() loads folders in the layout of the Hub",
    "read",
    "write",
  ),
  async (t) => {
    for (const folder of ["", "data/", "mrpc/"]) {
      await t.step(folder, async () => {
        const files = Object.entries(HUB_FILES)
          .map(([name, content]) => [`${folder}${name}`, content]);
        await withFiles(Object.fromEntries(files), async (path) => {
          const dict = await loadDataset(path);
          assertEquals([...dict.train], parquet.rows);
          assertEquals([...dict.validation], parquet.rows);
          assertEquals(dict.train.labelNames("label"), [
            "not_equivalent",
            "equivalent",
          ]);
        });
      });
    }
  },
);

Deno.test(
  needs("loadDataset() loads splits of other names", "read", "write"),
  async () => {
    const files = {
      "train.tsv": FILES.tsv,
      "validation_matched.tsv": FILES.tsv,
      "validation_mismatched.csv": FILES.csv,
    };
    await withFiles(files, async (path) => {
      const dict = await loadDataset(path, {
        splits: ["train", "validation_mismatched"],
      });
      assertEquals(dict.names, [
        "train",
        "validation_matched",
        "validation_mismatched",
      ]);
      assertEquals([...dict.split("validation_mismatched")], ROWS);
      await assertRejects(
        () => loadDataset(path),
        Error,
        "it has no validation split",
      );
    });
  },
);

Deno.test(
  needs("loadDataset() loads one file as train", "read", "write"),
  async () => {
    for (const [extension, content] of Object.entries(FILES)) {
      await withFiles({ [`my data.${extension}`]: content }, async (path) => {
        const file = `${path}/my data.${extension}`;
        const dict = await loadDataset(file);
        assertEquals(dict.names, ["train"]);
        assertEquals([...dict.train], ROWS);
        assertEquals(dict.train.source, file);
        await assertRejects(
          () => loadDataset(file, { splits: ["train", "validation"] }),
          Error,
          `Cannot load ${file}: it is one file, which has no validation split; divide it with trainTestSplit, or give a folder with train, validation`,
        );
      });
    }
    const files = { "a.csv": "text;label\n", "b.txt": "x" };
    await withFiles(files, async (path) => {
      await assertRejects(
        () => loadDataset(`${path}/a.csv`),
        RangeError,
        `Cannot read ${path}/a.csv: it has no rows`,
      );
      await assertRejects(
        () => loadDataset(`${path}/b.txt`),
        RangeError,
        `Cannot read ${path}/b.txt: its extension must be one of`,
      );
      await assertRejects(
        () => loadDataset(`${path}/c.csv`),
        Error,
        `Cannot read ${path}/c.csv: there is no such file or folder`,
      );
    });
  },
);

Deno.test(
  needs("loadDataset() reports missing splits and bad files", "read", "write"),
  async (t) => {
    const cases = [
      {
        name: "no validation split",
        files: { "train.tsv": FILES.tsv, "dev.tsv": FILES.tsv },
        Error: Error,
        message:
          "it has no validation split; looked for validation.arrow, validation.parquet, validation.tsv, validation.csv, validation.jsonl, validation.json, validation-00000-of-00001.parquet and found dev.tsv, train.tsv",
      },
      {
        name: "a truncated Parquet file",
        files: {
          "train.parquet": PARQUET.train1.subarray(0, 900),
          "validation.tsv": FILES.tsv,
        },
        Error: SyntaxError,
        message:
          "train.parquet: it is not a Parquet file, or the end of it is missing; write or download it again",
      },
      {
        name: "a missing shard",
        files: { "train-00000-of-00002.parquet": PARQUET.train0 },
        Error: RangeError,
        message: "shard 00001 of 00002 of the train split is missing",
      },
      {
        name: "several configurations",
        files: { "cola/train.tsv": FILES.tsv, "rte/train.tsv": FILES.tsv },
        Error: RangeError,
        message:
          "it has the configurations cola, rte; give the folder of one of them, such as ",
      },
      {
        name: "two files for one split",
        files: {
          "train.tsv": FILES.tsv,
          "train.csv": FILES.csv,
          "validation.csv": FILES.csv,
        },
        Error: RangeError,
        message:
          "it has train.csv and train.tsv for one split; remove or rename all but one",
      },
      {
        name: "an empty file",
        files: { "train.tsv": "", "validation.tsv": FILES.tsv },
        Error: Error,
        message: "train.tsv: the file is empty; write or download it again",
      },
      {
        name: "a header alone",
        files: { "train.tsv": "a\tb\n", "validation.tsv": FILES.tsv },
        Error: RangeError,
        message: "train.tsv: it has no rows",
      },
      {
        name: "a truncated Arrow file",
        files: {
          "train.arrow": FILES.arrow.subarray(0, 300),
          "validation.tsv": FILES.tsv,
        },
        Error: SyntaxError,
        message:
          "train.arrow: it is not an Arrow file, or the end of it is missing",
      },
    ];
    for (const { name, files, Error, message } of cases) {
      await t.step(name, async () => {
        await withFiles(files, async (path) => {
          const error = await assertRejects(
            () => loadDataset(path),
            Error,
            message,
          );
          assertEquals(error.message.includes(path), true, "names the folder");
        });
      });
    }
    await t.step("no folder", async () => {
      await assertRejects(
        () => loadDataset("tests/tmp/none"),
        Deno.errors.NotFound,
        "Cannot read tests/tmp/none: there is no such file or folder; check the path",
      );
    });
    await t.step("no folder of a name on the Hub", async () => {
      await assertRejects(
        () => loadDataset("tests/none"),
        Deno.errors.NotFound,
        "Cannot read tests/none: there is no such file or folder; check the path, " +
          "or download it from the Hugging Face Hub with deno task fetch --dataset tests/none, " +
          'then call loadDataset("data/hub/datasets/tests/none")',
      );
    });
  },
);

Deno.test(
  needs(
    "loadDataset() takes the delimiter and the label columns",
    "read",
    "write",
  ),
  async () => {
    const content = "text;score;label\n1.50;2.5;1\n007;3;0\n";
    const files = { "train.csv": content, "validation.tsv": content };
    await withFiles(files, async (path) => {
      const dict = await loadDataset(path, {
        delimiter: ";",
        labelColumns: ["score"],
      });
      for (const split of [dict.train, dict.validation]) {
        assertEquals([...split], [
          { text: "1.50", score: 2.5, label: "1" },
          { text: "007", score: 3, label: "0" },
        ]);
      }
      await assertRejects(
        () => loadDataset(path),
        SyntaxError,
        'validation.tsv, line 1: "\\t" separates the columns of such a file',
      );
    });
  },
);

Deno.test("loadDataset() refuses a configuration, and names the way", async () => {
  const load: (path: string, options: never) => Promise<unknown> = loadDataset;
  for (const path of ["glue", "nyu-mll/glue"]) {
    await assertRejects(
      () => load(path, "mrpc" as never),
      TypeError,
      `Cannot load "${path}", "mrpc": the first argument is a local folder and the second an object of options; ` +
        "download the data with deno task fetch --dataset nyu-mll/glue:mrpc, " +
        'then call loadDataset("data/hub/datasets/nyu-mll/glue/mrpc")',
    );
  }
});
