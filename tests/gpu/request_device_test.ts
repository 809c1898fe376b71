import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import {
  requestDevice,
  type RequestDeviceOptions,
  type Tuning,
} from "../../mod.ts";

/** Runs `body` with another `navigator.gpu`, and another `navigator.platform` if one is given. */
async function withGpu(
  gpu: unknown,
  body: () => Promise<void>,
  platform?: string,
): Promise<void> {
  Object.defineProperty(navigator, "gpu", { value: gpu, configurable: true });
  if (platform !== undefined) {
    const value = platform;
    Object.defineProperty(navigator, "platform", { value, configurable: true });
  }
  try {
    await body();
  } finally {
    // The properties of the prototype are visible again.
    Reflect.deleteProperty(navigator, "gpu");
    Reflect.deleteProperty(navigator, "platform");
  }
}

/** A `navigator.gpu` with the machine's adapter under another name, and the requests it got. */
async function disguised(
  info: Partial<GPUAdapterInfo>,
  limits: Record<string, number> = {},
  features: readonly string[] = [],
) {
  const adapter = await navigator.gpu.requestAdapter();
  assert(adapter);
  const requested: {
    adapter?: GPURequestAdapterOptions;
    device?: GPUDeviceDescriptor;
  } = {};
  const gpu = {
    requestAdapter(options: GPURequestAdapterOptions) {
      requested.adapter = options;
      return Promise.resolve({
        info: { vendor: "", device: "", description: "", ...info },
        features: new Set(features),
        limits: new Proxy(adapter.limits, {
          get: (real, name: keyof GPUSupportedLimits) =>
            limits[name] ?? real[name],
        }),
        requestDevice(descriptor: GPUDeviceDescriptor) {
          requested.device = descriptor;
          return adapter.requestDevice();
        },
      });
    },
  };
  return { gpu, requested, limits: adapter.limits };
}

Deno.test("requestDevice() describes the adapter", async (t) => {
  const cases: [Partial<GPUAdapterInfo>, string, boolean][] = [
    [{ description: "NVIDIA H200" }, "NVIDIA H200", false],
    [{ vendor: "apple", device: "m3" }, "apple m3", false],
    [{ vendor: "apple" }, "apple", false],
    [{ vendor: "nvidia", architecture: "hopper" }, "nvidia hopper", false],
    [
      { vendor: "mesa", architecture: "software" },
      "mesa software: a software adapter, on the CPU, no GPU",
      true,
    ],
    [{}, "unknown adapter", false],
    [
      { description: "llvmpipe (LLVM 15.0.6, 256 bits)" },
      "llvmpipe (LLVM 15.0.6, 256 bits): a software adapter, on the CPU, no GPU",
      true,
    ],
    [
      { vendor: "google", device: "SwiftShader" },
      "google SwiftShader: a software adapter, on the CPU, no GPU",
      true,
    ],
    [
      { description: "Microsoft", isFallbackAdapter: true },
      "Microsoft: a software adapter, on the CPU, no GPU",
      true,
    ],
  ];
  for (const [info, description, isSoftware] of cases) {
    await t.step(description, async () => {
      const { gpu, requested } = await disguised(info);
      await withGpu(gpu, async () => {
        using device = await requestDevice();
        assertEquals(device.description, description);
        assertEquals(device.isSoftware, isSoftware);
        assertEquals(requested.adapter?.powerPreference, "high-performance");
      });
    });
  }
});

Deno.test("requestDevice() uses the requested kernels", async () => {
  for (const kernels of ["software", "hardware"] as const) {
    using device = await requestDevice({ kernels });
    assertEquals(device.isSoftware, kernels === "software");
  }
  using hardware = await requestDevice({ kernels: "hardware" });
  using own = await requestDevice();
  assertEquals(hardware.description, own.description); // the adapter is the same
});

Deno.test("requestDevice() rejects unknown kernels before it requests an adapter", async () => {
  const { gpu, requested } = await disguised({});
  await withGpu(gpu, async () => {
    for (
      const [kernels, value] of [
        ["gpu", 'the string "gpu"'],
        [null, "null"],
        [["hardware"], "an array"],
      ]
    ) {
      await assertRejects(
        () => requestDevice({ kernels: kernels as "hardware" }),
        TypeError,
        `Cannot request a device: kernels is ${value}; pass "hardware" or "software"`,
      );
    }
  });
  assertEquals(requested, {});
});

