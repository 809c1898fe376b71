import { assertEquals, assertRejects } from "@std/assert";
import { writeArrow } from "../../lib/data/arrow.ts";
import { Dataset } from "../../lib/data/dataset.ts";
import { loadDataset } from "../../lib/data/load_dataset.ts";
import { needs } from "../helpers/permissions.ts";
import { tempFolder } from "../helpers/temp_folder.ts";

const ROWS = [
  { sentence1: "It rains.", sentence2: 'Rain "falls".', label: 1 },
  { sentence1: "It rains.", sentence2: "It snows.", label: 0 },
];

/** The rows above in each format. */
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
};

/** Writes files into a folder of their own and calls `test` with its path. */
async function withFiles(
  files: Record<string, string | Uint8Array>,
  test: (path: string) => Promise<void>,
): Promise<void> {
  await using folder = await tempFolder();
  for (const [name, content] of Object.entries(files)) {
    await Deno.writeFile(
      `${folder.path}/${name}`,
      typeof content === "string" ? new TextEncoder().encode(content) : content,
    );
  }
  await test(folder.path);
}

Deno.test(
  needs("loadDataset() reads each format, and a mixture", "read", "write"),
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
  needs("loadDataset() says what a folder lacks", "read", "write"),
  async (t) => {
    const cases = [
      {
        name: "no validation split",
        files: { "train.tsv": FILES.tsv, "dev.tsv": FILES.tsv },
        Error: Error,
        message:
          "it has no validation split; looked for validation.arrow, validation.tsv, validation.csv, validation.jsonl and found dev.tsv, train.tsv",
      },
      {
        name: "Parquet",
        files: { "train.parquet": "PAR1" },
        Error: Error,
        message:
          "it has no train split; looked for train.arrow, train.tsv, train.csv, train.jsonl and found train.parquet; Parquet cannot be read, convert it to one of these",
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
          "it has train.tsv and train.csv for one split; remove or rename all but one",
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
        name: "a torn Arrow file",
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
        "Cannot read tests/tmp/none: there is no such file or folder",
      );
    });
  },
);
