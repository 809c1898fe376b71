import { assertEquals, assertThrows } from "@std/assert";
import type { Batch } from "../../lib/data/arrow_messages.ts";
import type { ArrowField } from "../../lib/data/arrow_schema.ts";
import { readTable } from "../../lib/data/arrow_table.ts";
import type { ArrowType } from "../../lib/data/arrow_types.ts";

const INT32 = {
  name: "int32",
  layout: "fixed",
  size: 4,
  number: "Int32",
} as const;
const STRING = {
  name: "string",
  layout: "bytes",
  size: 4,
  isText: true,
} as const;
const VIEW = { name: "string_view", layout: "views", isText: true } as const;
const PAIRS = {
  name: "fixed_size_list",
  layout: "fixedSizeList",
  size: 2,
} as const;
const NONE = new Uint8Array();

function fieldOf(type: ArrowType, ...children: ArrowField[]): ArrowField {
  return { name: "x", type, children, isNullable: true };
}

const bytesOf = (numbers: number[]) =>
  new Uint8Array(Int32Array.from(numbers).buffer);
const textOf = (text: string) => new TextEncoder().encode(text);

/** Makes a batch; each buffer begins at a multiple of 8. */
function batchOf(
  nodes: [length: number, missing: number][],
  buffers: Uint8Array[],
  more: Partial<Batch> = {},
): Batch {
  const body: number[] = [];
  const places = buffers.map((buffer) => {
    const offset = body.length;
    body.push(...buffer, ...new Uint8Array(-buffer.length & 7));
    return [offset, buffer.length];
  });
  return {
    length: nodes[0]![0],
    nodes,
    buffers: places,
    variadicCounts: [],
    body: Uint8Array.from(body),
    isVersion4: false,
    ...more,
  };
}

function read(field: ArrowField, batches: Batch[], dictionary?: Batch) {
  const schema = { fields: [field], metadata: new Map() };
  const first = dictionary
    ? [{ id: 0, isDelta: false, batch: dictionary }]
    : [];
  const messages = { schema, batches: [...first, ...batches] };
  const column = readTable(messages, 1000).columns.x!;
  return Array.from({ length: column.length }, (_, i) => column.at(i));
}

Deno.test("readTable() refuses counts that contradict the buffers", () => {
  const numbers = bytesOf([1, 2, 3]);
  const bits = Uint8Array.of(0b101);
  const cases: Batch[] = [
    batchOf([[3, 2]], [bits, numbers]), // one is missing
    batchOf([[3, 4]], [bits, numbers]),
    batchOf([[4, 0]], [NONE, numbers]),
    batchOf([[3, 0]], [NONE, numbers, NONE]), // a buffer too many
    batchOf([[3, 0]], [NONE]),
    batchOf([[3, 0], [3, 0]], [NONE, numbers]), // a column too many
    batchOf([[3, 0]], [NONE, numbers], { variadicCounts: [1] }),
    batchOf([[3, 0]], [NONE, numbers], { length: 2 }),
    batchOf([[3, 0]], [NONE, numbers], { buffers: [[0, 0], [8, 12]] }),
    batchOf([[3, 0]], [NONE, numbers], { buffers: [[0, 0], [-8, 12]] }),
    batchOf([[3, 0]], [NONE, numbers], { buffers: [[0, 0], [4, 12]] }),
  ];
  const field = fieldOf(INT32);
  assertEquals(
    read(field, [batchOf([[3, 1]], [bits, numbers])]),
    [1, null, 3],
  );
  for (const batch of cases) assertThrows(() => read(field, [batch]), Error);
});

Deno.test("readTable() refuses offsets that go back, begin below 0 or pass the end", () => {
  const field = fieldOf(STRING);
  const withOffsets = (...offsets: number[]) =>
    batchOf([[2, 0]], [NONE, bytesOf(offsets), textOf("abé")]);
  assertEquals(read(field, [withOffsets(0, 1, 4)]), ["a", "bé"]);
  const cases = [[0, 2, 1], [-1, 1, 2], [0, 1, 5], [0, 1], [0, 3, 4]];
  for (const offsets of cases) {
    assertThrows(() => read(field, [withOffsets(...offsets)]), Error);
  }
});

