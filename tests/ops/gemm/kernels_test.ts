import {
  assertEquals,
  assertNotStrictEquals,
  assertStrictEquals,
} from "@std/assert";
import { Tensor } from "../../../mod.ts";
import {
  accessFor,
  matmulKernel,
  tileFor,
  tilesOf,
} from "../../../lib/ops/gemm/kernels.ts";
import { device } from "../../helpers/device.ts";

const SOFTWARE = { isSoftware: true, subgroupSize: 8 };
const HARDWARE = { isSoftware: false, subgroupSize: 0 };

Deno.test("accessFor() reads vec4s if everything is a multiple of four", () => {
  using _scope = device.scope();
  const { storage } = new Tensor(device, [64]);
  const at = (byteOffset: number) =>
    new Tensor(device, [8], { storage, byteOffset });
  assertEquals(accessFor(SOFTWARE, [at(0), at(32)], [8, 4]), "texture");
  assertEquals(accessFor(HARDWARE, [at(0), at(32)], [8, 4]), "vec4");
  assertEquals(accessFor(HARDWARE, [at(0)], [8, 6]), "scalar");
  assertEquals(accessFor(SOFTWARE, [at(0), at(8)], [8]), "scalar");
});

Deno.test("tilesOf() covers the whole result", () => {
  const tile = {
    rows: 4,
    columns: 8,
    threads: [2, 8],
    depth: 0,
    lanes: 0,
  } as const; // 32 x 16
  assertEquals(tilesOf(tile, 32, 16), 1);
  assertEquals(tilesOf(tile, 33, 16), 2);
  assertEquals(tilesOf(tile, 33, 17), 4);
});

Deno.test("tileFor() chooses the fastest tile, counting idle rows", () => {
  const rows = (m: number) => tileFor(SOFTWARE, "texture", m).rows;
  assertEquals([rows(420), rows(384)], [24, 24]);
  assertEquals(rows(128), 16); // 144 rows of 24 are slower than 128 of 16
  assertEquals(rows(8), 8);
});

Deno.test("tileFor() broadcasts only in subgroups of eight", () => {
  const lanes = (subgroupSize: number) =>
    tileFor({ isSoftware: true, subgroupSize }, "texture", 420).lanes;
  assertEquals([lanes(8), lanes(4), lanes(0)], [8, 0, 0]);
});

Deno.test("matmulKernel() makes each kernel once", () => {
  const tile = tileFor(HARDWARE, "vec4", 100);
  const kernel = matmulKernel("NT", "vec4", tile);
  assertStrictEquals(matmulKernel("NT", "vec4", tile), kernel);
  assertNotStrictEquals(matmulKernel("NN", "vec4", tile), kernel);
  assertNotStrictEquals(
    matmulKernel("NT", "vec4", tile, { bias: true }),
    kernel,
  );
});
