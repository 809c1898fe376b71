import { assertEquals, assertThrows } from "@std/assert";
import { type Overrides, workgroupUse } from "./workgroup_use.ts";

const MAIN = "@compute @workgroup_size(64)\nfn main() {}\n";

/** Bytes of a variable of a type, after other declarations. */
function bytesOf(type: string, declarations = "", overrides: Overrides = {}) {
  const code = `${declarations}\nvar<workgroup> x: ${type};\n${MAIN}`;
  return workgroupUse(code, overrides).bytes;
}

Deno.test("workgroupUse() follows the table of sizes in the WGSL specification", () => {
  const sizes: [type: string, bytes: number][] = [
    ["u32", 16], // rounded up
    ["array<f32, 5>", 32],
    ["array<vec2f, 6>", 48],
    ["array<vec3f, 4>", 64],
    ["array<vec4<f32>, 4>", 64],
    ["array<vec4h, 4>", 32],
    ["array<atomic<u32>, 8>", 32],
    ["array<array<array<array<vec4f, 2>, 3>, 4>, 5>", 16 * 120],
  ];
  assertEquals(sizes.map(([type]) => bytesOf(type)), sizes.map(([, n]) => n));
});

Deno.test("workgroupUse() resolves structs, aliases, constants and overrides", () => {
  // a at 0, b at 16 and c at 28; a multiple of 16.
  const struct = "struct S {\n  a: f32,\n  b: vec3f,\n  c: array<f32, 2>,\n}";
  assertEquals(bytesOf("array<S, 3>", struct), 3 * 48);
  assertEquals(bytesOf("array<V, 4>", "alias V = vec4f;"), 64);
  const sizes =
    "override N: u32 = 8; // 2 at least\noverride M: u32 = N / 3 + 2 * (N - 1);\nconst K = 4u;";
  assertEquals(bytesOf("array<f32, K * M>", sizes), 4 * 4 * 16);
  assertEquals(bytesOf("array<f32, K * M>", sizes, { N: 3 }), 4 * 4 * 5);
  assertEquals(bytesOf("array<f32, K * M>", sizes, { N: 3, M: 1 }), 16);
});

Deno.test("workgroupUse() adds variables, and counts threads", () => {
  const code = `var<workgroup> a: u32;
// var<workgroup> not_this: u32;
var<workgroup> b: array<f32, X>;
override X: u32 = 4;
@compute @workgroup_size(X, 2) fn main() {}`;
  assertEquals(workgroupUse(code, {}), { bytes: 32, threads: [4, 2, 1] });
  assertEquals(
    workgroupUse(code, { X: 8 }),
    { bytes: 48, threads: [8, 2, 1] },
  );
});

Deno.test("workgroupUse() rejects what it does not know", () => {
  assertThrows(() => bytesOf("array<f32, N>"), SyntaxError, "unknown size N");
  assertThrows(() => bytesOf("mat4x4f"), SyntaxError, "unknown type mat4x4f");
  assertThrows(() => bytesOf("array<f32, 4 4>"), SyntaxError, "unknown size");
  assertThrows(() => workgroupUse("", {}), SyntaxError, "no @workgroup_size");
});
