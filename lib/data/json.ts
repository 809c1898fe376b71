/**
 * JSON, with errors that name the file and line.
 *
 * @module
 */

/** Whether text can have an integer that a number does not hold: fewer digits are always exact. */
const MANY_DIGITS = /\d{16}/;

/**
 * Parses JSON. Integers that a JavaScript number cannot hold, which `JSON.parse`
 * rounds, become `BigInt`.
 *
 * @param text The JSON.
 * @param location The file, and the line if the file has several, for errors.
 * @returns The value.
 * @throws {SyntaxError} If it is not JSON.
 */
export function parseExact(text: string, location: string): unknown {
  return parse(text, location, MANY_DIGITS.test(text) ? keepUnsafe : undefined);
}

/**
 * Returns a value that must be an object.
 *
 * @param value The value.
 * @param location The file, and the place in it, for errors.
 * @returns The object.
 * @throws {SyntaxError} If it is anything else.
 */
export function checkObject(
  value: unknown,
  location: string,
): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw new SyntaxError(
    `Cannot read ${location}: it must be a JSON object; correct it, or write or download it again`,
  );
}

/**
 * Parses a JSON object.
 *
 * @param text The JSON.
 * @param location The file, for errors.
 * @returns The object.
 * @throws {SyntaxError} If it is not JSON, or not an object.
 */
export function parseObject(
  text: string,
  location: string,
): Record<string, unknown> {
  return checkObject(parse(text, location), location);
}

function parse(text: string, location: string, reviver?: Reviver): unknown {
  try {
    return JSON.parse(text, reviver as Parameters<typeof JSON.parse>[1]);
  } catch (cause) {
    throw new SyntaxError(
      `Cannot read ${location}: it is not valid JSON: ${
        (cause as Error).message
      }; correct it, or write or download it again`,
      { cause },
    );
  }
}

/** Converts a value, given its text. */
type Reviver = (
  key: string,
  value: unknown,
  context: { source?: string },
) => unknown;

/** Revives an integer from its digits if a number does not hold it. */
function keepUnsafe(
  _key: string,
  value: unknown,
  { source = "" }: { source?: string },
): unknown {
  return typeof value === "number" && !Number.isSafeInteger(value) &&
      /^-?\d+$/.test(source)
    ? BigInt(source)
    : value;
}

/**
 * Finds the first `BigInt` in lists and objects.
 *
 * @param value A value.
 * @returns The `BigInt`, if there is one.
 */
export function findBigInt(value: unknown): bigint | undefined {
  if (typeof value === "bigint") return value;
  if (typeof value !== "object" || value === null) return undefined;
  for (const item of Object.values(value)) {
    const found = findBigInt(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
