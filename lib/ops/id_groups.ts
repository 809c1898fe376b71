/**
 * Ids grouped by value, so that a gradient is summed per id in a fixed order.
 *
 * @module
 */

/** Positions of each id: `ids[u]` occurs at `positions[starts[u]]` up to `positions[starts[u + 1]]`. */
export interface IdGroups {
  /** The distinct ids, ascending: `[U]`. */
  readonly ids: Uint32Array<ArrayBuffer>;
  /** Start of each id's positions, and the end of the last: `[U + 1]`. */
  readonly starts: Uint32Array<ArrayBuffer>;
  /** Indices into the list of ids, ascending for each id. */
  readonly positions: Uint32Array<ArrayBuffer>;
}

/** Groups with ids in one shard of a table: `count` of them from `ids[from]`. */
export interface GroupRange {
  readonly from: number;
  readonly count: number;
}

/**
 * Assigns groups to the shards of a table.
 *
 * @param groups The groups.
 * @param firsts First row of each shard.
 * @returns The groups of each shard; those of the last have no upper limit.
 */
export function groupsByShard(
  { ids }: IdGroups,
  firsts: readonly number[],
): GroupRange[] {
  const starts = firsts.map((first) => {
    const index = first === 0 ? 0 : ids.findIndex((id) => id >= first);
    return index < 0 ? ids.length : index;
  });
  return starts.map((from, i) => ({
    from,
    count: (starts[i + 1] ?? ids.length) - from,
  }));
}

/**
 * Groups a list of ids.
 *
 * @param ids Integers from 0.
 * @param skipped An id to leave out.
 * @returns The groups.
 */
export function groupIds(ids: ArrayLike<number>, skipped?: number): IdGroups {
  const { length } = ids;
  // Numeric keys sort without a comparison function: by id, then by position.
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
