/**
 * The schema of Arrow data: the columns.
 *
 * Source: https://github.com/apache/arrow/blob/main/format/Schema.fbs
 *
 * @module
 */
import { type ArrowType, decodeInt, decodeType } from "./arrow_types.ts";
import type { FlatTable } from "./flatbuffer.ts";

const LENIENT = new TextDecoder();

/** A column, or a part of a nested one. */
export interface ArrowField {
  readonly name: string;
  readonly type: ArrowType;
  readonly children: readonly ArrowField[];
  readonly isNullable: boolean;
  /** If the column holds indices into a dictionary of `type`. */
  readonly dictionary?: { readonly id: number; readonly indices: ArrowType };
}

/** The columns and the metadata. */
export interface ArrowSchema {
  readonly fields: readonly ArrowField[];
  readonly metadata: ReadonlyMap<string, string>;
}

/** Decodes a schema. */
export function decodeSchema(table: FlatTable): ArrowSchema {
  if (table.number(0, "Int16") !== 0) {
    throw new Error(
      "its numbers are big-endian, as of an IBM mainframe: pyarrow reads such a file, and writes it again as little-endian",
    );
  }
  if (!table.has(1)) throw new Error("its schema has no columns");
  const metadata = decodeMetadata(table, 2);
  table.structs(3, 8, []); // features
  return { fields: table.tables(1).map(decodeField), metadata };
}

/** Decodes pairs of a key and a value, which can be binary. */
export function decodeMetadata(
  table: FlatTable,
  field: number,
): Map<string, string> {
  return new Map(
    table.tables(field).map((pair) => {
      const [key, value] = [pair.bytes(0), pair.bytes(1)];
      if (!key || !value) {
        throw new Error("its metadata lacks a key or a value");
      }
      return [LENIENT.decode(key), LENIENT.decode(value)];
    }),
  );
}

/** Returns whether a column is of text, numbers, booleans or lists of these. */
export function isReadable({ type, children }: ArrowField): boolean {
  switch (type.layout) {
    case "null":
    case "bits":
      return true;
    case "fixed":
      return type.number !== undefined;
    case "bytes":
    case "views":
      return type.isText;
    case "list":
    case "fixedSizeList":
      return isReadable(children[0]!);
    default:
      return false;
  }
}

/** Returns the name of a column's type, with those inside it. */
export function typeName({ type, children, dictionary }: ArrowField): string {
  const inner = children.map(typeName).join(", ");
  const name = children.length > 0 ? `${type.name}<${inner}>` : type.name;
  return dictionary ? `dictionary<${name}>` : name;
}

function decodeField(table: FlatTable): ArrowField {
  const encoding = table.table(4);
  const children = table.tables(5).map(decodeField);
  const details = table.table(3);
  if (!details) throw new Error("a column has no type");
  const type = decodeType(table.number(2, "Uint8"), details);
  const expected = type.layout === "struct" || type.layout === "union"
    ? children.length
    : CHILDREN[type.layout] ?? 0;
  const isMap = type.layout === "map";
  if (
    children.length !== expected ||
    isMap && children[0]!.type.layout !== "struct" ||
    isMap && children[0]!.children.length !== 2 ||
    isMap && children[0]!.children[0]!.isNullable ||
    type.layout === "runs" && !/^int(16|32|64)$/.test(children[0]!.type.name)
  ) {
    throw new Error(
      `a ${type.name} cannot have the ${children.length} types inside it`,
    );
  }
  decodeMetadata(table, 6);
  return {
    name: table.text(0) ?? "",
    type,
    children,
    isNullable: table.number(1, "Uint8") !== 0,
    ...(encoding && { dictionary: decodeDictionary(encoding) }),
  };
}

/** Number of types inside a type, where it is not 0. */
const CHILDREN: Partial<Record<ArrowType["layout"], number>> = {
  list: 1,
  listView: 1,
  fixedSizeList: 1,
  map: 1,
  runs: 2,
};

function decodeDictionary(
  table: FlatTable,
): NonNullable<ArrowField["dictionary"]> {
  const id = table.number(0, "BigInt64");
  const type = table.table(1);
  const kind = table.number(3, "Int16");
  if (kind !== 0) throw new Error(`a dictionary is of kind ${kind}`);
  table.number(2, "Uint8"); // whether the values are ordered
  if (!type) throw new Error("a dictionary has no type of indices");
  return { id, indices: decodeInt(type) };
}
