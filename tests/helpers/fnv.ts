/** Hashes of golden values: see `tests/fixtures/make_tokenizers.py`. */

/** Follows each item; no UTF-16 unit or id has this value. */
const END = 0x110000;

/** FNV-1a of 32 bits over the UTF-16 units of texts, or over numbers. */
export function fnv(items: Iterable<string | ArrayLike<number>>): number {
  let value = 0x811c9dc5;
  const add = (number: number) => {
    value = Math.imul(value ^ number, 0x01000193);
  };
  for (const item of items) {
    for (let i = 0; i < item.length; i++) {
      add(typeof item === "string" ? item.charCodeAt(i) : item[i]!);
    }
    add(END);
  }
  return value >>> 0;
}

/** Every character of the planes that have some, in the blocks of the fixture. */
export function* characterBlocks(): Generator<string[]> {
  for (let first = 0; first < 0x33800; first += 0x800) yield block(first);
  yield block(0xe0000);
}

function block(first: number): string[] {
  return Array.from({ length: 0x800 }, (_, i) => first + i)
    .filter((code) => code < 0xd800 || code > 0xdfff)
    .map((code) => String.fromCodePoint(code));
}
