import { assert, assertEquals, assertThrows } from "@std/assert";
import { translate } from "../../../lib/data/tokenizer/oniguruma.ts";

// Matches are compared in pre_tokenizers_test.ts.

Deno.test("translate() starts no line after the last line break, as Oniguruma", () => {
  const starts = (text: string) =>
    [...text.matchAll(new RegExp(translate("^", "f"), "gu"))]
      .map(({ index }) => index);
  assertEquals(starts("a\nb"), [0, 2]);
  assertEquals(starts("a\n"), [0]);
});

Deno.test("translate() refuses what may take forever", () => {
  const nested = "repeats a part of varying length, which may take forever";
  const cases = [
    ["(a+)+$", nested],
    ["(?:a|a)*$", nested],
    ["(?:a?){30}b", nested],
    ["(a{1,2}){2,}", nested],
    ["a*a*a*b", "has 3 unbounded repetitions in a row"],
    ["a{0,99}a{0,99}(?:a{0,99}|b)c", "has 3 unbounded repetitions in a row"],
  ] as const;
  for (const [regex, message] of cases) {
    assertThrows(() => translate(regex, "f"), SyntaxError, message);
  }
  const start = performance.now();
  const regex = new RegExp(
    translate(String.raw`\s*[\r\n]+|\s+(?!\S)`, "f"),
    "u",
  );
  assert(!regex.test("x".repeat(1e6)));
  assert(performance.now() - start < 5000);
});

Deno.test("translate() refuses what it does not understand", () => {
  const cases = [
    ["(?i:ß)", 'has "(?i:ß)", which is not supported'],
    ["(?i:ss)", 'has "(?i:ss)"'],
    ["(?i:[a-z])", 'has "(?i:[a-z])"'],
    ["(?<name>a)", 'has "(?<n"'],
    ["(?m:.)", 'has "(?m:"'],
    [String.raw`a\b`, String.raw`has "\b"`],
    [String.raw`(a)\1`, String.raw`has "\1"`],
    [String.raw`\p{Alpha}`, String.raw`has "\p{Alpha}"`],
    [String.raw`[\W]`, String.raw`has "\W"`],
    ["[[:alpha:]]", 'has "[…[:"'],
    ["[a&&b]", 'has "[…&&"'],
    ["[]", 'has "[]"'],
    ["[a", 'has a "[" without its "]"'],
    ["(a", 'has a "(" without its ")"'],
    ["a)", 'has ")"'],
    ["a**", 'has "*"'],
    ["[b-a]", "is not understood"],
    ["a{3,2}", 'has "{3,2}"'],
    ["\\", 'has "\\"'],
  ] as const;
  for (const [regex, message] of cases) {
    assertThrows(
      () => translate(regex, "tokenizer.json"),
      SyntaxError,
      `Cannot use tokenizer.json: the regular expression ${
        JSON.stringify(regex)
      } ${message}`,
    );
  }
});
