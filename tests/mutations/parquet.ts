import type { FileMutations } from "./mutation.ts";

/** Mutations of the Parquet reader. */
export const PARQUET: readonly FileMutations[] = [
  {
    file: "lib/data/parquet.ts",
    tests: ["tests/data/parquet_test.ts"],
    changes: [
      ["Number.isSafeInteger(number) ? number : value", "number"],
      ['group!.element.repetition_type === "REPEATED" &&', ""],
      ["item === undefined", "false"],
    ],
  },
  {
    file: "lib/data/hyparquet.ts",
    tests: ["tests/data/parquet_test.ts", "tests/data/parquet_file_test.ts"],
    changes: [
      ["fatal: true, ignoreBOM: true", "fatal: true"],
      ["input[0] !== 31 || input[1] !== 139", "false"],
    ],
  },
  {
    file: "lib/data/parquet_file.ts",
    tests: ["tests/data/parquet_test.ts", "tests/data/parquet_file_test.ts"],
    changes: [
      ["rows !== numRows", "false"],
      ["compressed > bytes.length", "false"],
      ["assembler.rows.length >= rows", "assembler.rows.length > rows"],
      ["columns[firstLeaf]", "columns[index]"],
      ["index < dictionary.length", "true"],
      ["size === levels", "false"],
      ["this.#left.bytes -= bytes", ""],
      ["checkStruct(bytes.subarray(0, end)", "false && checkStruct(bytes"],
    ],
  },
  {
    file: "lib/data/parquet_page.ts",
    tests: ["tests/data/parquet_test.ts", "tests/data/parquet_file_test.ts"],
    changes: [
      ["level !== max).length", "level === max).length"],
      ["? present : 0", "? count + 1 : 0"],
      ["if (present === 0) return checked;", ""],
      ['missing === count ? "PLAIN" as const : fields', "fields"],
      ['if (type === "INT32") narrowFirstValue(page, offset);', ""],
      ['encodings[i] === "BIT_PACKED"', "false"],
    ],
  },
  {
    file: "lib/data/parquet_checks.ts",
    tests: ["tests/data/parquet_test.ts", "tests/data/parquet_file_test.ts"],
    changes: [
      ["MAX_WIDTH = 24", "MAX_WIDTH = 32"],
      ["left + 7", "left"],
      ["? 8 : 1", "? 16 : 1"],
      ["depth > MAX_DEPTH", "false"],
      ["size * width / 8", "size * width / 4"],
    ],
  },
  {
    file: "lib/data/parquet_rows.ts",
    tests: ["tests/data/parquet_rows_test.ts"],
    changes: [
      ["definition < ++level) return undefined;", "false) return undefined;"],
      [
        "resume.push({ group: i + 1, level })",
        "resume.push({ group: i, level })",
      ],
      ["isMissing ? null", "false ? null"],
      ["value === undefined", "false"],
    ],
  },
];
