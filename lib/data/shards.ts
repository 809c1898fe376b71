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
 * @throws {RangeError} If the columns or the class names of a shard differ from
 * those of the first, or a column is numbers in one and text in another.
 */
export function joinShards(shards: readonly Dataset[]): Dataset {
  if (shards.length === 1) return shards[0]!;
  // A column that one shard leaves out is left out of all: an integer too large, for instance.
  const unsupportedColumns = new Map(
    shards.flatMap((shard) => [...shard.unsupportedColumns]),
  );
  const [first, ...others] = shards.map((shard) =>
    shard.removeColumns(
      shard.columnNames.filter((name) => unsupportedColumns.has(name)),
    )
  );
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
  const columns = names.map((name) => [name, joinColumn(shards, name)]);
  const labelNames = names.flatMap((name) => {
    const classes = first!.labelNames(name);
    return classes ? [[name, classes]] : [];
  });
  return new Dataset(Object.fromEntries(columns), {
    source: first!.source!,
    labelNames: Object.fromEntries(labelNames),
    unsupportedColumns,
  });
}

/** Concatenates a column; labels are typed by shard, and may be numbers in one and names in another. */
function joinColumn(shards: readonly Dataset[], name: string): unknown[] {
  const types = new Map<string, string | undefined>();
  const columns = shards.map((shard) => {
    const values = shard.column(name);
    const value = values.find((value) => value !== null);
    if (value !== undefined) types.set(typeof value, shard.source);
    return values;
  });
  if (types.has("number") && types.has("string")) {
    throw new RangeError(
      `Cannot join ${types.get("number")} and ${
        types.get("string")
      }: column "${name}" is numbers in one and text in the other; write the same in all shards`,
    );
  }
  return columns.flat(1);
}
