/** Mutations of a file, each of which its tests must notice. */
export interface FileMutations {
  /** Path from the project's root. */
  readonly file: string;
  /** Paths of its tests. */
  readonly tests: readonly string[];
  /** The mutations: a piece of text that occurs once in the file, and its replacement. */
  readonly changes: readonly (readonly [from: string, to: string])[];
}

/** A small change that breaks the code. */
export interface Mutation {
  /** Path from the project's root. */
  readonly file: string;
  /** Text that occurs once in the file. */
  readonly from: string;
  /** Its replacement. */
  readonly to: string;
  /** Paths of the tests that must notice. */
  readonly tests: readonly string[];
}

/**
 * Applies a mutation.
 *
 * @param mutation The mutation.
 * @param text Text of the file.
 * @returns The changed text.
 * @throws {RangeError} If the text does not have `from` exactly once.
 */
export function apply({ file, from, to }: Mutation, text: string): string {
  const pieces = text.split(from);
  if (pieces.length !== 2) {
    throw new RangeError(
      `Cannot mutate ${file}: it has ${JSON.stringify(from)} ${
        pieces.length - 1
      } times, not once; correct the entry in tests/mutations`,
    );
  }
  return pieces.join(to);
}
