import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertNotEquals,
  assertStringIncludes,
} from "@std/assert";
import readme from "../data/README.md" with { type: "text" };
import { FRAMES } from "../data/frames.ts";
import { learnWordPiece } from "../data/learn_wordpiece.ts";
import { makeModel } from "../data/make_model.ts";
import { makePairs, PAIR_KINDS, SEED, toArrow } from "../data/make_pairs.ts";
import { splitOf } from "../data/names.ts";
import {
  INTACT,
  type Mix,
  pretrainingText,
  type TextPair,
} from "../data/pretraining_text.ts";
import { HeldOutFacts } from "../data/held_out_facts.ts";
import { BRIEF, type Fact, NEWS, SHORT } from "../data/sentences.ts";
import { readArrow } from "../lib/data/arrow.ts";
import { Tokenizer } from "../lib/data/tokenizer.ts";
import { predictByWordOverlap } from "../scripts/mrpc/word_overlap_baseline.ts";
import { needs, ROOT } from "./helpers/permissions.ts";

const { splits, facts } = makePairs(SEED);
const ROWS = Object.values(splits).flat();
const SENTENCES = ROWS.flatMap((row) => [row.sentence1, row.sentence2]);
const MODEL = makeModel();

/** Makes the files of `data/` with the programs there, by name. */
function makeFiles(): Map<string, Uint8Array<ArrayBuffer>> {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const [split, pairs] of Object.entries(splits)) {
    files.set(`pairs/${split}.arrow`, Uint8Array.from(toArrow(pairs)));
  }
  for (const [name, text] of Object.entries(MODEL)) {
    files.set(`model/${name}`, new TextEncoder().encode(text));
  }
  return files;
}

