/**
 * JSON Lines: one JSON object per line, https://jsonlines.org
 *
 * @module
 */
import { Dataset } from "./dataset.ts";
import { parseObject, unsafeIntegers } from "./json.ts";
import { LineSplitter, piecesOf, type TextSource } from "./text_source.ts";
import {
  checkAreSupported,
  unsupportedInteger,
} from "./unsupported_columns.ts";

/**
 * Reads JSON Lines. Blank lines are skipped; all objects must have the same keys.
 * A column with an integer beyond ±2^53 is left out: to read it throws, with the
 * line and the remedy.
 *
 * @param text The file's text, whole or in pieces.
 * @param source The file's name, for errors.
 * @returns The table; the columns are in the order of the first object's keys.
 * @throws {SyntaxError} If a line is not a JSON object, or its keys differ from those of the first.
 */
export async function readJsonl(
  text: TextSource,
  source: string,
): Promise<Dataset> {
  const columns = new Map<string, unknown[]>();
  let isFirst = true;
  const unsupportedColumns = new Map<string, string>();
  const splitter = new LineSplitter(source, (line, number) => {
    if (line.trim() === "") return;
    const location = `${source}, line ${number}`;
    if (line.trimStart().startsWith("[")) {
      throw new SyntaxError(
        `Cannot read ${location}: it is a JSON array; write one object a line`,
      );
    }
    const row = parseObject(line, location);
    const keys = Object.keys(row);
    if (isFirst) { for (const key of keys) columns.set(key, []); }
    isFirst = false;
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
    for (const [name, value] of unsafeIntegers(line)) {
      if (unsupportedColumns.has(name)) continue;
      const reason = `in line ${number}, ${unsupportedInteger(value)}`;
      unsupportedColumns.set(name, reason);
    }
  });
  for await (const piece of piecesOf(text)) splitter.push(piece);
  splitter.end();
  for (const name of unsupportedColumns.keys()) columns.delete(name);
  if (columns.size === 0) checkAreSupported(source, unsupportedColumns);
  return new Dataset(Object.fromEntries(columns), {
    source,
    unsupportedColumns,
  });
}
