/** A slip that some test must notice: `from`, which occurs once in `file`, becomes `to`. */
export interface Mutation {
  /** Path from the project's root. */
  readonly file: string;
  /** A piece of its text. */
  readonly from: string;
  /** What the slip makes of it. */
  readonly to: string;
  /** The tests that have to notice. */
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
