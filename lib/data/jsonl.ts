/**
 * JSON Lines: one JSON object per line, https://jsonlines.org
 *
 * @module
 */
import type { Dataset } from "./dataset.ts";
import { checkObject, parseExact } from "./json.ts";
import { JsonRows } from "./json_rows.ts";
import { LineSplitter, piecesOf, type TextSource } from "./text_source.ts";

/**
 * Reads JSON Lines. Blank lines are skipped; all objects must have the same keys.
 * A column with an integer beyond ±2^53 is left out: to read it throws, with the
 * line and the remedy.
 *
 * @param text The file's text or bytes, whole or in pieces.
 * @param source The file's name, for errors.
 * @returns The table; the columns are in the order of the first object's keys.
 * Lists and objects stay as they are.
 * @throws {SyntaxError} If a line is not a JSON object, or its keys differ from those of the first.
 */
export async function readJsonl(
  text: TextSource,
  source: string,
): Promise<Dataset> {
  const rows = new JsonRows(source, "line");
  let isFirst = true;
  const splitter = new LineSplitter(source, (line, number) => {
    if (line.trim() === "") return;
    const location = `${source}, line ${number}`;
    if (isFirst) checkFormat(line.trim(), location);
    isFirst = false;
    const row = checkObject(parseExact(line, location), location);
    rows.add(row, number);
  });
  for await (const piece of piecesOf(text, source)) splitter.push(piece);
  splitter.end();
  return rows.toDataset();
}

/** Refuses a first line that begins an array, or an object of several lines. */
function checkFormat(line: string, location: string): void {
  const isArray = line.startsWith("[");
  if (!isArray && (!line.startsWith("{") || line.endsWith("}"))) return;
  throw new SyntaxError(
    `Cannot read ${location}: ${
      isArray ? "it is a JSON array" : "the object does not end in it"
    }; rename the file to end in .json if that is one value, or write one object a line`,
  );
}
