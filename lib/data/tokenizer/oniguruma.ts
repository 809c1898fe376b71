/**
 * Regular expressions of Oniguruma, which `tokenizer.json` has, as those of
 * JavaScript. What may take forever on some text, or is not understood, is refused.
 *
 * Source: https://github.com/kkos/oniguruma/blob/v6.9.9/doc/RE
 *
 * @module
 */
import {
  CONTROL,
  eachCase,
  literal,
  Problem,
  propertySet,
  SETS,
  unsupported,
} from "./oniguruma_sets.ts";

/** Most unbounded repetitions in a row: each multiplies the time by the length of the text. */
const MOST_REPETITIONS = 2;
/** Repetitions from which a bounded quantifier counts as unbounded. */
const MANY = 16;

const QUANTIFIER = /([*+?])([?+]?)|\{(\d*)(,?)(\d*)\}(\??)/y;
const GROUP = /\((?:\?(:|=|!|<=|<!|>|i:))?/y;
const ESCAPE =
  /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|x\{([\da-fA-F]+)\}|[pP]\{(\w+)\}|[^])/uy;

/** Letters that together match one other character if case is ignored. */
const LIGATURE = /ss|f[fil]|st/i;

/** A translated part of a regular expression. */
interface Part {
  source: string;
  /** Whether the length of its match may vary. */
  varies: boolean;
  /** Unbounded repetitions, one after the other. */
  repetitions: number;
}

/**
 * Translates a regular expression.
 *
 * @param regex The regular expression of Oniguruma.
 * @param file The file that has it, for errors.
 * @returns The source of one of JavaScript, for the flag u.
 * @throws {SyntaxError} If it is not understood, or may take forever.
 */
export function translate(regex: string, file: string): string {
  try {
    const { source } = new Translator(regex).whole();
    new RegExp(source, "u");
    return source;
  } catch (cause) {
    throw new SyntaxError(
      `Cannot use ${file}: the regular expression ${JSON.stringify(regex)} ${
        cause instanceof Problem ? cause.message : "is not understood"
      }`,
      { cause },
    );
  }
}

const fixed = (source: string) => ({ source, varies: false, repetitions: 0 });

class Translator {
  #at = 0;
  #groups = 0;
  #ignoresCase = false;
  #regex: string;

  constructor(regex: string) {
    this.#regex = regex;
  }

  whole(): Part {
    const part = this.#alternatives();
    if (this.#at < this.#regex.length) throw unsupported(")");
    return part;
  }

  #alternatives(): Part {
    const parts = [this.#sequence()];
    while (this.#take("|")) parts.push(this.#sequence());
    return {
      source: parts.map(({ source }) => source).join("|"),
      varies: parts.length > 1 || parts[0]!.varies,
      repetitions: Math.max(...parts.map(({ repetitions }) => repetitions)),
    };
  }

  #sequence(): Part {
    const all = fixed("");
    while (!/^[|)]|^$/.test(this.#regex.slice(this.#at))) {
      const part = this.#quantified(this.#atom());
      all.source += part.source;
      all.varies ||= part.varies;
      all.repetitions += part.repetitions;
    }
    if (all.repetitions > MOST_REPETITIONS) {
      throw new Problem(
        `has ${all.repetitions} unbounded repetitions in a row, which may take forever; use up to ${MOST_REPETITIONS}`,
      );
    }
    return all;
  }

  #quantified(part: Part): Part {
    const match = this.#match(QUANTIFIER);
    if (match === null) return part;
    const [text, sign, mode, from, comma, to, lazy] = match;
    if (sign === undefined && !from && !to) throw unsupported(text);
    const least = sign === undefined ? Number(from) : sign === "+" ? 1 : 0;
    const most = sign === undefined
      ? (to ? Number(to) : comma ? Infinity : least)
      : sign === "?"
      ? 1
      : Infinity;
    if (least > most || least > 1000) throw unsupported(text);
    if (most > 1 && part.varies) {
      throw new Problem(
        "repeats a part of varying length, which may take forever; repeat a part of one length",
      );
    }
    const range = `{${least},${most === Infinity ? "" : most}}`;
    const isLazy = mode === "?" || lazy === "?";
    const source = part.source + range + (isLazy ? "?" : "");
    if (mode === "+") return this.#atomic(source);
    const isMany = most - least >= MANY;
    return {
      source,
      varies: part.varies || least !== most,
      repetitions: part.repetitions + (isMany ? 1 : 0),
    };
  }

