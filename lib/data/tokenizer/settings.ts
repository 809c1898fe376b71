/**
 * Settings of the parts of `tokenizer.json`, with errors that name them.
 *
 * @module
 */

/** A part of `tokenizer.json`: a normalizer, a pre-tokenizer, a model, … */
export type Component = Record<string, unknown>;

/**
 * Returns the type of a part.
 *
 * @param component The part.
 * @param kind The kind of part, for errors.
 * @param source The file, for errors.
 * @returns Its `type`.
 * @throws {SyntaxError} If it has none.
 */
export function typeOf(
  component: unknown,
  kind: string,
  source: string,
): string {
  const type = (component as Component | null)?.type;
  if (typeof type === "string") return type;
  throw new SyntaxError(
    `Cannot read ${source}: it does not describe a tokenizer (a ${kind} must have a "type"); copy or download it again`,
  );
}

/**
 * Returns a setting that is true or false.
 *
 * @param component The part.
 * @param key The setting.
 * @param source The file, for errors.
 * @param otherwise The value if it is absent; without one it must be there.
 * @returns The setting.
 * @throws {SyntaxError} If it is anything else.
 */
export function booleanOf(
  component: Component,
  key: string,
  source: string,
  otherwise?: boolean,
): boolean {
  const value = component[key] ?? otherwise;
  if (typeof value === "boolean") return value;
  throw wrong(component, key, "true or false", source);
}

/**
 * Returns a setting that is a text.
 *
 * @param component The part.
 * @param key The setting.
 * @param source The file, for errors.
 * @param otherwise The value if it is absent; without one it must be there.
 * @returns The setting.
 * @throws {SyntaxError} If it is anything else.
 */
export function textOf(
  component: Component,
  key: string,
  source: string,
  otherwise?: string,
): string {
  const value = component[key] ?? otherwise;
  if (typeof value === "string") return value;
  throw wrong(component, key, "a text", source);
}

/**
 * Returns the error for a setting of a wrong type.
 *
 * @param component The part.
 * @param key The setting.
 * @param expected The values that it may have.
 * @param source The file.
 * @returns The error.
 */
export function wrong(
  component: Component,
  key: string,
  expected: string,
  source: string,
): SyntaxError {
  const value = JSON.stringify(component[key]) ?? "missing";
  return new SyntaxError(
    `Cannot use ${source}: ${key} of ${component.type} must be ${expected}, not ${
      value.slice(0, 100)
    }`,
  );
}
