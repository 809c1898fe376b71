/**
 * Equal ids brought together, so that a gradient can be summed id by id in a
 * fixed order.
 *
 * @module
 */

/** Where each id occurs: that of `ids[u]` at `positions[starts[u]]` up to `positions[starts[u + 1]]`. */
export interface IdGroups {
  /** The ids that occur, each once, ascending: `[U]`. */
  readonly ids: Uint32Array<ArrayBuffer>;
  /** Where each id's positions begin, and the end of the last: `[U + 1]`. */
  readonly starts: Uint32Array<ArrayBuffer>;
  /** Indices into the list that was grouped, ascending for each id. */
  readonly positions: Uint32Array<ArrayBuffer>;
}

/**
 * Groups a list of ids.
 *
 * @param ids Whole numbers from 0.
 * @param skipped An id to leave out.
 * @returns The groups.
 */
export function groupIds(ids: ArrayLike<number>, skipped?: number): IdGroups {
  const { length } = ids;
  // Sorted as numbers, without a function that compares: id first, then position.
  const keys = Float64Array.from(ids, (id, position) => id * length + position)
    .filter((_, position) => ids[position] !== skipped)
    .sort();
  const positions = Uint32Array.from(keys, (key) => key % length);
  const unique: number[] = [];
  const starts: number[] = [];
  positions.forEach((position, i) => {
    const id = ids[position]!;
    if (id === unique.at(-1)) return;
    unique.push(id);
    starts.push(i);
  });
  return {
    ids: Uint32Array.from(unique),
    starts: Uint32Array.of(...starts, positions.length),
    positions,
  };
}
