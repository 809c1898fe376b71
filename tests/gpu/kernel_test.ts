import { assertEquals, assertThrows } from "@std/assert";
import { Kernel, Tensor, zeros } from "../../mod.ts";
import { device } from "../helpers/device.ts";

const FIELDS = `
struct Params {
  rows: u32, // R
  eps: f32,
  seed: u32,
}

@group(0) @binding(0) var x: texture_storage_2d<rgba32float, read>; // [R]
@group(0) @binding(1) var<storage, read> weight: array<f32>; // [C]
@group(0) @binding(2) var<storage, read_write> y: array<f32>; // [R]
@group(0) @binding(3) var<uniform> params: Params;
`;

const BARE = `
override START: u32 = 1u;

@group(0) @binding(0) var<storage, read_write> y: array<u32>; // [R]

@compute @workgroup_size(1)
fn main(@builtin(workgroup_id) i: vec3u) {
  y[i.x] = START + i.x;
}
`;

Deno.test("Kernel parses its bindings and parameters from the source", () => {
  const kernel = new Kernel("fields", FIELDS);
  assertEquals(kernel.label, "fields");
  assertEquals(kernel.source, FIELDS);
  assertEquals(kernel.bindings, ["texture", "read", "read_write"]);
  assertEquals(kernel.paramsByteLength, 12);
});

Deno.test("Kernel.packParams() writes 4 bytes per field, in the order of the source", () => {
  const kernel = new Kernel("fields", FIELDS);
  const view = new DataView(new ArrayBuffer(20));
  kernel.packParams({ seed: 0xfedcba98, eps: 1.5, rows: 7, more: 1 }, view, 4);
  assertEquals(
    [0, 4, 8, 12, 16].map((offset) => view.getUint32(offset, true)),
    [0, 7, 0x3fc00000, 0xfedcba98, 0], // 1.5 is 0x3fc00000 in IEEE 754
  );
});

Deno.test("Kernel.packParams() names a parameter without a value", () => {
  const kernel = new Kernel("fields", FIELDS);
  const view = new DataView(new ArrayBuffer(12));
  assertThrows(
    () => kernel.packParams({ rows: 1, seed: 2 }, view, 0),
    TypeError,
    'Cannot dispatch "fields": parameter "eps" has no value',
  );
});

Deno.test("Kernel rejects bindings out of order", () => {
  assertThrows(
    () => new Kernel("swapped", FIELDS.replace("@binding(1)", "@binding(4)")),
    SyntaxError,
    'Cannot use kernel "swapped": binding 4 is out of order',
  );
});

Deno.test("Kernel runs without parameters", async () => {
  using _scope = device.scope();
  const kernel = new Kernel("bare", BARE);
  assertEquals(kernel.paramsByteLength, 0);
  const y = zeros(device, [3], { dtype: "u32" });
  device.dispatch(kernel, [y], {}, 2);
  assertEquals([...await y.toArray()], [1, 2, 0]);
});

Deno.test("Kernel takes constants, fixed or as a function of the device", async () => {
  using _scope = device.scope();
  const start = async (kernel: Kernel) => {
    const y = new Tensor(device, [1], { dtype: "u32" });
    device.dispatch(kernel, [y], {}, 1);
    return await y.item();
  };
  assertEquals(await start(new Kernel("bare", BARE, { START: 5 })), 5);
  const byDevice = new Kernel("bare", BARE, ({ isSoftware }) => ({
    START: isSoftware ? 8 : 64,
  }));
  assertEquals(await start(byDevice), device.isSoftware ? 8 : 64);
});

Deno.test("Kernel enables subgroups where it uses them and the device wants that, on the first line", () => {
  const gpu = {
    createPipelineLayout: () => ({}),
    createShaderModule: ({ code }: GPUShaderModuleDescriptor) => code,
  } as unknown as GPUDevice;
  const codeOf = (source: string, enablesSubgroups: boolean) => {
    const kernel = new Kernel("k", source);
    const properties = { isSoftware: true, subgroupSize: 8, enablesSubgroups };
    const layout = {} as GPUBindGroupLayout;
    return kernel.pipelineDescriptor(gpu, properties, layout).compute
      .module as unknown;
  };
  const source = "// A share.\nfn f() { x = subgroupBroadcast(y, 3u); }";
  assertEquals(codeOf(source, true), `enable subgroups; ${source}`);
  assertEquals(codeOf(source, false), source);
  assertEquals(codeOf("// No subgroup.", true), "// No subgroup.");
});

Deno.test("Kernel is compiled once per device", () => {
  using _scope = device.scope();
  const kernel = new Kernel("bare", BARE);
  const y = new Tensor(device, [1], { dtype: "u32" });
  const { pipelines } = device.counters;
  device.dispatch(kernel, [y], {}, 1);
  device.dispatch(kernel, [y], {}, 1);
  device.submit();
  device.dispatch(kernel, [y], {}, 1);
  device.submit();
  assertEquals(device.counters.pipelines, pipelines + 1);
});
