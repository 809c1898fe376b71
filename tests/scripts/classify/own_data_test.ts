import { assertEquals, assertRejects } from "@std/assert";
import type { ProblemType } from "../../../mod.ts";
import type { ClassifyOptions } from "../../../scripts/classify/flags.ts";
import { loadTask, type TaskData } from "../../../scripts/classify/data.ts";
import { rowNumbersOf, textsOf } from "../../../scripts/classify/task_rows.ts";
import { needs } from "../../helpers/permissions.ts";
import { printed } from "../../helpers/printed.ts";
import { type TempFolder, tempFolder } from "../../helpers/temp_folder.ts";

const NO_NAMES = ["LABEL_0", "LABEL_1"];

/** Loads files, with the lines that it prints. */
async function load(
  folder: TempFolder,
  files: Record<string, string>,
  more: Partial<ClassifyOptions> = {},
): Promise<TaskData & { lines: string[] }> {
  for (const [name, text] of Object.entries(files)) {
    await Deno.mkdir(`${folder.path}/${name}`.replace(/[^/]*$/, ""), {
      recursive: true,
    });
    await Deno.writeTextFile(`${folder.path}/${name}`, text);
  }
  const [first] = Object.keys(files);
  const isFolder = first!.includes("/");
  using output = printed();
  const options = { seed: 1, ...more } as ClassifyOptions;
  const data = `${folder.path}/${isFolder ? first!.split("/")[0] : first}`;
  const task = await loadTask({ ...options, data }, NO_NAMES);
  const lines = output.lines
    .map((line) => line.replaceAll(`${folder.path}/`, ""));
  return { ...task, lines };
}

const LABELS = ["spam", "ham", "ham", "ham"];
const csv = (count: number) =>
  Array.from(
    { length: count },
    (_, i) => `M${i},the message number ${i},${LABELS[i % 4]}\n`,
  ).join("");

Deno.test(
  needs("loadTask() divides one messy file by its labels", "read", "write"),
  async () => {
    await using folder = await tempFolder();
    const text = `id,message,intent\nA,,spam\nB,no label,\n${csv(40)}`;
    const loaded = await load(folder, { "m.csv": text }, {
      validationSplit: 0.2,
      testSplit: 0.1,
    });
    const { rows, labels, task, lines } = loaded;
    assertEquals(lines, [
      "Text column: message; label column: intent",
      "m.csv: 2 of 42 rows left out, 1 without text (row 0), 1 without label (row 1)",
      "m.csv: 28 rows for training, 8 for validation, 4 for testing",
      "2 labels: ham, spam",
    ]);
    assertEquals(labels.names, ["ham", "spam"]);
    assertEquals(task.isTested, true);
    const spam = rows.names.map((name) =>
      rows.split(name).column("labels").filter((label) => label === 1).length
    );
    assertEquals(spam, [7, 2, 1]);
    // Row numbers are those of the file, with the rows that were left out.
    assertEquals(
      rowNumbersOf(loaded, "test")
        .map((row) => [`the message number ${row - 2}`]),
      textsOf(loaded, "test"),
    );
  },
);

Deno.test(
  needs(
    "loadTask() tells the kind of the labels, which a flag may name",
    "read",
    "write",
  ),
  async () => {
    await using folder = await tempFolder();
    const jsonl = (values: readonly unknown[]) =>
      Array.from(
        { length: 12 },
        (_, i) =>
          JSON.stringify({ text: `t ${i}`, label: values[i % values.length] }) +
          "\n",
      ).join("");
    const kind = async (
      values: readonly unknown[],
      more: Partial<ClassifyOptions> = {},
    ) => {
      const { labels } = await load(folder, { "m.jsonl": jsonl(values) }, more);
      return [labels.head.problemType, labels.names];
    };
    const problemType = "regression";
    assertEquals(await kind([1, 2, 3]), [
      "single_label_classification",
      ["1", "2", "3"],
    ]);
    assertEquals(await kind([1, 2, 3], { problemType }), [
      problemType,
      undefined,
    ]);
    assertEquals(await kind([0.5, 2, 3]), [problemType, undefined]);
    assertEquals(
      await kind([0.5, 2], { problemType: "single_label_classification" }),
      ["single_label_classification", ["0.5", "2"]],
    );
    const sets = ["multi_label_classification", ["a", "b"]] as [
      ProblemType,
      string[],
    ];
    assertEquals(await kind([["a"], ["a", "b"], []]), sets);
    assertEquals(await kind(["a", "b;a"], { labelSeparator: ";" }), sets);
    // Of several labels a row an empty text is none, and a word is a label.
    assertEquals(
      await kind(["1", "nan", ""], { labelSeparator: ";" }),
      [sets[0], ["1", "nan"]],
    );
    for (
      const [values, more, message] of [
        [
          [["a"], ["b"]],
          { problemType },
          'excludes the lists in column "label"',
        ],
        [
          ["a,b"],
          { problemType, labelSeparator: "," },
          "excludes --label-separator ,",
        ],
        [
          ["a,b"],
          { problemType: "multi_label_classification" },
          "name the character between two of them with --label-separator",
        ],
      ] as const
    ) {
      await assertRejects(
        () => load(folder, { "m.jsonl": jsonl(values) }, more),
        Error,
        message,
      );
    }
  },
);

