import {
  assert,
  assertEquals,
  assertGreater,
  assertRejects,
} from "@std/assert";
import {
  Device,
  fromArray,
  Kernel,
  type KernelRun,
  matmul,
  Tensor,
} from "../../mod.ts";
import { device } from "../helpers/device.ts";
import { overriding } from "../helpers/overriding.ts";
import { requestReplaced } from "./late_device.ts";
import { scale } from "./scale_kernel.ts";

/** Multiplies 64 numbers by `factor`, `rounds` times. */
const slow = new Kernel(
  "slow",
  `
struct Params {
  rounds: u32,
  factor: f32,
}

@group(0) @binding(0) var<storage, read_write> y: array<f32>;
@group(0) @binding(1) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) i: u32) {
  let factor = params.factor;
  var value = y[i];
  for (var round = 0u; round < params.rounds; round++) { value *= factor; }
  y[i] = value;
}
`,
);

/** The adapter with and without timestamps. */
const adapter = await navigator.gpu.requestAdapter();
const DEVICES = {
  "with timestamps": device,
  "with the host's clock": new Device(await adapter!.requestDevice(), {
    description: device.description,
    isSoftware: device.isSoftware,
    subgroupSize: 0,
  }),
};

Deno.test("Device.profile() lists the dispatches in order", async (t) => {
  for (const [name, device] of Object.entries(DEVICES)) {
    await t.step(name, async () => {
      using _scope = device.scope();
      const x = fromArray(device, [1, 2, 3], [3]);
      const [y, z] = [new Tensor(device, [3]), new Tensor(device, [3])];
      const { passes } = device.counters;
      const runs = await device.profile(() => {
        scale(device, x, y, 2);
        scale(device, y, z, 5);
      });
      assertEquals(
        runs.map(({ startMs: _start, ms: _ms, ...run }) => run),
        [2, 5].map((factor) => ({
          kernel: "scale",
          params: { factor },
          workgroups: [3, 1, 1] as const,
          bytes: 24,
        })),
      );
      assertEquals(device.counters.passes - passes, 2);
      assertEquals([...await z.toArray()], [10, 20, 30]);
    });
  }
});

Deno.test("Device.profile() times each dispatch", async (t) => {
  for (const [name, device] of Object.entries(DEVICES)) {
    await t.step(name, async () => {
      using _scope = device.scope();
      const y = fromArray(device, new Float32Array(64).fill(3), [64]);
      const multiply = (rounds: number) =>
        device.dispatch(slow, [y], { rounds, factor: 1 }, 1);
      multiply(1);
      assertEquals((await y.toArray())[63], 3); // compiled
      const start = performance.now();
      const runs = await device.profile(() => {
        for (let i = 0; i < 5; i++) {
          multiply(1);
          multiply(2e6);
        }
      });
      const wall = performance.now() - start;
      assertEquals(runs[0]!.startMs, 0);
      const ends = runs.map(({ startMs, ms }) => startMs + ms);
      runs.slice(1).forEach(({ startMs }, i) => assert(startMs >= ends[i]!));
      assert(ends.at(-1)! <= wall);
      // Other load on the machine can only add to a time.
      const shortest = (rounds: number) =>
        Math.min(
          ...runs.filter(({ params }) => params.rounds === rounds)
            .map(({ ms }) => ms),
        );
      assertGreater(shortest(2e6), 3 * shortest(1));
    });
  }
});

Deno.test("Device.profile() runs each dispatch as often as it is told, and times one run", async (t) => {
  for (const [name, device] of Object.entries(DEVICES)) {
    await t.step(name, async () => {
      using _scope = device.scope();
      const y = fromArray(device, new Float32Array(64).fill(3), [64]);
      const multiply = (rounds: number, factor: number) =>
        device.dispatch(slow, [y], { rounds, factor }, 1);
      const { dispatches, passes } = device.counters;
      const start = performance.now();
      const runs = await device.profile(() => {
        multiply(1, 2);
        multiply(2e5, 1);
        multiply(1, -1);
      }, 5);
      const wall = performance.now() - start;
      assertEquals((await y.toArray())[63], -3 * 2 ** 5);
      assertEquals(device.counters.dispatches - dispatches, 15);
      assertEquals(device.counters.passes - passes, 3);
      assertEquals(runs.length, 3);
      const [, { ms, startMs }, next] = runs as [
        KernelRun,
        KernelRun,
        KernelRun,
      ];
      assert(5 * ms <= wall);
      assert(next.startMs >= startMs + 5 * ms - 1e-6);
    });
  }
});

Deno.test("Device.profile() waits for each dispatch where the GPU is idle only when a promise resolves", async () => {
  const log: string[] = [];
  const idleMs = 20;
  using device = await requestReplaced((gpu) => ({
    queue: overriding(gpu.queue, {
      submit(buffers) {
        log.push("submit");
        gpu.queue.submit(buffers);
      },
      async onSubmittedWorkDone() {
        await new Promise((resolve) => setTimeout(resolve, idleMs));
        log.push("idle");
      },
    }),
  }));
  using _scope = device.scope();
  const [x, y] = [fromArray(device, [3], [1]), new Tensor(device, [1])];
  using _chrome = userAgent("Chrome/150");
  const runs = await device.profile(() => {
    scale(device, x, y, 2);
    scale(device, y, x, 5);
  });
  assertEquals(log, ["idle", "submit", "idle", "submit", "idle"]);
  assert(runs.every(({ ms }) => ms > idleMs / 2));
  assert(runs[1]!.startMs >= runs[0]!.ms);
  assertEquals(await x.item(), 30);
});

