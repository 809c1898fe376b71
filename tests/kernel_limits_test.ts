import { assert, assertEquals } from "@std/assert";
import * as gradloop from "../mod.ts";
import { nameOf } from "../lib/ops/gemm/tile.ts";
import { CANDIDATES } from "../lib/ops/gemm/tiles.ts";
import {
  ALIGNED,
  MODELS,
  ODD,
  OPTIMIZERS,
  walkModels,
} from "./helpers/model_walk.ts";
import { OPS, walkOps } from "./helpers/op_walk.ts";
import { needs, ROOT } from "./helpers/permissions.ts";
import {
  type Recording,
  type RecordingOptions,
  recordKernels,
} from "./helpers/recording_device.ts";
import { sourceFiles, withoutComments } from "./helpers/source_files.ts";
import { workgroupUse } from "./helpers/workgroup_use.ts";

/** WebGPU's default limits: https://www.w3.org/TR/webgpu/#limits */
const LIMITS = {
  storageBuffers: 8,
  storageTextures: 4,
  workgroupBytes: 16384,
  threads: 256,
  threadsAlong: [256, 256, 64],
};

/** Bytes of a binding that the word embeddings of {@linkcode ALIGNED} exceed. */
const SMALL_BINDING = 256 * 64 * 4;

/** All kernels of a kind of device, recorded when the first test asks for them. */
function recordingOf(name: string, options: RecordingOptions) {
  const record = async (): Promise<Recording> => {
    const whole = await recordKernels(options, async (device) => {
      await walkOps(device);
      for (const sizes of [ALIGNED, ODD]) await walkModels(device, sizes);
    });
    const split = await recordKernels(
      { ...options, maxBytes: SMALL_BINDING },
      (device) => walkModels(device, ALIGNED, ["BertForMaskedLM"]),
    );
    return {
      kernels: [...whole.kernels, ...split.kernels],
      messages: [...whole.messages, ...split.messages],
      error: whole.error ?? split.error,
      hasFloat16: whole.hasFloat16,
    };
  };
  let recording: Promise<Recording> | undefined;
  return { name, recording: () => recording ??= record() };
}

const HARDWARE = { isSoftware: false, subgroupSize: 0 };
const SETS = [
  recordingOf("hardware", HARDWARE),
  recordingOf("software", { isSoftware: true, subgroupSize: 8 }),
  recordingOf("software without subgroups", {
    isSoftware: true,
    subgroupSize: 0,
  }),
];

/**
 * Fails if a kernel exceeds a limit, with all that do, or WebGPU found an error, or
 * its compiler had anything to say.
 */
function assertWithinLimits({ kernels, messages, error }: Recording): void {
  const excesses = new Set<string>();
  for (const { label, code, overrides, bindings } of kernels) {
    const check = (count: number, limit: number, what: string) => {
      if (count > limit) excesses.add(`${label} has ${count} ${what}`);
    };
    const count = (matches: (entry: GPUBindGroupLayoutEntry) => unknown) =>
      bindings.filter(matches).length;
    check(
      count(({ buffer }) => buffer && buffer.type !== "uniform"),
      LIMITS.storageBuffers,
      "storage buffers",
    );
    check(
      count(({ storageTexture }) => storageTexture),
      LIMITS.storageTextures,
      "storage textures",
    );
    const { bytes, threads } = workgroupUse(code, overrides);
    check(bytes, LIMITS.workgroupBytes, "bytes of workgroup memory");
    check(threads.reduce((a, b) => a * b), LIMITS.threads, "threads");
    threads.forEach((n, i) => {
      check(n, LIMITS.threadsAlong[i]!, `threads along ${"xyz"[i]}`);
    });
  }
  assertEquals([...excesses], []);
  assertEquals(messages, []);
  assertEquals(error, undefined);
}

for (const { name, recording } of SETS) {
  Deno.test(`every kernel fits the default limits of WebGPU: ${name}`, async () => {
    assertWithinLimits(await recording());
  });
}

Deno.test("every tile of a product fits the default limits of WebGPU", async (t) => {
  const sizes = [32, 64, 128, 256, 512, 1024, 2048];
  const shapes = sizes.flatMap((m) =>
    sizes.flatMap((n) => sizes.map((k) => `${m}x${n}x${k}`))
  );
  const classes = ["NT", "NN", "TN"].flatMap((layout) =>
    shapes.map((shape) => `${layout} ${shape}`)
  );
  for (const tile of CANDIDATES.map(nameOf)) {
    await t.step(tile, async () => {
      const tuning = Object.fromEntries(classes.map((name) => [name, tile]));
      const recording = await recordKernels(
        { ...HARDWARE, tuning },
        (device) => walkOps(device, ["linear", "matmul"]),
      );
      assertWithinLimits(recording);
      const products = recording.kernels.map(({ label }) => label)
        .filter((label) => label.startsWith("matmul_"));
      assert(products.length > 0);
      const others = products.filter((label) =>
        !new RegExp(`_${tile}(_|$)`).test(label)
      );
      assertEquals(others, []);
    });
  }
});

