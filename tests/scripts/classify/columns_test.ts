import { assertEquals, assertThrows } from "@std/assert";
import { Dataset } from "../../../mod.ts";
import {
  describeColumns,
  findColumns,
  guessTextColumns,
  isColumnName,
} from "../../../scripts/classify/columns.ts";

const ROWS = 12;
const column = (value: (i: number) => unknown) =>
  Array.from({ length: ROWS }, (_, i) => value(i));
const prose = column((i) => `the parcel ${i} is late`);
const COLUMNS: Record<string, unknown[]> = {
  id: column((i) => `M-${i}`),
  received: column((i) => `2026-01-0${i % 9} 08:${10 + i}`),
  words: prose,
  notes: column((i) => `note number ${i}`),
  chinese: column((i) => `包裹没有到${i}`),
  one: column((i) => `hi${i}`),
  kind: column((i) => ["a bill", "a parcel"][i % 2]),
  channel: column((i) => ["web", "mail", ""][i % 3]),
  sparse: column((i) => ["yes", ""][i % 2]),
  lists: column((i) => [["a", "b"], []][i % 2]),
};

/** Columns of the file: names of those above, or other names for them. */
const find = (
  names: Record<string, string> | string,
  flags: { textColumns?: string; labelColumn?: string } = {},
) => {
  const columns = typeof names === "string"
    ? names.split(" ").map((name) => [name, COLUMNS[name]!] as const)
    : Object.entries(names).map(([name, of]) => [name, COLUMNS[of]!] as const);
  const { textColumns, labelColumn } = flags;
  const { text, label } = findColumns(
    new Dataset(Object.fromEntries(columns), { source: "m.csv" }),
    { textColumns, labelColumn },
  );
  return `${text} | ${label}`;
};

Deno.test("findColumns() finds columns by their names", () => {
  assertEquals(find({ id: "id", Text: "one", Label: "id" }), "Text | Label");
  // label before category, and a named text before others with words
  assertEquals(
    find({
      category: "kind",
      label: "channel",
      message: "one",
      notes: "notes",
    }),
    "message | label",
  );
  assertEquals(find({ message: "words", intent: "id" }), "message | intent");
  assertEquals(find({ message: "words", tags: "lists" }), "message | tags");
  assertEquals(
    find({ question: "words", answer: "notes", label: "kind", text: "words" }),
    "question,answer | label",
  );
});

Deno.test("findColumns() finds columns by their values", () => {
  assertEquals(find("id received words kind"), "words | kind");
  assertEquals(find("id words kind sparse"), "words | kind");
  assertEquals(find("id chinese channel"), "chinese | channel");
});

Deno.test("findColumns() takes the columns of the flags", () => {
  assertEquals(
    find("id words notes kind channel", {
      textColumns: "notes,words",
      labelColumn: "channel,kind",
    }),
    "notes,words | channel,kind",
  );
  assertEquals(
    find("words notes kind", { textColumns: "notes" }),
    "notes | kind",
  );
  assertEquals(
    find({ label: "words", intent: "kind" }, { labelColumn: "intent" }),
    "label | intent",
  );
});

Deno.test("findColumns() refuses what can be meant in two ways", async (t) => {
  const cases: [() => unknown, string][] = [
    [
      () => find("words notes kind"),
      "m.csv has the columns words, notes, kind, and words or notes may be that of the texts: name it with --text-columns, or two for pairs, separated by commas",
    ],
    [
      () => find("words kind channel"),
      "m.csv has the columns words, kind, channel, and kind or channel may be that of the labels: name it with --label-column, or several of 0 and 1 for several labels a row, separated by commas",
    ],
    [
      () => find({ label: "kind", labels: "channel", text: "words" }),
      "label or labels may be that of the labels",
    ],
    [
      () => find("id received kind"),
      "none can be told to be that of the texts",
    ],
    [() => find("id words"), "none can be told to be that of the labels"],
    [
      () => find("words kind", { textColumns: "word" }),
      'm.csv has no column "word", only words, kind: name one of these with --text-columns',
    ],
    [
      () => find("words kind", { labelColumn: "kind,x" }),
      'm.csv has no column "x", only words, kind: name one of these with --label-column',
    ],
    [
      () => find("words kind", { textColumns: "kind", labelColumn: "kind" }),
      'm.csv has its texts and its labels in column "kind": name different columns',
    ],
  ];
  for (const [run, message] of cases) {
    await t.step(message, () => void assertThrows(run, RangeError, message));
  }
});

Deno.test("guessTextColumns() needs no label, and takes none for a text", () => {
  const guess = (columns: Record<string, string>) =>
    guessTextColumns(
      new Dataset(
        Object.fromEntries(
          Object.entries(columns).map(([name, of]) => [name, COLUMNS[of]!]),
        ),
        { source: "m.csv" },
      ),
    );
  assertEquals(guess({ id: "id", words: "words" }), ["words"]);
  assertEquals(guess({ words: "words", Topic: "notes" }), ["words"]);
  assertEquals(guess({ label: "kind", category: "id", Message: "one" }), [
    "Message",
  ]);
  assertEquals(guess({ answer: "words", question: "notes" }), [
    "question",
    "answer",
  ]);
  assertThrows(
    () => guess({ words: "words", notes: "notes" }),
    RangeError,
    "m.csv has the columns words, notes, and words or notes may be that of the texts: name it with --text-columns",
  );
});

Deno.test("isColumnName() knows names of texts and labels", () => {
  for (const name of ["Message", "question2", "label", " Topic"]) {
    assertEquals(isColumnName(name), true, name);
  }
  assertEquals(isColumnName("the parcel is late"), false);
});

Deno.test("describeColumns() names one or several", () => {
  assertEquals(describeColumns({ text: ["a"] }), "Text column: a");
  assertEquals(
    describeColumns({ text: ["a", "b"], label: ["c"] }),
    "Text columns: a, b; label column: c",
  );
  assertEquals(
    describeColumns({ text: ["a"], label: ["b", "c"] }),
    "Text column: a; label columns: b, c",
  );
});