Deno.test("requestDevice() measures on graphics hardware alone, unless tuning says so", async () => {
  const tuningOf = async (
    description: string,
    options?: RequestDeviceOptions,
  ) => {
    const { gpu } = await disguised({ description });
    let tuning: Tuning | undefined;
    await withGpu(gpu, async () => {
      using device = await requestDevice(options);
      tuning = device.tuning;
    });
    return [tuning!.measures, Object.fromEntries(tuning!.table)];
  };
  const table = { nt: "8x4" };
  const gpu = (options?: RequestDeviceOptions) => tuningOf("H200", options);
  assertEquals(await gpu(), [true, {}]);
  assertEquals(await gpu({ tuning: "none" }), [false, {}]);
  assertEquals(await gpu({ tuning: table }), [false, table]);
  assertEquals(await gpu({ kernels: "software", tuning: table }), [false, {}]);

  const cpu = (options?: RequestDeviceOptions) => tuningOf("llvmpipe", options);
  const kernels = "hardware";
  assertEquals(await cpu(), [false, {}]);
  assertEquals(await cpu({ kernels }), [false, {}]);
  assertEquals(await cpu({ kernels, tuning: "measure" }), [true, {}]);
  assertEquals(await cpu({ kernels, tuning: table }), [false, table]);
  assertEquals(await cpu({ tuning: "measure" }), [false, {}]);
});

Deno.test("requestDevice() rejects a wrong tuning before it requests an adapter", async () => {
  const { gpu, requested } = await disguised({});
  await withGpu(gpu, async () => {
    await assertRejects(
      () => requestDevice({ tuning: "fast" as "none" }),
      TypeError,
      'Cannot tune kernels: tuning is the string "fast"; pass "measure", "none" or a table',
    );
  });
  assertEquals(requested, {});
});

Deno.test("requestDevice() enables subgroups in WGSL where the adapter lists them", async () => {
  const sizes = { subgroupMinSize: 8, subgroupMaxSize: 8 };
  for (const features of [[], ["subgroups"]]) {
    const { gpu, requested } = await disguised(sizes, {}, features);
    await withGpu(gpu, async () => {
      using device = await requestDevice({ kernels: "software" });
      assertEquals(device.subgroupSize, 8);
      assertEquals(device.enablesSubgroups, features.length > 0);
    });
    assertEquals(requested.device?.requiredFeatures, ["subgroups"]);
  }
});

Deno.test("requestDevice() requests limits for large models, and none for kernels", async () => {
  const { gpu, requested, limits } = await disguised({});
  await withGpu(gpu, async () => {
    using _device = await requestDevice();
  });
  const names = [
    "maxBufferSize",
    "maxStorageBufferBindingSize",
    "minStorageBufferOffsetAlignment",
    "minUniformBufferOffsetAlignment",
  ] as const;
  assertEquals(
    requested.device?.requiredLimits,
    Object.fromEntries(
      names.map((name) => [
        name,
        Math.min(limits[name], Number.MAX_SAFE_INTEGER),
      ]),
    ),
  );
});

Deno.test("requestDevice() requests no limit beyond the safe integers", async () => {
  const { gpu, requested } = await disguised({}, { maxBufferSize: 2 ** 64 });
  await withGpu(gpu, async () => {
    using _device = await requestDevice();
  });
  assertEquals(
    requested.device?.requiredLimits?.maxBufferSize,
    Number.MAX_SAFE_INTEGER,
  );
});

Deno.test("requestDevice() requests timestamps if the adapter has them", async () => {
  for (const features of [[], ["timestamp-query", "depth-clip-control"]]) {
    const { gpu, requested } = await disguised({}, {}, features);
    await withGpu(gpu, async () => {
      using _device = await requestDevice();
    });
    assertEquals(requested.device?.requiredFeatures, features.slice(0, 1));
  }
});

Deno.test("requestDevice() gets the limits that it requests", async () => {
  const adapter = await navigator.gpu.requestAdapter();
  using device = await requestDevice();
  const { maxStorageBufferBindingSize, maxBufferSize } = adapter!.limits;
  assertEquals(
    device.maxBindingBytes,
    Math.min(maxStorageBufferBindingSize, maxBufferSize),
  );
});

Deno.test("requestDevice() without an adapter names the driver to install", async (t) => {
  const none = { requestAdapter: () => Promise.resolve(null) };
  const remedies: [string, RegExp][] = [
    [
      "Linux x86_64",
      /; install the driver .* apt-get install mesa-vulkan-drivers$/,
    ],
    ["MacIntel", /; macOS includes Metal: update macOS/],
    ["darwin", /; macOS includes Metal: update macOS/],
    ["Win32", /; install the driver of your GPU$/],
  ];
  for (const [platform, remedy] of remedies) {
    await t.step(platform, () =>
      withGpu(none, async () => {
        const { message } = await assertRejects(() => requestDevice(), Error);
        assert(
          message.startsWith(
            "Cannot request a WebGPU device: no adapter was found; ",
          ),
        );
        assertMatch(message, remedy);
      }, platform));
  }
  await t.step("no WebGPU at all", () =>
    withGpu(undefined, async () => {
      await assertRejects(() => requestDevice(), Error, "no adapter was found");
    }));
});
