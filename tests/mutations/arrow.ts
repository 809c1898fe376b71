import type { FileMutations } from "./mutation.ts";

/** Mutations of the Arrow reader. */
export const ARROW: readonly FileMutations[] = [
  {
    file: "lib/data/arrow.ts",
    tests: ["tests/data/arrow_test.ts", "tests/data/arrow_damaged_test.ts"],
    changes: [
      ["startsWith(bytes, MAGIC) ? MAGIC : END", "END"],
      ["Object.keys(columns).length === 0", "false"],
    ],
  },
  {
    file: "lib/data/arrow_buffers.ts",
    tests: [
      "tests/data/arrow_test.ts",
      "tests/data/arrow_damaged_test.ts",
      "tests/data/arrow_table_test.ts",
    ],
    changes: [
      ["if (bytes.length < size)", "if (false)"],
      ["length - present !== missing", "false"],
      ["this.#buffer !== buffers.length", "false"],
      ["offset + length > body.length", "false"],
      ["if (size === STORED) return frame;", ""],
    ],
  },
  {
    file: "lib/data/arrow_columns.ts",
    tests: [
      "tests/data/arrow_test.ts",
      "tests/data/arrow_damaged_test.ts",
      "tests/data/arrow_table_test.ts",
    ],
    changes: [
      ["offset < last ||", ""],
      ["items.length !== length * type.size", "false"],
      ["checkText(bytes, offsets, valid);", ""],
      ["buffer[offset + i] !== view.getUint8(copy + i)", "false"],
      ["length + 1);", "length);"],
    ],
  },
  {
    file: "lib/data/arrow_messages.ts",
    tests: ["tests/data/arrow_test.ts", "tests/data/arrow_damaged_test.ts"],
    changes: [
      ["if (end !== bytes.length)", "if (false)"],
      ["message.end !== offset + metadataSize + bodySize", "false"],
      ["if (VERSIONS.includes(version))", "if (true)"],
      ['header.number(2, "Uint8") !== 0', "false"],
    ],
  },
  {
    file: "lib/data/arrow_schema.ts",
    tests: ["tests/data/arrow_test.ts", "tests/data/arrow_damaged_test.ts"],
    changes: [
      ['table.number(0, "Int16") !== 0', "false"],
      ["return isReadable(children[0]!);", "return true;"],
    ],
  },
  {
    file: "lib/data/arrow_table.ts",
    tests: ["tests/data/arrow_test.ts", "tests/data/arrow_damaged_test.ts"],
    changes: [
      ["isDelta ? concatenate([before!, values]) : values", "values"],
      ["column.length !== message.length", "false"],
      ["values.length !== batch.length", "false"],
      ["column.tooLarge !== undefined", "false"],
    ],
  },
  {
    file: "lib/data/arrow_values.ts",
    tests: [
      "tests/data/arrow_test.ts",
      "tests/data/arrow_damaged_test.ts",
      "tests/data/arrow_table_test.ts",
    ],
    changes: [
      ["index < values.length", "true"],
      ["start(length) > items.length", "false"],
      ["!Number.isSafeInteger(values[i])", "false"],
      ["(low + high + 1) >> 1", "(low + high) >> 1"],
      ["sign * fraction * 2 ** -14", "sign * fraction"],
    ],
  },
  {
    file: "lib/data/flatbuffer.ts",
    tests: ["tests/data/flatbuffer_test.ts"],
    changes: [
      ["at + size > view.byteLength", "false"],
      ["|| at % alignment !== 0", ""],
      ["source.tablesLeft-- <= 0", "false"],
      ["if (offset === 0)", "if (false)"],
      ["view.getUint8(start + OFFSET + length) !== 0", "false"],
    ],
  },
  {
    file: "lib/data/lz4_frame.ts",
    tests: ["tests/data/lz4_frame_test.ts"],
    changes: [
      ["FLAG.independent ? done : 0", "FLAG.independent ? 0 : done"],
      ["FLAG.contentSize) !== 0", "FLAG.contentSize) === 0"],
      ["if (at === input.length) return end;", "if (false) return end;"],
      [
        "FLAG.blockChecksum && uint32() !== xxHash32(block)",
        "FLAG.blockChecksum && uint32() === 0",
      ],
      ["done !== length || at !== input.length", "done !== length"],
    ],
  },
  {
    file: "lib/data/xx_hash32.ts",
    tests: ["tests/data/xx_hash32_test.ts"],
    changes: [
      ["[1, 7, 12, 18]", "[1, 7, 12, 17]"],
      ["hash += bytes.length;", ""],
      ["rotate(hash, 17)", "rotate(hash, 16)"],
    ],
  },
  {
    file: "lib/data/zstd.ts",
    tests: ["tests/data/zstd_test.ts"],
    changes: [
      ["output.length !== length", "false"],
    ],
  },
];
