/**
 * The normalizer `Precompiled`: SentencePiece's map of characters, a trie.
 *
 * Source: https://docs.rs/spm_precompiled/0.1.4/src/spm_precompiled/lib.rs.html
 *
 * @module
 */

/** Graphemes of up to this many bytes are looked up as a whole. */
const MOST_BYTES = 5;

/** Characters that are graphemes by themselves, whatever is next to them. */
const SIMPLE =
  // deno-lint-ignore no-control-regex
  /^[\0-\x0c\x0e-\u02ff\u0370-\u0482\u048a-\u058f\u3000-\u3029\u3041-\u3096\u30a1-\u30ff\u3400-\u9fff\uac00-\ud7a3]*$/;

const ENCODER = new TextEncoder();

/**
 * Makes the normalizer.
 *
 * @param charsmap The map in `tokenizer.json`, in base 64.
 * @param source The file, for errors.
 * @returns The normalizer.
 * @throws {SyntaxError} If the map is damaged.
 */
export function precompiled(
  charsmap: string,
  source: string,
): (text: string) => string {
  const map = new CharacterMap(charsmap, source);
  const segmenter = new Intl.Segmenter("und", { granularity: "grapheme" });
  const cache = new Map<string, string>();
  const normalizeGrapheme = (grapheme: string) => {
    let result = cache.get(grapheme);
    if (result === undefined) {
      result = map.normalize(grapheme);
      if (cache.size < 10_000) cache.set(grapheme, result);
    }
    return result;
  };
  return (text) => {
    let result = "";
    if (SIMPLE.test(text)) {
      for (const char of text) result += normalizeGrapheme(char);
    } else {
      for (const { segment } of segmenter.segment(text)) {
        result += normalizeGrapheme(segment);
      }
    }
    return result;
  };
}

class CharacterMap {
  #units: Uint32Array;
  #texts: Uint8Array;

  constructor(charsmap: string, source: string) {
    try {
      const bytes = Uint8Array.from(atob(charsmap), (c) => c.charCodeAt(0));
      const view = new DataView(bytes.buffer);
      const size = view.getUint32(0, true);
      this.#units = Uint32Array.from(
        { length: size / 4 },
        (_, i) => view.getUint32(4 + 4 * i, true),
      );
      this.#texts = bytes.subarray(4 + size);
    } catch (cause) {
      throw new SyntaxError(
        `Cannot use ${source}: precompiled_charsmap is damaged; copy or download the file again`,
        { cause },
      );
    }
  }

  /** Normalizes a grapheme: as a whole if it is short and known, else each character. */
  normalize(grapheme: string): string {
    const bytes = ENCODER.encode(grapheme);
    const whole = bytes.length <= MOST_BYTES ? this.#find(bytes) : undefined;
    if (whole !== undefined) return whole;
    return Array.from(
      grapheme,
      (char) => this.#find(ENCODER.encode(char)) ?? char,
    ).join("");
  }

  /** Returns the text for the shortest known prefix, which stands for all bytes. */
  #find(key: Uint8Array): string | undefined {
    const units = this.#units;
    let node = offset(units[0]!);
    for (const byte of key) {
      if (byte === 0) return undefined;
      node ^= byte;
      const unit = units[node];
      if (unit === undefined || (unit & 0x800000ff) >>> 0 !== byte) {
        return undefined;
      }
      node ^= offset(unit);
      if ((unit >>> 8 & 1) === 1) return this.#text(units[node]! & 0x7fffffff);
    }
    return undefined;
  }

  #text(start: number): string {
    const end = this.#texts.indexOf(0, start);
    return new TextDecoder().decode(
      this.#texts.subarray(start, end < 0 ? undefined : end),
    );
  }
}

/** Returns the distance to the children of a unit of the trie. */
function offset(unit: number): number {
  return (unit >>> 10) << ((unit & 0x200) >>> 6);
}
