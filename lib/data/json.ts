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
