/** Small slips in a file, each of which the tests named must notice. */
export interface FileMutations {
  /** Path from the project's root. */
  readonly file: string;
  /** Paths of the tests that concern it. */
  readonly tests: readonly string[];
  /** What is changed, a piece of text that occurs once in the file, and into what. */
  readonly slips: readonly (readonly [from: string, to: string])[];
}

/** One slip. */
export interface Mutation {
  /** Path from the project's root. */
  readonly file: string;
  /** A piece of its text. */
  readonly from: string;
  /** What the slip makes of it. */
  readonly to: string;
  /** Paths of the tests that must notice. */
  readonly tests: readonly string[];
}

/**
 * Makes the slip.
 *
 * @param mutation What to change.
 * @param text The file's text.
 * @returns The changed text.
 * @throws {RangeError} If the text does not have `from`, or more than once.
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