Deno.test("readTable() reads anything under a missing text", () => {
  const text = Uint8Array.of(97, 255, 98);
  const batch = batchOf(
    [[3, 1]],
    [Uint8Array.of(0b101), bytesOf([0, 1, 2, 3]), text],
  );
  assertEquals(read(fieldOf(STRING), [batch]), ["a", null, "b"]);
});

Deno.test("readTable() refuses lists with too few or too many items", () => {
  const withItems = (...items: number[]) =>
    batchOf(
      [[2, 0], [items.length, 0]],
      [NONE, NONE, bytesOf(items)],
    );
  const field = fieldOf(PAIRS, fieldOf(INT32));
  assertEquals(read(field, [withItems(1, 2, 3, 4)]), [[1, 2], [3, 4]]);
  assertThrows(() => read(field, [withItems(1, 2, 3)]), Error);
  assertThrows(() => read(field, [withItems(1, 2, 3, 4, 5)]), Error);

  const list = fieldOf(
    { name: "list", layout: "list", size: 4 },
    fieldOf(INT32),
  );
  const batch = batchOf(
    [[1, 0], [1, 0]],
    [NONE, bytesOf([0, 2]), NONE, bytesOf([7])],
  );
  assertThrows(() => read(list, [batch]), Error, "lists of 2 items have 1");
});

Deno.test("readTable() refuses indices beyond the dictionary, or below 0", () => {
  const field = {
    ...fieldOf(STRING),
    dictionary: { id: 0, indices: INT32 },
  };
  const values = batchOf(
    [[2, 0]],
    [NONE, bytesOf([0, 1, 2]), textOf("ab")],
  );
  const withIndex = (index: number) =>
    batchOf([[1, 0]], [NONE, bytesOf([index])]);
  assertEquals(read(field, [withIndex(1)], values), ["b"]);
  assertThrows(() => read(field, [withIndex(2)], values), Error, "is 2 in");
  assertThrows(() => read(field, [withIndex(-1)], values), Error, "is -1 in");
  assertThrows(() => read(field, [withIndex(1)]), Error, "is missing");
});

Deno.test("readTable() refuses views that point elsewhere", () => {
  const data = textOf("longer than twelve");
  const copy = new DataView(data.buffer).getInt32(0, true);
  const withView = (...view: number[]) =>
    batchOf([[1, 0]], [NONE, bytesOf(view), data], { variadicCounts: [1] });
  const field = fieldOf(VIEW);
  assertEquals(read(field, [withView(18, copy, 0, 0)]), ["longer than twelve"]);
  assertEquals(read(field, [withView(1, 97, 0, 0)]), ["a"]);
  const cases = [
    [19, copy, 0, 0],
    [18, copy, 1, 0],
    [17, copy, 0, 1], // begins with other letters
    [17, copy, 0, -1],
    [-1, copy, 0, 0],
    [1, 97, 1, 0], // followed by other bytes
    [1, 255, 0, 0],
  ];
  for (const view of cases) {
    assertThrows(() => read(field, [withView(...view)]), Error);
  }
});

Deno.test("readTable() reads a buffer that compression leaves as it is", () => {
  const stored = new Uint8Array([...bytesOf([-1, -1]), ...bytesOf([5])]);
  const batch = batchOf([[1, 0]], [NONE, stored], { codec: "ZSTD" });
  assertEquals(read(fieldOf(INT32), [batch]), [5]);
});

Deno.test("readTable() refuses buffers that declare more than they can hold", () => {
  for (const codec of ["ZSTD", "LZ4_FRAME"] as const) {
    for (const size of [[0, 1], [-2, -1], [2 ** 30, 0]]) {
      const buffer = new Uint8Array([...bytesOf(size), ...bytesOf([5])]);
      const batch = batchOf([[1, 0]], [NONE, buffer], { codec });
      assertThrows(() => read(fieldOf(INT32), [batch]), Error, "to hold");
    }
  }
});

Deno.test("readTable() refuses rows without a byte of data that outnumber the file", () => {
  const field = fieldOf({ name: "null", layout: "null" });
  assertEquals(read(field, [batchOf([[2, 2]], [])]), [null, null]);
  const many = batchOf([[1e9, 1e9]], []);
  assertThrows(() => read(field, [many]), Error, "without a byte");
});
