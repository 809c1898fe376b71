import {
  assertEquals,
  assertNotStrictEquals,
  assertStrictEquals,
} from "@std/assert";
import { requestDevice, Tensor } from "../../../mod.ts";
import { gemmAccess } from "../../../lib/ops/gemm/access.ts";
import { matmulKernel } from "../../../lib/ops/gemm/kernels.ts";
import {
  CANDIDATES,
  softwareTile,
  tilesOf,
} from "../../../lib/ops/gemm/tiles.ts";
import { accessFor } from "../../../lib/ops/operand_source.ts";
import { device } from "../../helpers/device.ts";

const SOFTWARE = { isSoftware: true, subgroupSize: 8 };
const HARDWARE = { isSoftware: false, subgroupSize: 0 };
const VEC4 = { a: "vec4", b: "vec4", c: "vec4" } as const;

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

Deno.test("gemmAccess() reads each operand as its own sizes allow on graphics hardware", async () => {
  using hardware = await requestDevice({ kernels: "hardware" });
  using software = await requestDevice({ kernels: "software" });
  const access = (
    on: typeof device,
    layout: "NT" | "NN" | "TN",
    m: number,
    n: number,
    k: number,
    hasSums = false,
  ) => {
    using _scope = on.scope();
    const matrix = (rows: number, stride: number) => ({
      tensor: new Tensor(on, [rows, stride]),
      stride,
    });
    const a = layout === "TN" ? matrix(k, m) : matrix(m, k);
    const b = layout === "NT" ? matrix(n, k) : matrix(k, n);
    const all = gemmAccess({
      layout,
      size: { m, n, k },
      a,
      b,
      c: matrix(m, n),
      sums: hasSums
        ? { tensor: new Tensor(on, [m]), accumulate: false }
        : undefined,
    });
    return `${all.a} ${all.b} ${all.c}`;
  };
  // A vocabulary of 30522 words: the operands without rows of that length are vec4s.
  assertEquals(access(hardware, "NT", 4, 30522, 8), "vec4 vec4 scalar");
  assertEquals(access(hardware, "NN", 4, 8, 30522), "scalar vec4 vec4");
  assertEquals(access(hardware, "TN", 30522, 8, 3), "scalar vec4 vec4");
  assertEquals(access(hardware, "NT", 4, 8, 6), "scalar scalar vec4");
  // The last vec4 of the sums would reach past their end.
  assertEquals(access(hardware, "TN", 6, 8, 4, true), "scalar vec4 scalar");
  assertEquals(access(software, "NN", 4, 8, 30522), "scalar scalar scalar");
  assertEquals(access(software, "NN", 4, 8, 12), "texture texture vec4");
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

Deno.test("softwareTile() chooses the fastest tile, counting idle rows", () => {
  const rows = (m: number) => softwareTile(SOFTWARE, "texture", m).rows;
  assertEquals([rows(420), rows(384)], [24, 24]);
  assertEquals(rows(128), 16); // 144 rows of 24 are slower than 128 of 16
  assertEquals(rows(8), 8);
});

Deno.test("softwareTile() broadcasts only in subgroups of eight", () => {
  const lanes = (subgroupSize: number) =>
    softwareTile({ isSoftware: true, subgroupSize }, "texture", 420).lanes;
  assertEquals([lanes(8), lanes(4), lanes(0)], [8, 0, 0]);
});

Deno.test("matmulKernel() makes each kernel once", () => {
  const [tile] = CANDIDATES;
  const kernel = matmulKernel("NT", VEC4, tile);
  assertStrictEquals(matmulKernel("NT", VEC4, tile), kernel);
  assertStrictEquals(matmulKernel("NT", { ...VEC4 }, tile, {}), kernel);
  assertNotStrictEquals(matmulKernel("NN", VEC4, tile), kernel);
  assertNotStrictEquals(matmulKernel("NT", VEC4, tile, { bias: true }), kernel);
});

Deno.test("matmulKernel() names everything that differs", () => {
  const [tile] = CANDIDATES;
  const { label } = matmulKernel(
    "TN",
    { a: "scalar", b: "vec4", c: "scalar" },
    tile,
    { ragged: true, sums: true, accumulate: true },
  );
  assertEquals(
    label,
    "matmul_TN_scalar-vec4-scalar_4x8x16_8x8_ragged_accumulate_sums",
  );
});
