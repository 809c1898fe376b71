/**
 * Markdown of texts that may have any characters.
 *
 * @module
 */

/**
 * Escapes a text, so that it is shown as it is, also in a cell of a table.
 *
 * @param text The text.
 * @returns It on one line, without markup, HTML, links, mentions or formulas.
 */
export function plain(text: string): string {
  return text.toWellFormed()
    .replaceAll(/[\s\p{Cc}]+/gu, " ").trim()
    .replaceAll(/[\\`*_[\]<>|~&#$!^]/g, "\\$&")
    .replaceAll(/:(?=\/\/)|(?<=www)\.|@/gi, (c) => `&#${c.charCodeAt(0)};`);
}

/**
 * Makes a table: the first column aligned left, the others right.
 *
 * @param head Column names.
 * @param rows The cells; `undefined` stays empty.
 * @returns The lines.
 */
export function markdownTable(
  head: readonly string[],
  rows: readonly (readonly (string | undefined)[])[],
): string {
  const line = (cells: readonly (string | undefined)[]) =>
    `| ${cells.map((cell) => plain(cell ?? "")).join(" | ")} |`;
  const rule = `| ${
    head.map((_, i) => i === 0 ? "---" : "---:").join(" | ")
  } |`;
  return [line(head), rule, ...rows.map(line)].join("\n");
}
