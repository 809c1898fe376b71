/**
 * Plain-text tables.
 *
 * @module
 */

/**
 * Formats a table: the first column aligned left, the others right.
 *
 * @param head Column names.
 * @param rows The cells. Numbers get four significant digits, `undefined` stays empty.
 * @returns The lines.
 */
export function table(
  head: readonly string[],
  rows: readonly (readonly (string | number | undefined)[])[],
): string {
  const lines = [head, ...rows.map((cells) => cells.map(text))];
  const widths = head.map((_, i) =>
    Math.max(...lines.map((cells) => cells[i]!.length))
  );
  return lines.map((cells) =>
    cells.map((cell, i) =>
      i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)
    ).join("  ").trimEnd()
  ).join("\n");
}

function text(cell: string | number | undefined): string {
  if (typeof cell !== "number") return cell ?? "";
  return Math.abs(cell) >= 1000
    ? cell.toFixed(0)
    : `${Number(cell.toPrecision(4))}`;
}
