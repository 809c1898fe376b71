/**
 * Joins the shards of a data set.
 *
 * @module
 */
import { Dataset } from "./dataset.ts";

/**
 * Concatenates the rows of shards.
 *
 * @param shards The shards, at least one, with the same columns.
 * @returns All rows, with the class names of the shards and the source of the first.
 * @throws {RangeError} If the columns or the class names of a shard differ from those of the first.
 */
export function joinShards(shards: readonly Dataset[]): Dataset {
  const [first, ...others] = shards;
  if (others.length === 0) return first!;
  const names = first!.columnNames;
  const describe = (shard: Dataset) =>
    shard.columnNames.map((name) => {
      const classes = shard.labelNames(name);
      return classes ? `${name} (${classes.join(", ")})` : name;
    }).join(", ");
  for (const shard of others) {
    if (describe(shard) !== describe(first!)) {
      throw new RangeError(
        `Cannot join ${first!.source} and ${shard.source}: their columns are ${
          describe(first!)
        } and ${describe(shard)}; download or write all shards again`,
      );
    }
  }
  const columns = names.map((name) => [
    name,
    shards.flatMap((shard) => shard.column(name)),
  ]);
  const labelNames = names.flatMap((name) => {
    const classes = first!.labelNames(name);
    return classes ? [[name, classes]] : [];
  });
  return new Dataset(Object.fromEntries(columns), {
    source: first!.source!,
    labelNames: Object.fromEntries(labelNames),
  });
}
