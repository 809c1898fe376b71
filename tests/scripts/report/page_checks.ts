import { assert, assertEquals, assertMatch } from "@std/assert";

/** Elements without an end tag. */
const VOID = new Set(["meta", "br"]);

interface Tag {
  readonly tag: string;
  readonly isEnd: boolean;
  readonly name: string;
  readonly attributes: string;
}

/** Tags of a page, without those in its style sheet. */
function* tagsOf(page: string): Iterable<Tag> {
  const body = page.replace(/<style>[^<]*<\/style>/, "");
  for (
    const [tag, slash, name, attributes] of body.matchAll(
      /<(\/?)([a-zA-Z][\w-]*)((?:\s+[\w:-]+(?:="[^"]*")?)*)\s*\/?>/g,
    )
  ) {
    yield { tag, isEnd: slash !== "", name: name!, attributes: attributes! };
  }
}

/** Asserts that a page is whole, needs nothing else, and can be read without seeing it. */
export function checkPage(page: string): void {
  assertMatch(page, /^<!DOCTYPE html>\s+<html lang="en">/);
  assertMatch(page, /<meta name="viewport"/);
  assert(page.includes(`content="default-src 'none'; style-src`));
  // Every "<" begins a tag.
  const tags = [...tagsOf(page)];
  const text = page.replace(/<style>[^<]*<\/style>|<!DOCTYPE html>/g, "");
  assertEquals(text.split("<").length - 1, tags.length);
  checkNesting(tags);
  for (const { tag, name, attributes, isEnd } of tags) {
    assert(!/^(script|link|img|iframe|object|form)$/.test(name), tag);
    assert(!/\s(on\w+|src)=/.test(attributes.replaceAll(/"[^"]*"/g, "")), tag);
    const [, address] = /href="([^"]*)"/.exec(attributes) ?? [];
    if (address) {
      assertMatch(address, /^#[a-z]+$/);
      assert(page.includes(`id="${address.slice(1)}"`), address);
    }
    if (name === "svg" && !isEnd) {
      assertMatch(tag, /role="img" aria-label="[^"]{20,}"/);
    }
    if (name === "th" && !isEnd) assertMatch(tag, /scope="(row|col)"/);
  }
  const ids = [...page.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
  assertEquals(new Set(ids).size, ids.length, "each id is of one element");
  const count = (name: string) =>
    tags.filter((tag) => tag.name === name && !tag.isEnd).length;
  assertEquals(count("h1"), 1);
  assertEquals(count("table"), count("caption"));
  assertEquals(count("figure"), count("figcaption"));
  assertEquals(count("section"), count("h2"));
  checkHeadings(tags);
}

function checkNesting(tags: readonly Tag[]): void {
  const open: string[] = [];
  for (const { tag, name, isEnd } of tags) {
    if (isEnd) assertEquals(open.pop(), name, tag);
    else if (!VOID.has(name) && !tag.endsWith("/>")) open.push(name);
  }
  assertEquals(open, []);
}

function checkHeadings(tags: readonly Tag[]): void {
  let last = 0;
  for (const { name, isEnd } of tags) {
    const [, level] = /^h(\d)$/.exec(name) ?? [];
    if (!level || isEnd) continue;
    assert(Number(level) <= last + 1, `${name} after h${last}`);
    last = Number(level);
  }
}