/** Lists the words and numbers of a fact. */
function wordsOfFact({ values }: Fact): string[] {
  return Object.values(values)
    .flatMap((value) => value.match(/\w+/g)!);
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

function makeTokenizer(): Tokenizer {
  return Tokenizer.fromJson(
    MODEL["tokenizer.json"]!,
    MODEL["tokenizer_config.json"],
  );
}

Deno.test("data/README.md has the SHA-256 of the generated files", async () => {
  const listed: string[] = readme.match(/[0-9a-f]{64} {2}\S+/g) ?? [];
  for (const [name, bytes] of makeFiles()) {
    const line = `${await sha256(bytes)}  ${name}`;
    assert(listed.includes(line), `README.md needs ${line}`);
  }
});

Deno.test({
  ...needs("the files of data/ are those that the programs generate", "read"),
  async fn() {
    for (const [name, made] of makeFiles()) {
      const bytes = await Deno.readFile(new URL(`data/${name}`, ROOT));
      assertEquals(await sha256(bytes), await sha256(made), name);
    }
    // These take half an hour to make, so only the digest is compared.
    const name = "model/model.safetensors";
    const weights = await Deno.readFile(new URL(`data/${name}`, ROOT));
    assertStringIncludes(readme, `${await sha256(weights)}  ${name}`);
  },
});

Deno.test("makePairs() makes other rows for another seed", () => {
  assertNotEquals(makePairs(SEED + 1).splits, splits);
});

Deno.test("makePairs() makes the given number of pairs of each kind, shuffled", () => {
  const sizes = { train: 3000, validation: 500, test: 500 };
  for (const [split, rows] of Object.entries(splits)) {
    const size = sizes[split as keyof typeof sizes];
    assertEquals(rows.map(({ idx }) => idx), [...Array(size).keys()]);
    for (const [kind, of500] of Object.entries(PAIR_KINDS)) {
      const group = rows.filter((row) => row.kind === kind);
      assertEquals(group.length, size * of500 / 500, kind);
      assert(group.every(({ label }) => label === (kind === "same" ? 1 : 0)));
    }
    assertNotEquals(
      rows.slice(0, 50).map(({ label }) => label),
      Array(50).fill(1),
    );
  }
  assertEquals(PAIR_KINDS.same / 500, 0.68);
  assertAlmostEquals(PAIR_KINDS.swapped / 160, 0.2);
});

Deno.test("makePairs() puts no fact, sentence or full name of a person, company or team in two splits", () => {
  const { train, validation, test } = facts;
  for (
    const [a, b] of [[train, validation], [train, test], [
      validation,
      test,
    ]] as const
  ) {
    assert(a.size > 500 && new Set(a.keys()).isDisjointFrom(new Set(b.keys())));
  }
  assertEquals(new Set(SENTENCES).size, SENTENCES.length);
  for (const [split, known] of Object.entries(facts)) {
    for (const { frame, values } of known.values()) {
      for (const [detail, value] of Object.entries(values)) {
        const type = frame.details[detail]!;
        if (["person", "company", "team"].includes(type)) {
          assertEquals(splitOf(value), split, value);
        }
      }
    }
  }
});

Deno.test("makePairs() changes the day, month or quarter in pairs of the kind date", () => {
  const dates = (text: string) =>
    text.match(
      /\b(?:\w+day|first|second|third|fourth|January|February|March|April|May|June|July|August|September|October|November|December)\b/g,
    ) ?? [];
  for (const { kind, sentence1, sentence2 } of ROWS) {
    if (kind !== "date") continue;
    const [a, b] = [dates(sentence1), dates(sentence2)];
    assertEquals([a.length, b.length], [1, 1], sentence1);
    assertNotEquals(a, b);
  }
});

Deno.test("the sentences have no gaps or wrong articles, and start with a capital", () => {
  for (const sentence of SENTENCES) {
    assert(/^[A-Z][\w ,$%'-]+\.$/.test(sentence), sentence);
    assert(!/undefined| {2}| ,|\{|</.test(sentence), sentence);
    assert(!/\ba [aeio8]|\ba 1[18]\b|\ban [^aeio81]/i.test(sentence), sentence);
    assert(!/[a-z,] (?:A|The|Plans|Shares) /.test(sentence), sentence);
  }
});

Deno.test("word overlap gains at most five points over calling every pair equivalent", () => {
  const majority = 0.68;
  for (const rows of [splits.validation, splits.test]) {
    const predictions = predictByWordOverlap(splits.train, rows);
    const correct = rows.filter(({ label }, i) => label === predictions[i]);
    assert(correct.length / rows.length <= majority + 0.05);
  }
});

Deno.test("toArrow() keeps rows and class names", async () => {
  const dataset = await readArrow(toArrow(splits.test), "test.arrow");
  assertEquals([...dataset], splits.test.map((row) => ({ ...row })));
  assertEquals(dataset.labelNames("label"), ["not_equivalent", "equivalent"]);
});

Deno.test("learnWordPiece() merges the most frequent pairs", () => {
  const texts = ["Old old older", "oldest old"];
  const characters = [..."oldersth"].flatMap((letter) => [
    letter,
    `##${letter}`,
  ]);
  const merged = learnWordPiece(texts, characters, 100)
    .slice(characters.length);
  // o|l and l|d occur 5 times each, and o|l comes first; then ol|d, 5; old|e, 2;
  // olde|r and olde|s, once each; oldes|t.
  assertEquals(merged, ["ol", "old", "olde", "older", "oldes", "oldest"]);
  // Room for the words alone.
  assertEquals(
    learnWordPiece(texts, characters, 0).slice(characters.length).toSorted(),
    ["old", "older", "oldest"],
  );
});

Deno.test("makeModel() makes a tokenizer with every word of the pairs", () => {
  const tokenizer = makeTokenizer();
  const config = JSON.parse(MODEL["config.json"]!);
  const unknown = tokenizer.encode("\u03a9").inputIds[1]!;
  assertEquals(config.vocab_size, tokenizer.vocabSize);
  for (const row of ROWS) {
    const { inputIds } = tokenizer.encode(row.sentence1, row.sentence2);
    const words = `${row.sentence1} ${row.sentence2}`.match(/\w+|[^\w\s]/g)!;
    assertEquals(inputIds.length, words.length + 3); // [CLS] and twice [SEP]
    assert(inputIds.length <= config.max_position_embeddings);
    assert(inputIds.every((id) => id < config.vocab_size && id !== unknown));
  }
});

// The ids are those of AutoTokenizer of transformers 5.23.0 for data/model.
Deno.test("makeModel() makes a tokenizer that splits unknown words, as transformers does", () => {
  assertEquals(
    makeTokenizer().encode("Orbex lost 2-0, a Zebra said.", "Never!"),
    {
      // deno-fmt-ignore
      inputIds: [2, 619, 322, 65, 17, 63, 16, 37, 62, 77, 606, 73, 148, 18, 3, 168, 176, 5, 3],
      tokenTypeIds: [...Array(15).fill(0), ...Array(4).fill(1)],
      attentionMask: Array(19).fill(1),
    },
  );
});

Deno.test("pretrainingText() contains no fact and no sentence of validation or test", () => {
  const sentences = new Set(SENTENCES);
  const heldOut = [facts.validation, facts.test].flatMap((known) =>
    known.values().map(wordsOfFact).toArray()
  );
  for (const style of [NEWS, BRIEF, SHORT]) {
    const mix = { style, mismatched: 0.25, corrupted: 0.5, corruptions: 2 };
    for (const pair of pretrainingText(mix, 7).take(2000)) {
      for (const text of [pair.sentence1, pair.sentence2]) {
        assert(!sentences.has(text), text);
        const words = new Set(text.match(/\w+/g));
        const leaked = heldOut.find((fact) => fact.every((w) => words.has(w)));
        assertEquals(leaked, undefined, text);
      }
    }
  }
});

Deno.test("HeldOutFacts finds a fact in a text, with numbers in words or digits", () => {
  const frame = FRAMES.find(({ name }) => name === "accident")!;
  const values = {
    people: "4",
    vehicle: "train",
    city: "Boise",
    day: "Monday",
  };
  const heldOut = new HeldOutFacts([{ frame, polarity: 0, values }]);
  const text = "On Monday, four people died in a train crash near Boise.";
  assert(heldOut.appearIn(text));
  assert(heldOut.appearIn(text.replace("four", "4")));
  for (const word of ["Monday", "four", "train", "Boise"]) {
    assert(!heldOut.appearIn(text.replace(word, "some")), word);
  }
});

Deno.test("pretrainingText() yields intact, corrupted and mismatched pairs", () => {
  const take = (mix: Partial<Mix>) => [
    ...pretrainingText({ ...INTACT, ...mix }, 3).take(200),
  ];
  const intact = take({});
  const once = take({ corrupted: 1, corruptions: 1 });
  const often = take({ corrupted: 1, corruptions: 5 });
  const mismatched = take({ mismatched: 1 });
  for (const pair of intact) assertEquals(pair.nextSentenceLabel, 0);
  for (const pairs of [once, often, mismatched]) {
    for (const pair of pairs) assertEquals(pair.nextSentenceLabel, 1);
  }
  // Mean share of the words of a text that the other text has too.
  const shared = (pairs: TextPair[]) =>
    pairs.map(({ sentence1, sentence2 }) => {
      const words = new Set(sentence1.match(/\w+/g));
      const others = sentence2.match(/\w+/g)!;
      return others.filter((word) => words.has(word)).length / others.length;
    }).reduce((sum, share) => sum + share) / pairs.length;
  const shares = [intact, once, often, mismatched].map(shared);
  assertEquals(shares, shares.toSorted().toReversed());
  const mixed = take({ mismatched: 0.25, corrupted: 0.25, corruptions: 1 });
  const changed = mixed.filter((pair) => pair.nextSentenceLabel === 1).length;
  assert(changed > 80 && changed < 120, `${changed} of 200`);
});
