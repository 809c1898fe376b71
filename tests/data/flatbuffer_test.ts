import { assertEquals, assertThrows } from "@std/assert";
import { FlatTable } from "../../lib/data/flatbuffer.ts";

/**
 * A root table with a number, the text "ab", itself as a part, and structs; by
 * hand, as in https://flatbuffers.dev/internals/
 */
function buffer(): DataView<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(64));
  view.setUint32(0, 16, true); // offset of the root
  const vtable = [12, 16, 4, 8, 0, 12]; // sizes, and fields 0 to 3
  vtable.forEach((value, i) => view.setUint16(4 + 2 * i, value, true));
  view.setInt32(16, 12, true); // back to the vtable
  view.setInt32(20, -7, true); // field 0
  view.setUint32(24, 8, true); // field 1: text at byte 32
  view.setUint32(28, 12, true); // field 3: structs at byte 40
  view.setUint32(32, 2, true);
  view.setUint8(36, 97);
  view.setUint8(37, 98);
  view.setUint32(40, 2, true);
  [5, 6].forEach((value, i) => view.setInt32(44 + 8 * i, value, true));
  return view;
}

const rootOf = (view: DataView<ArrayBuffer>) =>
  FlatTable.root(new Uint8Array(view.buffer));

Deno.test("FlatTable reads numbers, text and structs, and defaults where they are absent", () => {
  const root = rootOf(buffer());
  assertEquals(root.number(0, "Int32"), -7);
  assertEquals(root.text(1), "ab");
  assertEquals(root.number(2, "Int32", 3), 3);
  assertEquals(root.text(9), undefined);
  assertEquals(root.table(2), undefined);
  assertEquals(root.tables(2), []);
  assertEquals(root.structs(3, 8, [[0, "Int32"]]), [[5], [6]]);
});

Deno.test("FlatTable refuses offsets outside the buffer", () => {
  const cases: [at: number, value: number, read: (root: FlatTable) => void][] =
    [
      [0, 0, () => {}], // the root is its own offset
      [0, 62, () => {}], // the root is beyond the end
      [0, 18, () => {}], // the root is not aligned
      [16, 100, () => {}], // the vtable is before the beginning
      [24, 0, (root) => root.text(1)],
      [24, 60, (root) => root.text(1)],
      [32, 29, (root) => root.text(1)], // text until the last byte, without an end
      [32, 1, (root) => root.text(1)], // text that is followed by a letter
      [40, 3, (root) => root.structs(3, 8, [[0, "Int32"]])],
      [28, 2 ** 31, (root) => root.tables(3)],
    ];
  for (const [at, value, read] of cases) {
    const view = buffer();
    view.setUint32(at, value, true);
    assertThrows(() => read(rootOf(view)), Error, "its metadata ");
  }
});

Deno.test("FlatTable refuses a number that is not aligned", () => {
  const view = buffer();
  view.setUint16(8, 6, true);
  assertThrows(() => rootOf(view).number(0, "Int32"), Error, "to byte 22");
});

Deno.test("FlatTable refuses text that is not UTF-8", () => {
  const view = buffer();
  view.setUint8(36, 255);
  assertThrows(() => rootOf(view).text(1), Error, "that is not UTF-8");
});

Deno.test("FlatTable refuses tables that hold themselves many times", () => {
  // 23 tables, each with a vector of two offsets to the next: 2 ** 23 tables if each is followed.
  const view = new DataView(new ArrayBuffer(24 * 24));
  view.setUint32(0, 12, true);
  view.setUint16(4, 6, true);
  view.setUint16(6, 8, true);
  view.setUint16(8, 4, true);
  for (let i = 0; i < 23; i++) {
    const table = 12 + i * 20;
    view.setInt32(table, table - 4, true);
    view.setUint32(table + 4, 4, true);
    view.setUint32(table + 8, i < 22 ? 2 : 0, true);
    view.setUint32(table + 12, i < 22 ? 8 : 0, true);
    view.setUint32(table + 16, i < 22 ? 4 : 0, true);
  }
  const count = (table: FlatTable): number =>
    table.tables(0).reduce((sum, part) => sum + count(part), 1);
  assertThrows(() => count(rootOf(view)), Error, "nested too deeply");
});
