import { assertEquals, assertRejects } from "@std/assert";
import { openTensorFile } from "../../lib/checkpoint/tensor_file.ts";
import { openDiskFile } from "../../lib/files/disk_folder.ts";
import { saveSafetensors } from "../../mod.ts";
import { needs } from "../helpers/permissions.ts";
import { tempFolder } from "../helpers/temp_folder.ts";

const TENSORS = {
  odd: { shape: [3], data: Uint8Array.of(1, 2, 255) },
  wide: { shape: [2, 1], data: Float64Array.of(-0, NaN) },
  single: { shape: [1, 2], data: Float32Array.of(0.5, -1) },
  half: { dtype: "F16", shape: [], data: Uint16Array.of(0x3c00) },
  none: { shape: [0, 4], data: new Int32Array() },
} as const;

Deno.test(
  needs(
    "openTensorFile() reads the header, and the values one by one",
    "read",
    "write",
  ),
  async () => {
    await using folder = await tempFolder();
    const bytes = saveSafetensors(TENSORS);
    await Deno.writeFile(`${folder.path}/a.safetensors`, bytes);
    const open = async () =>
      await openTensorFile(
        await openDiskFile(`${folder.path}/a.safetensors`, ""),
      );
    using file = await open();
    assertEquals(file.path, `${folder.path}/a.safetensors`);
    assertEquals([...file.tensors.keys()].sort(), Object.keys(TENSORS).sort());
    assertEquals(file.tensors.get("half")!.dtype, "F16");
    for (const [name, { shape, data }] of Object.entries(TENSORS)) {
      assertEquals(file.tensors.get(name)!.shape, shape);
      assertEquals(await file.read(name), data, name);
    }
    await assertRejects(
      () => file.read("other"),
      RangeError,
      `No tensor "other" in ${folder.path}/a.safetensors`,
    );
    const closed = await open();
    closed[Symbol.dispose]();
    await assertRejects(() => closed.read("odd"), Deno.errors.BadResource);
  },
);

Deno.test({
  ...needs(
    "openTensorFile() refuses damaged files, and leaves none open",
    "read",
    "write",
  ),
  sanitizeResources: true,
  fn: async () => {
    await using folder = await tempFolder();
    const path = `${folder.path}/a.safetensors`;
    const bytes = saveSafetensors(TENSORS);
    const cases: [Uint8Array, message: string][] = [
      [bytes.slice(0, -1), "it is truncated"],
      [bytes.slice(0, 30), "it is truncated"],
      [bytes.slice(0, 3), "it has 3 bytes"],
      [new Uint8Array(), "it has 0 bytes"],
      [new Uint8Array(400).fill(0x41), "it is not a safetensors file"],
    ];
    const open = async () =>
      await openTensorFile(await openDiskFile(path, "; train"));
    for (const [content, message] of cases) {
      await Deno.writeFile(path, content);
      await assertRejects(open, SyntaxError, message);
    }
    await Deno.remove(path);
    await assertRejects(
      open,
      Deno.errors.NotFound,
      "there is no such file; train",
    );
  },
});
