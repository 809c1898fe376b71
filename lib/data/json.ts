/**
 * JSON that must be an object, with errors that say where it stands.
 *
 * @module
 */

/**
 * Parses a JSON object.
 *
 * @param text The JSON.
 * @param place The file, and the line where there are several, for errors.
 * @returns The object.
 * @throws {SyntaxError} If it is not JSON, or not an object.
 */
export function parseObject(
  text: string,
  place: string,
): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new SyntaxError(
      `Cannot read ${place}: it is not valid JSON: ${
        (cause as Error).message
      }; correct it, or write or download it again`,
      { cause },
    );
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new SyntaxError(
      `Cannot read ${place}: it must be a JSON object; correct it, or write or download it again`,
    );
  }
  return value as Record<string, unknown>;
}