  /** A group that is matched in one way only, which JavaScript does not have. */
  #atomic(source: string): Part {
    const name = `g${this.#groups++}`;
    return {
      source: `(?:(?=(?<${name}>${source}))\\k<${name}>)`,
      varies: true,
      repetitions: 0,
    };
  }

  #atom(): Part {
    const char = String.fromCodePoint(this.#regex.codePointAt(this.#at)!);
    if (char === "(") return this.#group();
    if (char === "[") return fixed(this.#class());
    if (char === "\\") return fixed(this.#escape(false));
    this.#at += char.length;
    if (/[*+?]/.test(char)) throw unsupported(char);
    if (char === ".") return fixed("[^\\n]");
    if (char === "^") return fixed("(?:(?<![^])|(?<=\\n)(?=[^]))");
    if (char === "$") return fixed("(?:(?=\\n)|(?![^]))");
    if (!this.#ignoresCase || !/[^!-@[-`{-~ ]/.test(char)) {
      return fixed(literal(char));
    }
    return fixed(`[${eachCase(char)}]`);
  }

  #group(): Part {
    const [text, kind] = this.#match(GROUP)!;
    if (text === "(" && this.#regex[this.#at] === "?") {
      throw unsupported(this.#regex.slice(this.#at - 1, this.#at + 3));
    }
    const outer = this.#ignoresCase;
    const start = this.#at;
    this.#ignoresCase ||= kind === "i:";
    const inner = this.#alternatives();
    if (!this.#take(")")) throw new Problem('has a "(" without its ")"');
    const ligature = LIGATURE.exec(this.#regex.slice(start, this.#at));
    if (this.#ignoresCase && ligature) throw unsupported(`(?i:${ligature[0]})`);
    this.#ignoresCase = outer;
    if (kind === ">") return this.#atomic(inner.source);
    if (kind === undefined || kind === ":" || kind === "i:") {
      return { ...inner, source: `(?:${inner.source})` };
    }
    return fixed(`(?:(?${kind}${inner.source}))`);
  }

  #class(): string {
    const start = this.#at++;
    const negation = this.#take("^") ? "^" : "";
    let items = "";
    let isRangeStart = false;
    while (!this.#take("]")) {
      const rest = this.#regex.slice(this.#at);
      if (rest === "") throw new Problem('has a "[" without its "]"');
      if (rest[0] === "[" || rest.startsWith("&&")) {
        throw unsupported(`[…${rest.slice(0, 2)}`);
      }
      const isRange: boolean = isRangeStart && /^-[^\]]/.test(rest);
      if (isRange) this.#at++;
      const item = this.#regex[this.#at] === "\\"
        ? this.#escape(true)
        : literal(this.#char());
      const isOne = /^\\u\{[\da-f]+\}$/i.test(item);
      if (isRange && (!isOne || rest[1] === "[")) {
        throw unsupported(`[…${rest.slice(0, 3)}`);
      }
      items += isRange ? `-${item}` : item;
      isRangeStart = isOne && !isRange;
    }
    const text = this.#regex.slice(start, this.#at);
    if (items === "") throw unsupported(text);
    if (this.#ignoresCase) {
      if (!/^\[[a-z]+\]$/i.test(text)) throw unsupported(`(?i:${text})`);
      items = Array.from(text.slice(1, -1), eachCase).join("");
    }
    return `[${negation}${items}]`;
  }

  #char(): string {
    const char = String.fromCodePoint(this.#regex.codePointAt(this.#at)!);
    this.#at += char.length;
    return char;
  }

  #escape(inClass: boolean): string {
    const match = this.#match(ESCAPE);
    if (match === null) throw unsupported("\\");
    const [text, two, four, any, property] = match;
    const hex = two ?? four ?? any;
    if (hex !== undefined) return `\\u{${hex}}`;
    const kind = text[1]!;
    const set = property === undefined
      ? SETS[kind.toLowerCase()]
      : propertySet(property);
    if (set !== undefined) {
      const isNegated = kind >= "A" && kind <= "Z";
      // \w alone also has fractions and powers
      const all = kind === "w" || kind === "W"
        ? `${set}\\xb2\\xb3\\xb9\\xbc-\\xbe`
        : set;
      if (!inClass) return `[${isNegated ? "^" : ""}${all}]`;
      if (!isNegated) return set;
      if (kind === "S") return "\\P{White_Space}";
      if (/^\\p\{[\w=]+\}$/.test(set)) return set.replace("p", "P");
    }
    if (/[A-Za-z0-9]/.test(kind) && CONTROL[kind] === undefined) {
      if (!inClass && kind === "A") return "(?<![^])";
      if (!inClass && kind === "z") return "(?![^])";
      throw unsupported(text);
    }
    return literal(CONTROL[kind] ?? text.slice(1));
  }

  #take(char: string): boolean {
    if (this.#regex[this.#at] !== char) return false;
    this.#at++;
    return true;
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#regex);
    if (match !== null) this.#at = pattern.lastIndex;
    return match;
  }
}
