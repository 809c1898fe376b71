/**
 * JSON Lines: one JSON object per line, https://jsonlines.org
 *
 * @module
 */
import { Dataset } from "./dataset.ts";
import { parseObject } from "./json.ts";

/**
 * Reads JSON Lines. Blank lines are skipped; all objects must have the same keys.
 *
 * @param text The file's text.
 * @param source The file's name, for errors.
 * @returns The table; the columns are in the order of the first object's keys.
 * @throws {SyntaxError} If a line is not a JSON object, or its keys differ from those of the first.
 */
export function readJsonl(text: string, source: string): Dataset {
  const columns = new Map<string, unknown[]>();
  for (const [i, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const location = `${source}, line ${i + 1}`;
    const row = parseObject(line, location);
    const keys = Object.keys(row);
    if (columns.size === 0) { for (const key of keys) columns.set(key, []); }
    const extra = keys.find((key) => !columns.has(key));
    const missing = [...columns.keys()].find((name) =>
      !Object.hasOwn(row, name)
    );
    if (missing !== undefined) {
      throw new SyntaxError(
        `Cannot read ${location}: it has no "${missing}"; every line must have the keys of the first`,
      );
    }
    if (extra !== undefined) {
      throw new SyntaxError(
        `Cannot read ${location}: it has "${extra}"; every line must have the keys of the first`,
      );
    }
    for (const [name, values] of columns) values.push(row[name]);
  }
  return new Dataset(Object.fromEntries(columns), { source });
}
