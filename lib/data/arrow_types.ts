/**
 * The types of Arrow data, and the buffers of each.
 *
 * Source: https://github.com/apache/arrow/blob/main/format/Schema.fbs
 *
 * @module
 */
import type { FlatTable } from "./flatbuffer.ts";

/**
 * The buffers of a column, after its validity bitmap. Numbers are `fixed` with
 * the name of their type, other values of one size (a date) without one.
 */
export type ArrowType =
  & {
    /** Name for errors, as in pyarrow. */
    readonly name: string;
  }
  & (
    | { readonly layout: "null" | "bits" | "struct" | "runs" }
    | {
      readonly layout: "fixed";
      readonly size: number;
      readonly number?: NumberType;
    }
    /** Offsets of 4 or 8 bytes, and bytes. */
    | {
      readonly layout: "bytes";
      readonly size: 4 | 8;
      readonly isText: boolean;
    }
    /** Views of 16 bytes, and any number of buffers with bytes. */
    | { readonly layout: "views"; readonly isText: boolean }
    /** Offsets of 4 or 8 bytes into the child. */
    | { readonly layout: "list" | "map" | "listView"; readonly size: 4 | 8 }
    /** Each list has `size` items. */
    | { readonly layout: "fixedSizeList"; readonly size: number }
    | { readonly layout: "union"; readonly isDense: boolean }
  );

/** Types of numbers, by the names of their typed arrays; float16 has none. */
export type NumberType =
  | "Int8"
  | "Int16"
  | "Int32"
  | "BigInt64"
  | "Uint8"
  | "Uint16"
  | "Uint32"
  | "BigUint64"
  | "Float16"
  | "Float32"
  | "Float64";

const TIME_UNITS = ["s", "ms", "us", "ns"];

/**
 * Decodes a type.
 *
 * @param id Its number in the union of types.
 * @param table Its properties.
 * @returns The type.
 * @throws {Error} If there is no such type.
 */
export function decodeType(id: number, table: FlatTable): ArrowType {
  const unit = (absent: number) => {
    const unit = TIME_UNITS[table.number(0, "Int16", absent)];
    if (!unit) throw new Error("a time has an unknown unit");
    return unit;
  };
  const fixed = (name: string, size: number): ArrowType => {
    return { name, layout: "fixed", size };
  };
  switch (id) {
    case 1:
      return { name: "null", layout: "null" };
    case 2:
      return decodeInt(table);
    case 3:
      return decodeFloat(table);
    case 4:
      return { name: "binary", layout: "bytes", size: 4, isText: false };
    case 5:
      return { name: "string", layout: "bytes", size: 4, isText: true };
    case 6:
      return { name: "bool", layout: "bits" };
    case 7: {
      const bits = table.number(2, "Int32", 128);
      oneOf("a decimal", bits, [32, 64, 128, 256]);
      const [precision, scale] = [0, 1].map((i) => table.number(i, "Int32"));
      const digits = Math.floor((bits - 1) * Math.log10(2));
      if (precision! < 1 || precision! > digits) {
        throw new Error(`a decimal of ${bits} bits has ${precision} digits`);
      }
      return fixed(`decimal${bits}(${precision}, ${scale})`, bits / 8);
    }
    case 8: {
      const isDays = oneOf("a date", table.number(0, "Int16", 1), [0, 1]) === 0;
      return isDays ? fixed("date32", 4) : fixed("date64", 8);
    }
    case 9: {
      const name = unit(1);
      const bits = table.number(1, "Int32", 32);
      const sizes = name === "us" || name === "ns" ? [64] : [32];
      oneOf("a time", bits, sizes);
      return fixed(`time${bits}[${name}]`, bits / 8);
    }
    case 10: {
      const zone = table.text(1);
      return fixed(`timestamp[${unit(0)}${zone ? `, tz=${zone}` : ""}]`, 8);
    }
    case 11: {
      const kind = oneOf("an interval", table.number(0, "Int16"), [0, 1, 2]);
      return fixed("interval", [4, 8, 16][kind]!);
    }
    case 12:
      return { name: "list", layout: "list", size: 4 };
    case 13:
      return { name: "struct", layout: "struct" };
    case 14: {
      const isDense = oneOf("a union", table.number(0, "Int16"), [0, 1]) === 1;
      for (const [type] of table.structs(1, 4, [[0, "Int32"]])) {
        if (type! < 0 || type! > 127) {
          throw new Error(`a union has a type ${type}`);
        }
      }
      return { name: "union", layout: "union", isDense };
    }
    case 15:
      return fixed("fixed_size_binary", sizeOf(table));
    case 16:
      return {
        name: "fixed_size_list",
        layout: "fixedSizeList",
        size: sizeOf(table),
      };
    case 17:
      table.number(0, "Uint8"); // whether the keys are sorted
      return { name: "map", layout: "map", size: 4 };
    case 18:
      return fixed(`duration[${unit(1)}]`, 8);
    case 19:
      return { name: "large_binary", layout: "bytes", size: 8, isText: false };
    case 20:
      return { name: "large_string", layout: "bytes", size: 8, isText: true };
    case 21:
      return { name: "large_list", layout: "list", size: 8 };
    case 22:
      return { name: "run_end_encoded", layout: "runs" };
    case 23:
      return { name: "binary_view", layout: "views", isText: false };
    case 24:
      return { name: "string_view", layout: "views", isText: true };
    case 25:
      return { name: "list_view", layout: "listView", size: 4 };
    case 26:
      return { name: "large_list_view", layout: "listView", size: 8 };
  }
  throw new Error(
    `a column is of type ${id}, which Arrow's format does not have`,
  );
}

/** Decodes an integer type. */
export function decodeInt(table: FlatTable): ArrowType & { layout: "fixed" } {
  const bits = oneOf("an integer", table.number(0, "Int32"), [8, 16, 32, 64]);
  const isSigned = table.number(1, "Uint8") !== 0;
  const name = isSigned ? `Int${bits}` as const : `Uint${bits}` as const;
  return {
    name: name.toLowerCase(),
    layout: "fixed",
    size: bits / 8,
    number: (bits === 64 ? `Big${name}` : name) as NumberType,
  };
}

function decodeFloat(table: FlatTable): ArrowType {
  const precision = oneOf("a float", table.number(0, "Int16"), [0, 1, 2]);
  const number = (["Float16", "Float32", "Float64"] as const)[precision]!;
  return {
    name: ["halffloat", "float", "double"][precision]!,
    layout: "fixed",
    size: 2 << precision,
    number,
  };
}

function sizeOf(table: FlatTable): number {
  const size = table.number(0, "Int32");
  if (size < 0) throw new Error(`a type has the size ${size}`);
  return size;
}

function oneOf<T extends number>(
  what: string,
  value: number,
  values: readonly T[],
): T {
  if (!values.includes(value as T)) {
    throw new Error(`${what} has the size or unit ${value}`);
  }
  return value as T;
}
