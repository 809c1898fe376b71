import { assert, assertEquals } from "@std/assert";
import {
  attention,
  attentionTiles,
  requestDevice,
  Tensor,
} from "../../../mod.ts";
import { hardwareBackwardSource } from "../../../lib/ops/attention/hardware_backward.ts";
import { hardwareForwardSource } from "../../../lib/ops/attention/hardware_forward.ts";
import { shapeOf } from "../../../lib/ops/attention/hardware_source.ts";
import { workgroupUse } from "../../helpers/workgroup_use.ts";

const WIDTHS = [1, 4, 5, 16, 20, 32, 48, 64, 67, 96, 100, 128, 256];

Deno.test("attention kernels for graphics hardware keep to WebGPU's default limits at any head width", () => {
  for (const width of WIDTHS) {
    const access = width % 4 === 0 ? "vec4" : "scalar";
    for (const source of [hardwareForwardSource, hardwareBackwardSource]) {
      const code = source({ width, heads: 2, access, isLocal: true });
      const { bytes, threads } = workgroupUse(code, {});
      assert(bytes <= 16_384, `${source.name}, ${width}: ${bytes} bytes`);
      assertEquals(threads, [width > 32 ? 128 : 64, 1, 1]);
      const buffers = code.match(/@binding\(\d+\) var<storage/g)!.length;
      assert(buffers <= 8, `${source.name}, ${width}: ${buffers} buffers`);
    }
  }
});

Deno.test("shapeOf() divides every head width among all threads", () => {
  for (const width of WIDTHS) {
    const { columns, sums, queries, threads } = shapeOf({
      width,
      heads: 1,
      access: "scalar",
    });
    // Scores: four keys and some queries each. Sums: a vec4 of four rows each.
    assertEquals(threads * 4 * queries, 32 * 32);
    assertEquals(threads * 4, columns * 32);
    assert(4 * columns * sums >= width && 4 * columns * (sums - 1) < width);
  }
});

Deno.test("attention() has at least 150 workgroups for a batch of 8 in BERT-base", async () => {
  using device = await requestDevice({ kernels: "hardware" });
  const workgroups: number[] = [];
  // Counts, and runs nothing.
  device.dispatch = ({ label }, _operands, _params, x, y = 1) => {
    if (label.startsWith("attention_")) workgroups.push(x * y);
  };
  using _scope = device.scope();
  const starts = Array.from({ length: 9 }, (_, i) => 50 * i);
  const qkv = new Tensor(device, [400, 3 * 768], { requiresGrad: true });
  const o = attention(qkv, attentionTiles(device, starts), 12);
  o.backward(new Tensor(device, o.shape));
  // Two tiles a sequence; the backward pass has two workgroups for each.
  assertEquals(workgroups, [8 * 2 * 12, 2 * 8 * 2 * 12]);
});