Deno.test("the walk has every model and optimizer of mod.ts", () => {
  const classes = Object.entries<unknown>(gradloop);
  const subclasses = (Base: abstract new (...args: never[]) => unknown) =>
    classes.filter(([, value]) =>
      typeof value === "function" && value.prototype instanceof Base
    );
  const models = subclasses(gradloop.PreTrainedModel)
    .filter(([, value]) => Object.hasOwn(value as object, "architecture"));
  const namesOf = (entries: [string, unknown][]) =>
    entries.map(([name]) => name).sort();
  assertEquals(Object.keys(MODELS).sort(), namesOf(models));
  const optimizers = subclasses(gradloop.Optimizer);
  assertEquals(Object.keys(OPTIMIZERS).sort(), namesOf(optimizers));
});

Deno.test(needs("the walk has every op of mod.ts", "read"), async () => {
  const mod = await Deno.readTextFile(new URL("mod.ts", ROOT));
  const exports = mod.matchAll(
    /^export \{([^}]*)\} from "\.\/lib\/ops\/\w+\.ts";/gm,
  );
  const names = [...exports].flatMap(([, list]) =>
    list!.split(",").map((name) => name.trim())
  );
  const ops = names.filter((name) => name !== "" && !name.startsWith("type "));
  // Those that dispatch nothing.
  const data = ["attentionTiles", "relativePositions", "rotaryPositions"];
  assertEquals([...Object.keys(OPS), ...data].sort(), ops.sort());
});

/** Kernels that are made and not used: a sum over rows reads single elements. */
const UNUSED = ["sum_rows"];

/** Kernels whose name is computed: a file of lib/ops, and the names that it gives. */
const COMPUTED = new Map([
  ["attention.ts", /^attention_/],
  ["flat_step.ts", /^adamw_step$/],
  ["geglu.ts", /^geglu/],
  ["gelu.ts", /^gelu/],
  ["gemm/kernels.ts", /^matmul_/],
  ["gemm/parts.ts", /^add_parts_/],
  ["layer_norm.ts", /^layer_norm/],
  ["position_bias.ts", /^position_bias/],
  ["vectorized_kernel.ts", /_scalar$/],
]);

Deno.test(needs("the walk has every kernel of lib/ops", "read"), async (t) => {
  const sources = await sourceFiles("lib/ops/", ".ts");
  const constructors =
    /\b(?:new (Vectorized)?Kernel|(?<!function )(?:flat|step)Kernel)\(\s*(?:"(\w+)")?/g;
  const names: string[] = [];
  for (const { path, text } of sources) {
    const file = path.replace("lib/ops/", "");
    for (
      const [, vectorized, name] of withoutComments(text).matchAll(constructors)
    ) {
      if (name === undefined) assert(COMPUTED.has(file), `${path} is unknown`);
      else names.push(name, ...vectorized ? [`${name}_scalar`] : []);
    }
  }
  const files = await sourceFiles("lib/ops/", ".wgsl");
  for (const { name, recording } of SETS) {
    await t.step(name, async () => {
      const { kernels, hasFloat16 } = await recording();
      const unused = [...UNUSED, ...hasFloat16 ? [] : ["from_half"]];
      const walked = new Set(kernels.map(({ label }) => label));
      const missing = names.filter((name) => !walked.has(name));
      assertEquals(missing.sort(), unused.sort());
      for (const [file, pattern] of COMPUTED) {
        if (name !== "hardware" && file === "gemm/parts.ts") continue;
        const found = kernels.some(({ label }) => pattern.test(label));
        assert(found, `no kernel of ${file} was walked`);
      }
      const codes = kernels.map(({ code }) =>
        code.replace("var<storage, read> params", "var<uniform> params")
      );
      const others = files.filter(({ path, text }) =>
        !codes.some((code) => code.includes(text)) &&
        (hasFloat16 || !path.endsWith("/from_half.wgsl"))
      );
      assertEquals(others.map(({ path }) => path), []);
    });
  }
});