Deno.test("Device.profile() does not wait for a promise where the call blocks", async () => {
  using device = await requestReplaced((gpu) => ({
    queue: overriding(gpu.queue, {
      onSubmittedWorkDone: () => new Promise<undefined>(() => {}),
    }),
  }));
  using _scope = device.scope();
  const [x, y] = [fromArray(device, [3], [1]), new Tensor(device, [1])];
  using _deno = userAgent("Deno/2.9.6");
  const runs = await device.profile(() => scale(device, x, y, 2));
  assertEquals(runs.length, 1);
});

/** Runs as another implementation of WebGPU, until it is disposed. */
function userAgent(value: string): Disposable {
  Object.defineProperty(navigator, "userAgent", { value, configurable: true });
  return {
    [Symbol.dispose]: () => void Reflect.deleteProperty(navigator, "userAgent"),
  };
}

Deno.test("Device.profile() rejects a number of repeats that is no positive integer", async () => {
  for (const repeats of [0, -1, 1.5, NaN]) {
    await assertRejects(
      () => device.profile(() => {}, repeats),
      RangeError,
      `Cannot run each dispatch ${repeats} times: repeats must be a positive integer`,
    );
  }
});

Deno.test("Device.profile() does not change results", async (t) => {
  for (const [name, device] of Object.entries(DEVICES)) {
    await t.step(name, async () => {
      using _scope = device.scope();
      const values = Array.from({ length: 64 }, (_, i) => Math.sin(i));
      const a = fromArray(device, values, [8, 8]);
      const powers = () => matmul(matmul(a, a), matmul(a, a));
      let profiled: Tensor | undefined;
      const runs = await device.profile(() => profiled = powers());
      assertEquals(runs.length, 3);
      assertEquals(await profiled!.toArray(), await powers().toArray());
    });
  }
});

Deno.test("Device.profile() takes any number of dispatches", async () => {
  using _scope = device.scope();
  const x = fromArray(device, [1], [1]);
  const y = new Tensor(device, [1]);
  const count = 2100; // needs two query sets
  const runs = await device.profile(() => {
    for (let i = 0; i < count; i++) scale(device, x, y, i);
  });
  assertEquals(runs.map(({ params }) => params.factor), [
    ...Array(count).keys(),
  ]);
  assert(runs.every(({ ms, startMs }) => ms >= 0 && startMs >= 0));
  assertGreater(runs.at(-1)!.startMs, runs[2047]!.startMs);
  assertEquals(await device.profile(() => {}), []);
});

Deno.test("Device.profile() stops profiling when its work throws", async () => {
  using _scope = device.scope();
  const x = fromArray(device, [1], [1]);
  const y = new Tensor(device, [1]);
  await assertRejects(
    () =>
      device.profile(() => {
        scale(device, x, y, 2);
        throw new RangeError("no more");
      }),
    RangeError,
    "no more",
  );
  assertEquals(await y.item(), 2);
  const { passes } = device.counters;
  for (let i = 0; i < 3; i++) scale(device, x, y, 3);
  assertEquals(await y.item(), 3);
  assertEquals(device.counters.passes - passes, 1);
});

const BROKEN = new Kernel(
  "broken",
  `@group(0) @binding(0) var<storage, read_write> y: array<f32>;
@compute @workgroup_size(1)
fn main() { y[0] = missing; }
`,
);

Deno.test("Device.profile() frees its timestamps, those of a failed submit too", async () => {
  const live = new Set<unknown>();
  let made = 0;
  const freed = <T extends GPUQuerySet | GPUBuffer>(object: T): T => {
    const destroy = object.destroy.bind(object);
    object.destroy = () => (live.delete(object), destroy());
    live.add(object);
    made++;
    return object;
  };
  using device = await requestReplaced(
    (gpu) => ({
      createQuerySet: (descriptor) => freed(gpu.createQuerySet(descriptor)),
      createBuffer(descriptor) {
        const buffer = gpu.createBuffer(descriptor);
        return descriptor.label === "timestamps" ? freed(buffer) : buffer;
      },
    }),
    false,
    ["timestamp-query"],
  );
  using _scope = device.scope();
  const [x, y] = [fromArray(device, [3], [1]), new Tensor(device, [1])];
  await device.profile(() => scale(device, x, y, 2));
  assertEquals([made, live.size], [3, 0]); // a query set and two buffers
  await assertRejects(
    () => device.profile(() => device.dispatch(BROKEN, [y], {}, 1)),
    Error,
    "broken",
  );
  assertEquals([made, live.size], [4, 0]);
});
