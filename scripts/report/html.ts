/**
 * HTML in which every text is escaped.
 *
 * @module
 */

/** A piece of HTML that is safe to insert. */
export class Html {
  /** The HTML. */
  readonly text: string;

  /**
   * Marks a text as HTML.
   *
   * @param text HTML whose texts are escaped.
   */
  constructor(text: string) {
    this.text = text;
  }
}

/** A value in a template: texts are escaped, lists joined, `undefined` is nothing. */
export type HtmlValue =
  | Html
  | string
  | number
  | undefined
  | readonly HtmlValue[];

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Control characters, which HTML forbids, except tab and newline. */
// deno-lint-ignore no-control-regex
const CONTROLS = /[\0-\x08\x0b-\x1f\x7f-\x9f]/g;

/** Marks of the writing direction, which could turn the text around them. */
const DIRECTION_MARKS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/**
 * Makes HTML of a template. Attributes must be in double quotes.
 *
 *     html`<td title="${title}">${text}</td>`
 *
 * @param strings The HTML between the values.
 * @param values The values.
 * @returns The HTML.
 */
export function html(
  strings: TemplateStringsArray,
  ...values: readonly HtmlValue[]
): Html {
  return new Html(
    strings.map((string, i) => string + toText(values[i])).join(""),
  );
}

function toText(value: HtmlValue): string {
  if (value === undefined) return "";
  if (value instanceof Html) return value.text;
  if (typeof value === "object") return value.map(toText).join("");
  return clean(`${value}`).replaceAll(/[&<>"']/g, (c) => ENTITIES[c]!);
}

/**
 * Replaces control characters and halves of surrogate pairs by `�`.
 *
 * @param text A text.
 * @returns The text, which HTML and SVG can hold.
 */
export function clean(text: string): string {
  return text.toWellFormed().replaceAll(CONTROLS, "\ufffd");
}

/**
 * Shortens a text for a name in a table or chart, and leaves out direction marks.
 *
 * @param text A text.
 * @param length Number of characters to keep.
 * @returns The text, with `…` at the end if it was longer.
 */
export function shorten(text: string, length: number): string {
  const characters = [...clean(text).replaceAll(DIRECTION_MARKS, "")];
  return characters.length <= length
    ? characters.join("")
    : `${characters.slice(0, length - 1).join("")}…`;
}

/** Characters of a name in a table or chart. */
const NAME_LENGTH = 40;

/**
 * Shortens names for tables and charts, and makes them different from each other.
 *
 * @param names The names.
 * @returns Names of up to 40 characters.
 */
export function shortNames(names: readonly string[]): string[] {
  const seen = new Set<string>();
  return names.map((name, i) => {
    let short = shorten(name, NAME_LENGTH).trim() || "(empty)";
    if (seen.has(short)) short = `${short} (${i})`;
    seen.add(short);
    return short;
  });
}

/** Characters of a text that are shown before it is opened. */
const PREVIEW = 220;

/** Bytes of a text that the page holds, so that the page stays small. */
const MAX_BYTES = 4000;

/**
 * Shows the text of a row: a long one opens on demand, and a very long one is cut.
 *
 * @param text The text.
 * @returns Its HTML.
 */
export function rowText(text: string): Html {
  if (text.trim() === "") return html`<em class="muted">empty</em>`;
  const [preview, whole] = [head(text, PREVIEW, Infinity), cut(text)];
  if (preview === text) return html`<p class="text" dir="auto">${text}</p>`;
  const rest = text.length - whole.length;
  return html`
    <details class="text" dir="auto">
      <summary>${preview}…</summary>
      <p>${whole}${rest > 0
        ? html`… <span class="muted">(${count(rest)} more characters)</span>`
        : undefined}</p>
    </details>
  `;
}

function cut(text: string): string {
  return head(text, Infinity, MAX_BYTES);
}

/** The longest beginning of at most so many characters, and bytes of HTML. */
function head(text: string, characters: number, bytes: number): string {
  const encoder = new TextEncoder();
  let [length, size, n] = [0, 0, 0];
  for (const character of text) {
    size += encoder.encode(toText(character)).length;
    if (++n > characters || size > bytes) break;
    length += character.length;
  }
  return text.slice(0, length);
}

/**
 * Formats a count.
 *
 * @param n A whole number.
 * @returns Its digits in groups of three.
 */
export function count(n: number): string {
  return n.toLocaleString("en");
}

/**
 * Formats a count with its noun.
 *
 * @param n A whole number.
 * @param noun The noun in the singular; its plural ends in s.
 * @param plural Its plural, if it does not.
 * @returns Such as `1 row` or `1,200 rows`.
 */
export function counted(n: number, noun: string, plural = `${noun}s`): string {
  return `${count(n)} ${n === 1 ? noun : plural}`;
}

/**
 * Formats a score.
 *
 * @param value A number; `undefined` and NaN are shown as a dash.
 * @returns Three decimals, or three digits of a number from 100.
 */
export function decimal(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return "–";
  const text = Math.abs(value) < 100
    ? value.toFixed(3)
    : value.toLocaleString("en", { maximumSignificantDigits: 4 });
  return text.replace(/^-/, "−");
}

/**
 * Formats a share.
 *
 * @param value A number in [0, 1].
 * @returns A percentage, with a decimal below 10 %.
 */
export function percent(value: number): string {
  const text = value * 100;
  return Number.isNaN(text)
    ? "–"
    : `${text.toFixed(text < 9.95 ? 1 : 0)}\u00a0%`;
}
