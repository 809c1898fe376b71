/**
 * JSON as a whole: an array of objects, or an object that holds one.
 *
 * @module
 */
import { isPlainObject } from "../check_options.ts";
import type { Dataset } from "./dataset.ts";
import { checkObject, parseExact } from "./json.ts";
import { JsonRows } from "./json_rows.ts";
import { piecesOf, type TextSource } from "./text_source.ts";

/** Limit of a file, in characters: V8 holds it as one string. */
const MAX_TEXT = 2 ** 28;

/** The remedy for JSON of another form. */
const REMEDY =
  'write an array of objects, one a row (orient="records" in pandas), or rename a file of one object a line to end in .jsonl';

/**
 * Reads JSON: an array of objects, which all have the same keys, or an object in
 * which one key, such as `data`, holds that array; other keys are left out. A
 * column with an integer beyond ±2^53 is left out: to read it throws.
 *
 * @param text The file's text, whole or in pieces.
 * @param source The file's name, for errors.
 * @returns The table; the columns are in the order of the first object's keys.
 * Lists and objects stay as they are.
 * @throws {SyntaxError} If it is not such JSON, if it is JSON Lines, or if the
 * keys of an object differ from those of the first.
 */
export async function readJson(
  text: TextSource,
  source: string,
): Promise<Dataset> {
  let json = "";
  for await (const piece of piecesOf(text, source)) {
    json += piece;
    if (json.length <= MAX_TEXT) continue;
    throw new SyntaxError(
      `Cannot read ${source}: it has more than ${MAX_TEXT} characters; write one object a line, in a file that ends in .jsonl`,
    );
  }
  checkIsOneValue(json, source);
  const rows = new JsonRows(source, "object");
  findArray(parseExact(json, source), source).forEach((value, i) => {
    rows.add(checkObject(value, `${source}, object ${i + 1}`), i + 1);
  });
  return rows.toDataset();
}

/** Refuses JSON Lines: an object ends in the first line, and another begins. */
function checkIsOneValue(json: string, source: string): void {
  const [first] = json.match(/^\s*\{.*\}[^\S\r\n]*(?=[\r\n]+\s*\{)/) ?? [];
  if (first === undefined) return;
  throw new SyntaxError(
    `Cannot read ${source}: it has one object a line; rename it to end in .jsonl`,
  );
}

/** Returns the array itself, or the only one in an object that holds objects. */
function findArray(value: unknown, source: string): unknown[] {
  if (Array.isArray(value)) return value;
  const arrays = isPlainObject(value)
    ? Object.entries(value).filter(([, items]) =>
      Array.isArray(items) && isPlainObject(items[0])
    )
    : [];
  if (arrays.length === 1) return arrays[0]![1] as unknown[];
  throw new SyntaxError(
    `Cannot read ${source}: it must be an array of objects, or an object that holds one, and ${
      arrays.length === 0
        ? "has none"
        : `holds ${arrays.map(([name]) => `"${name}"`).join(" and ")}`
    }; ${REMEDY}`,
  );
}
