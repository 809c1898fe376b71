/**
 * YAML of plain values. Every text is in quotes, so that none is read as
 * something else: `yes`, `null`, `1e3`, `a: b`.
 *
 * Source: https://yaml.org/spec/1.2.2/#57-escaped-characters
 *
 * @module
 */

/** A value of YAML; what is undefined is left out. */
export type Yaml =
  | string
  | number
  | readonly Yaml[]
  | { readonly [key: string]: Yaml | undefined };

/**
 * Writes the entries of an object. Its keys, and those inside, are letters, `_` or `-`.
 *
 * @param object The object.
 * @returns The lines, each with its end.
 * @throws {RangeError} If a number is not finite.
 */
export function yaml(
  object: { readonly [key: string]: Yaml | undefined },
): string {
  return linesOf(object).map((line) => `${line}\n`).join("");
}

function linesOf(value: Yaml): string[] {
  if (typeof value !== "object") return [scalar(value)];
  if (Array.isArray(value)) {
    return value.flatMap((item) =>
      linesOf(item).map((line, i) => `${i === 0 ? "- " : "  "}${line}`)
    );
  }
  return Object.entries(value).flatMap(
    ([key, item]: [string, Yaml | undefined]) => {
      if (item === undefined) return [];
      if (typeof item !== "object") return [`${key}: ${scalar(item)}`];
      if (Array.isArray(item) && item.length === 0) return [`${key}: []`];
      return [`${key}:`, ...linesOf(item).map((line) => `  ${line}`)];
    },
  );
}

function scalar(value: string | number): string {
  if (typeof value === "string") return quoted(value);
  // YAML 1.1 takes 1e-7 for a text.
  if (Number.isFinite(value)) return `${value}`.replace(/^(-?\d+)e/, "$1.0e");
  throw new RangeError(`Cannot write YAML: ${value} is no finite number`);
}

/** A text in quotes, as in JSON; what YAML does not take as it is, or takes for the end of a line, is escaped. */
function quoted(text: string): string {
  return JSON.stringify(text.toWellFormed()).replaceAll(
    /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
