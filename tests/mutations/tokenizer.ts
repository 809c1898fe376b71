import type { FileMutations } from "./mutation.ts";

const ALL = [
  "tests/data/tokenizer/normalizers_test.ts",
  "tests/data/tokenizer/pre_tokenizers_test.ts",
  "tests/data/tokenizer/pipeline_test.ts",
];
const MODELS = ["tests/data/tokenizer/models_test.ts", ...ALL];
const CLASS = ["tests/data/tokenizer/tokenizer_class_test.ts"];

/** Mutations in the parts of the tokenizer. */
export const TOKENIZER: readonly FileMutations[] = [
  {
    file: "lib/data/tokenizer/unicode.ts",
    tests: ALL,
    changes: [
      ['text.replaceAll("Σ", "σ")', "text"],
      ["\\u{2b920}-\\\\u{2ceaf}", "\\u{2b820}-\\\\u{2ceaf}"],
      ["i % 2 === 0 ? part.normalize(form) : part", "part.normalize(form)"],
    ],
  },
  {
    file: "lib/data/tokenizer/normalizers.ts",
    tests: ALL,
    changes: [
      ["? lowers\n", "? false\n"],
      ['" $& "', '"$& "'],
      ['text === "" ? "" : prefix + text', "prefix + text"],
    ],
  },
  {
    file: "lib/data/tokenizer/precompiled.ts",
    tests: ALL,
    changes: [
      ["const MOST_BYTES = 5;", "const MOST_BYTES = 1;"],
    ],
  },
  {
    file: "lib/data/tokenizer/added_tokens.ts",
    tests: ["tests/data/tokenizer/added_tokens_test.ts"],
    changes: [
      ["token.isSingleWord &&", "false &&"],
      ["if (token.stripsRight) {", "if (token.stripsLeft) {"],
      ["b.length - a.length", "a.length - b.length"],
    ],
  },
  {
    file: "lib/data/tokenizer/word_piece.ts",
    tests: MODELS,
    changes: [
      ["Array.from(word).length > most", "true"],
      ["start > 0 ? prefix + part : part", "part"],
    ],
  },
  {
    file: "lib/data/tokenizer/byte_pair.ts",
    tests: MODELS,
    changes: [
      [
        "if (pending !== undefined && !fusesUnknown)",
        "if (pending !== undefined)",
      ],
      ["rank === undefined || ids[rank] !== id", "rank === undefined"],
      ["keys[child + 1]! < keys[child]!", "false"],
    ],
  },
  {
    file: "lib/data/tokenizer/unigram.ts",
    tests: MODELS,
    changes: [
      ["sum <= best[end]!", "sum < best[end]!"],
      [
        "vocabulary.set(token, id);\n    scores.push(scoreOf(score));",
        "vocabulary.set(token, id);\n    scores.push(score);",
      ],
      ["lowest - UNKNOWN_PENALTY", "lowest + UNKNOWN_PENALTY"],
    ],
  },
  {
    file: "lib/data/tokenizer/split.ts",
    tests: ALL,
    changes: [
      ["isMatch && !before", "isMatch"],
      ["piece.isFirst && start === 0", "piece.isFirst"],
    ],
  },
  {
    file: "lib/data/tokenizer/pattern.ts",
    tests: ALL,
    changes: [
      ["isInsidePair(text, m.index)", "false"],
      ['m[0] !== "" || last !== end', "true"],
    ],
  },
  {
    file: "lib/data/tokenizer/oniguruma.ts",
    tests: ["tests/data/tokenizer/oniguruma_test.ts", ...ALL],
    changes: [
      ["most > 1 && part.varies", "false"],
      ["part.repetitions + (isMany ? 1 : 0)", "part.repetitions"],
      ["(?<=\\\\n)(?=[^])", "(?<=\\\\n)"],
    ],
  },
  {
    file: "lib/data/tokenizer/template.ts",
    tests: ALL,
    changes: [
      ["const untyped = { ...second, type: 0 };", "const untyped = second;"],
      ["if (known === id) return id;", "if (known !== undefined) return id;"],
    ],
  },
  {
    file: "lib/data/tokenizer/tokenizer_class.ts",
    tests: CLASS,
    changes: [
      ["if (!isBuilt || inConfig === undefined) {", "{"],
      ["key in config ? undefined : defaults[key]", "defaults[key]"],
    ],
  },
  {
    file: "lib/data/tokenizer/tokenizer_classes.ts",
    tests: CLASS,
    changes: [
      [
        '"do_lower_case": true,\n  "strip_accents": null,',
        '"do_lower_case": false,\n  "strip_accents": null,',
      ],
      ['?? "BertTokenizer"', '?? "PreTrainedTokenizerFast"'],
    ],
  },
  {
    file: "lib/data/tokenizer/tokenizer_classes.ts",
    tests: ["tests/data/tokenizer/tokenizer_classes_test.ts"],
    changes: [
      ['if (type === "modernbert") return PLAIN_CLASS;', ""],
      ["...pieces(context, 1),", "...pieces(context, 0),"],
      ["normalizer: precompiledOf(content) ?? null,", ""],
      ["model: unigram(content, Math.max(0, unknown)),", ""],
      [
        "normalizer: null,\n        pre_tokenizer: { ...bytes, add_prefix_space",
        "pre_tokenizer: { ...bytes, add_prefix_space",
      ],
      ["unknown < 0 ? 1 : unknown", "1"],
    ],
  },
  {
    file: "lib/data/tokenizer/class_parts.ts",
    tests: ["tests/data/tokenizer/tokenizer_classes_test.ts"],
    changes: [
      ['[...single, "B", sep], idOf, 1)', '[...single, "B", sep], idOf, 0)'],
      ['type === "Precompiled"', 'type === "NFKC"'],
    ],
  },
  {
    file: "lib/data/tokenizer.ts",
    tests: ["tests/data/tokenizer/tokenizer_classes_test.ts"],
    changes: [
      ["this.#hasTokenTypes ? type : 0", "type"],
      ["?? tokenizerClass?.tokens[key]", ""],
    ],
  },
  {
    file: "lib/data/tokenizer/saved.ts",
    tests: CLASS,
    changes: [
      ["part.normalizer ?? null,", "null,"],
      ["...Object.keys(settings).slice(0, 1),", ""],
    ],
  },
];
