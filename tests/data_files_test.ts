import { assert, assertEquals, assertNotEquals } from "@std/assert";
import readme from "../data/README.md" with { type: "text" };
import { makeModel } from "../data/make_model.ts";
import { makePairs, SEED, toArrow } from "../data/make_pairs.ts";
import { readArrow } from "../lib/data/arrow.ts";
import { Tokenizer } from "../lib/data/tokenizer.ts";
import { needs, ROOT } from "./helpers/permissions.ts";

const SPLITS = makePairs(SEED);
const ROWS = Object.values(SPLITS).flat();
const SENTENCES = ROWS.flatMap((row) => [row.sentence1, row.sentence2]);

/** The files of `data/` that the programs there make, by name. */
function makeFiles(): Map<string, Uint8Array<ArrayBuffer>> {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const [split, pairs] of Object.entries(SPLITS)) {
    files.set(`pairs/${split}.arrow`, Uint8Array.from(toArrow(pairs)));
  }
  for (const [name, text] of Object.entries(makeModel())) {
    files.set(`model/${name}`, new TextEncoder().encode(text));
  }
  return files;
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

function makeTokenizer(): Tokenizer {
  const files = makeModel();
  return Tokenizer.fromJson(
    files["tokenizer.json"]!,
    files["tokenizer_config.json"],
  );
}

Deno.test("data/README.md has the SHA-256 of what the programs make", async () => {
  const digests: string[] = [];
  for (const [name, bytes] of makeFiles()) {
    digests.push(`${await sha256(bytes)}  ${name}`);
  }
  const listed = readme.match(/[0-9a-f]{64} {2}\S+/g) ?? [];
  assertEquals(listed.sort(), digests.sort());
});

Deno.test({
  ...needs("the files of data/ are what the programs make", "read"),
  async fn() {
    for (const [name, made] of makeFiles()) {
      const bytes = await Deno.readFile(new URL(`data/${name}`, ROOT));
      assertEquals(await sha256(bytes), await sha256(made), name);
    }
  },
});

Deno.test("makePairs() gives the same rows for the same seed, others for another", () => {
  assertEquals(makePairs(SEED), SPLITS);
  assertNotEquals(makePairs(SEED + 1), SPLITS);
});

Deno.test("makePairs() gives two thirds of paraphrases, and the kinds that the README counts", () => {
  const denies = /\b(not|no|called off)\b/;
  for (
    const [size, split] of [[480, "train"], [120, "validation"], [
      120,
      "test",
    ]] as const
  ) {
    const rows = SPLITS[split];
    const denied = rows.filter((row) =>
      denies.test(row.sentence1) || denies.test(row.sentence2)
    );
    assertEquals(rows.map((row) => row.idx), [...Array(size).keys()]);
    assertEquals(rows.filter((row) => row.label === 1).length, size * 2 / 3);
    assertEquals(denied.length, size / 5);
    assert(denied.every((row) => row.label === 0));
  }
});

Deno.test("makePairs() makes no sentence twice, and leaves no blank in one", () => {
  assertEquals(new Set(SENTENCES).size, SENTENCES.length);
  for (const sentence of SENTENCES) {
    assert(/^[A-Z][\w ,$'-]+\.$/.test(sentence), sentence);
    assert(!sentence.includes("undefined"), sentence);
    assert(!/\ba [aeio8]|\ba 1[18]\b/i.test(sentence), sentence);
  }
});

Deno.test("toArrow() keeps rows, and the names of the labels", () => {
  const dataset = readArrow(toArrow(SPLITS.test), "test.arrow");
  assertEquals([...dataset], SPLITS.test.map((row) => ({ ...row })));
  assertEquals(dataset.labelNames("label"), ["not_equivalent", "equivalent"]);
});

Deno.test("makeModel() gives a tokenizer that knows every word of the pairs", () => {
  const tokenizer = makeTokenizer();
  const config = JSON.parse(makeModel()["config.json"]!);
  const unknown = tokenizer.encode("\u03a9").inputIds[1]!;
  for (const row of ROWS) {
    const { inputIds } = tokenizer.encode(row.sentence1, row.sentence2);
    const words = `${row.sentence1} ${row.sentence2}`.match(/\w+|[^\w\s]/g)!;
    assertEquals(inputIds.length, words.length + 3); // [CLS] and twice [SEP]
    assert(inputIds.length <= config.max_position_embeddings);
    assert(inputIds.every((id) => id < config.vocab_size && id !== unknown));
  }
});

// AutoTokenizer of transformers 5.23.0 on data/model gives these ids.
Deno.test("makeModel() gives a tokenizer that spells other words, as transformers does", () => {
  assertEquals(
    makeTokenizer().encode("Orbex lost 2-0, a Zebra said.", "Never!"),
    {
      // deno-fmt-ignore
      inputIds: [2, 300, 267, 65, 17, 63, 16, 37, 62, 77, 74, 90, 73, 332, 18, 3, 50, 77, 94, 77, 90, 5, 3],
      tokenTypeIds: [...Array(16).fill(0), ...Array(7).fill(1)],
      attentionMask: Array(23).fill(1),
    },
  );
});
