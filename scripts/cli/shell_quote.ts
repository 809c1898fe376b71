/**
 * Commands that can be pasted into a shell.
 *
 * @module
 */

/**
 * Quotes any text for a shell.
 *
 * @param text The text.
 * @returns It in single quotes.
 */
export function shellQuote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/**
 * Quotes a path for a shell, where it has characters that need it.
 *
 * @param path The path.
 * @returns It, in single quotes if needed.
 */
export function quotePath(path: string): string {
  return /^[\w./:@%+=-]+$/.test(path) ? path : shellQuote(path);
}
