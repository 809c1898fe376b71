/**
 * JSON objects, with errors that name the file and line.
 *
 * @module
 */

/**
 * Parses a JSON object.
 *
 * @param text The JSON.
 * @param location The file, and the line if the file has several, for errors.
 * @returns The object.
 * @throws {SyntaxError} If it is not JSON, or not an object.
 */
export function parseObject(
  text: string,
  location: string,
): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new SyntaxError(
      `Cannot read ${location}: it is not valid JSON: ${
        (cause as Error).message
      }; correct it, or write or download it again`,
      { cause },
    );
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new SyntaxError(
      `Cannot read ${location}: it must be a JSON object; correct it, or write or download it again`,
    );
  }
  return value as Record<string, unknown>;
}

/**
 * Finds integers that a JavaScript number cannot hold: `JSON.parse` rounds them.
 *
 * @param text A JSON object.
 * @returns The first such integer of each key that has one, also inside lists and objects.
 */
export function unsafeIntegers(text: string): [key: string, value: bigint][] {
  if (!/\d{16}/.test(text)) return []; // fewer digits are always exact
  const exact = JSON.parse(
    text,
    keepUnsafe as Parameters<typeof JSON.parse>[1],
  );
  return Object.entries(exact).flatMap(([key, value]) => {
    const found = findBigInt(value);
    return found === undefined ? [] : [[key, found]];
  });
}

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