Deno.test(
  needs("loadTask() reads a folder, and columns of 0 and 1", "read", "write"),
  async () => {
    await using folder = await tempFolder();
    const file = "text,toxic,rude\na b,1,0\nc d,0,0\ne f,1,1\n,1,1\ng h,,1\n";
    const files = {
      "d/train.csv": file,
      "d/validation.csv": file,
      "d/test.csv": "text\nx y\n\n",
    };
    const labelColumn = "toxic,rude";
    const { rows, labels, lines, task } = await load(folder, files, {
      labelColumn,
    });
    assertEquals(rows.train.column("labels"), [[1, 0], [0, 0], [1, 1]]);
    assertEquals(rows.names, ["train", "validation", "test"]);
    assertEquals([labels.names, task.isTested], [["toxic", "rude"], false]);
    assertEquals(lines.slice(0, 2), [
      "Text column: text; label columns: toxic, rude",
      "d/train.csv: 2 of 5 rows left out, 1 without text (row 3), 1 without label (row 4); a row with none of the labels has an empty list, [], in JSON and JSONL, or 0 in a column for each label",
    ]);
    assertEquals(lines.at(-1), "2 labels, several for each row: toxic, rude");
    for (const share of ["validationSplit", "testSplit"] as const) {
      await assertRejects(
        () => load(folder, files, { labelColumn, [share]: 0.2 }),
        RangeError,
        `0.2 divides one file, and ${folder.path}/d is a folder with a validation split: leave it out`,
      );
    }
    await assertRejects(
      () =>
        load(folder, { ...files, "d/validation.csv": "text,toxic\na b,1\n" }, {
          labelColumn,
        }),
      RangeError,
      'd/validation.csv has no column "rude", only text, toxic: name one of these with --label-column',
    );
  },
);

Deno.test(
  needs(
    "loadTask() warns of labels with one training row, in a file of many",
    "read",
    "write",
  ),
  async () => {
    await using folder = await tempFolder();
    const text = `id,message,intent\n${csv(120)}X,a rare one,rare\n`;
    const { lines, labels } = await load(folder, { "m.csv": text });
    assertEquals(labels.names, ["ham", "rare", "spam"]);
    assertEquals(
      lines.at(-1),
      "Warning: 1 of 3 labels have fewer than two training rows, from which little is learned: rare",
    );
  },
);

Deno.test(
  needs(
    "loadTask() warns of a first row that is read as a header, and refuses thresholds and labels that do not fit",
    "read",
    "write",
  ),
  async () => {
    await using folder = await tempFolder();
    const rows = csv(40).replaceAll(/^M\d+,/gm, "");
    const warned = async (text: string, more: Partial<ClassifyOptions> = {}) =>
      (await load(folder, { "m.csv": text }, more)).lines
        .filter((line) => line.startsWith("Warning"));
    assertEquals(await warned(rows), [
      'Warning: the first line of m.csv is read as the names of its columns, and "spam" is also a label: if it is a row, write a line with names above it, such as text and label',
    ]);
    assertEquals(await warned(rows, { labelColumn: "spam" }), []);
    assertEquals(await warned(`text,label\n${rows}`), []);
    const scores = rows.replaceAll("ham", "1").replaceAll("spam", "0.5");
    for (
      const [text, labels] of [[rows, "one label"], [scores, "a number"]]
    ) {
      await assertRejects(
        () =>
          load(folder, { "m.csv": `text,label\n${text}` }, {
            tuneThresholds: true,
          }),
        TypeError,
        `--tune-thresholds is for several labels a row, and each row has ${labels}: leave it out`,
      );
    }
    const json = Array.from(
      { length: 20 },
      (_, i) => JSON.stringify({ text: `the text ${i}`, label: { a: 1 } }),
    ).join("\n");
    await assertRejects(
      () => load(folder, { "m.jsonl": json }),
      RangeError,
      'has labels of type object in column "label": they must be all text',
    );
  },
);
