/**
 * Checks of options objects, for callers that are not type-checked: `deno run`
 * and browsers accept any name.
 *
 * @module
 */

/**
 * The names of an interface of options, as the keys of a table: the type refuses
 * one that is missing or misspelt.
 */
export type OptionNames<Options> = Readonly<
  Record<keyof Options & string, true>
>;

/**
 * Rejects options that are not an object, and names that are not among its own.
 * An option that is `undefined` is the same as one that is not given.
 *
 * @param action The action that the options are for, such as `make a DataLoader`.
 * @param options The options; `undefined` if there are none.
 * @param names The names, the one that a bare value is likely to mean first.
 * @param example The object to pass in place of a bare value.
 * @throws {TypeError} If the options are not an object, or have another name.
 */
export function checkOptions(
  action: string,
  options: unknown,
  names: Readonly<Record<string, true>>,
  example?: string,
): void {
  if (options === undefined) return;
  if (!isPlainObject(options)) {
    throw new TypeError(
      `Cannot ${action}: its options are ${
        describe(options)
      }, not an object; pass ${example ?? exampleOf(options, names)}`,
    );
  }
  for (const name in options) {
    if (Object.hasOwn(names, name) || options[name] === undefined) continue;
    throw new TypeError(
      `Cannot ${action}: there is no option "${name}"; ${
        nameRemedy(name, Object.keys(names))
      }`,
    );
  }
}

/**
 * Says which name to use in place of an unknown one.
 *
 * @param name The unknown name, such as `batch_size`.
 * @param known The known names.
 * @returns `use batchSize`, or all of them if none is alike.
 */
export function nameRemedy(name: string, known: readonly string[]): string {
  const meant = known.find((other) => letters(other) === letters(name));
  return meant === undefined ? `known are ${known.join(", ")}` : `use ${meant}`;
}

/**
 * Describes a value for an error message: `the number 5`, `a promise`, `a Tensor`.
 *
 * @param value The value.
 * @returns A noun phrase.
 */
export function describe(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (typeof value === "function") return "a function";
  if (typeof value !== "object") {
    const text = typeof value === "string"
      ? JSON.stringify(value)
      : String(value);
    return `the ${typeof value} ${text}`;
  }
  if (isPromise(value)) return "a promise";
  const name = Array.isArray(value) ? "array" : value.constructor?.name;
  if (!name || name === "Object") return "an object";
  return `${/^[aeio]/i.test(name) ? "an" : "a"} ${name}`;
}

/**
 * Tells a promise, of which `await` was forgotten, from other values.
 *
 * @param value The value.
 * @returns Whether it has a method `then`.
 */
export function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value &&
    typeof value.then === "function";
}

/**
 * Tells an object such as `{ lr: 0.1 }` from other values.
 *
 * @param value The value.
 * @returns Whether it is an object but no array and no instance of a class.
 */
export function isPlainObject(
  value: unknown,
): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/**
 * Tells a count from other numbers.
 *
 * @param value The number.
 * @returns Whether it is a whole number from 0.
 */
export function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

/** `{ lr: 0.1 }` for the bare value 0.1. */
function exampleOf(value: unknown, names: Readonly<object>): string {
  const isWritable = ["number", "boolean", "string"].includes(typeof value);
  return `{ ${Object.keys(names)[0]}: ${
    isWritable ? JSON.stringify(value) : "…"
  } }`;
}

/** Its letters alone: `batch_size`, `batchsize` and `batchSize` are alike. */
function letters(name: string): string {
  return name.replaceAll(/[_-]/g, "").toLowerCase();
}
