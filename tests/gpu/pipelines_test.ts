import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import {
  AdamW,
  type Device,
  fromArray,
  Kernel,
  type KernelRun,
  Tensor,
} from "../../mod.ts";
import tiny from "../fixtures/tiny_bert.json" with { type: "json" };
import { fakeClock } from "../helpers/fake_clock.ts";
import { overriding } from "../helpers/overriding.ts";
import { batchOf, modelOf } from "../models/fixture_model.ts";
import { makesLate, requestReplaced } from "./late_device.ts";
import { scale } from "./scale_kernel.ts";

const BATCH = batchOf(tiny.batches[0]!);

/** `y[0] = value`. */
const constant = (label: string, value: string) =>
  new Kernel(
    label,
    `@group(0) @binding(0) var<storage, read_write> y: array<f32>;
@compute @workgroup_size(1)
fn main() { y[0] = ${value}; }
`,
  );

/** Logs the pipelines and submits of a device. */
function logsTo(log: string[]) {
  return (gpu: GPUDevice): Partial<GPUDevice> => ({
    queue: overriding(gpu.queue, {
      submit(buffers) {
        log.push("submit");
        gpu.queue.submit(buffers);
      },
    }),
    createComputePipeline(descriptor) {
      log.push("blocking");
      return gpu.createComputePipeline(descriptor);
    },
    createComputePipelineAsync(descriptor) {
      log.push(descriptor.label!);
      return gpu.createComputePipelineAsync(descriptor);
    },
  });
}

for (const isSoftware of [true, false]) {
  const kernels = isSoftware ? "software" : "hardware";
  Deno.test(`Pipelines makes those of a step at once, before any of it runs: ${kernels} kernels`, async () => {
    const log: string[] = [];
    using device = await requestReplaced(logsTo(log), isSoftware);
    const model = modelOf(tiny, { device });
    const optimizer = new AdamW(model.parameters(), { lr: 1e-3 });
    const step = async () => {
      {
        using _step = device.scope();
        const loss = model.forward(BATCH).loss!;
        loss.backward();
        device.readLater(loss);
        optimizer.step();
        optimizer.zeroGrad();
      }
      await device.flushReads();
      return log.splice(0);
    };
    device.submit();
    log.length = 0; // the weights
    const first = await step();
    const labels = first.slice(0, first.indexOf("submit"));
    assert(labels.length > 20, `${labels}`);
    assert(!labels.includes("blocking"));
    assert(first.slice(labels.length).every((entry) => entry === "submit"));
    assertEquals(device.counters.pipelines, labels.length);
    assertEquals(await step(), ["submit"]);
  });
}

Deno.test("Pipelines makes those of a recording only when it is submitted", async () => {
  const log: string[] = [];
  using device = await requestReplaced(logsTo(log));
  using _scope = device.scope();
  const x = fromArray(device, [3], [1]);
  const y = new Tensor(device, [1]);
  scale(device, x, y, 2);
  device.dispatch(constant("one", "1.0"), [x], {}, 1);
  scale(device, y, x, 5);
  assertEquals(log, []);
  const value = x.item();
  assertEquals(log, ["scale", "one"]);
  assertEquals(await value, 30);
  assertEquals(log, ["scale", "one", "submit"]);
});

Deno.test("Device.compile() makes pipelines at once, each of them once", async () => {
  const log: string[] = [];
  const started: GPUComputePipelineDescriptor[] = [];
  using device = await requestReplaced((gpu) => ({
    ...logsTo(log)(gpu),
    createComputePipelineAsync(descriptor) {
      started.push(descriptor);
      return makesLate(gpu).createComputePipelineAsync!(descriptor);
    },
  }));
  const [one, two, three] = ["1.0", "2.0", "3.0"].map((value) =>
    constant(`write ${value}`, value)
  ) as [Kernel, Kernel, Kernel];
  using _scope = device.scope();
  const y = new Tensor(device, [1]);
  const compiled = device.compile([one, two, one]);
  assertEquals(started.length, 2);
  device.dispatch(two, [y], {}, 1); // in the making
  device.dispatch(three, [y], {}, 1);
  device.dispatch(one, [y], {}, 1);
  const value = y.item();
  assertEquals(started.length, 3);
  await compiled;
  assertEquals(await value, 1);
  await device.compile([one, two, three]);
  assertEquals([started.length, device.counters.pipelines], [3, 3]);
  assertEquals(log, ["submit"]);
});

Deno.test("Device.compile() rejects with the error of a shader, and so does the next read", async () => {
  using device = await requestReplaced(makesLate);
  const broken = constant("broken", "missing");
  const fine = constant("fine", "4.0");
  const { message } = await assertRejects(
    () => device.compile([broken, fine]),
    Error,
  );
  assertStringIncludes(message, "broken");
  assertStringIncludes(message, ":3:");
  using _scope = device.scope();
  const y = new Tensor(device, [1]);
  device.dispatch(fine, [y], {}, 1);
  await assertRejects(() => y.item(), Error, message);
  assertEquals(await y.item(), 4);
  assertEquals(device.counters.pipelines, 2);
});

Deno.test("a pipeline that cannot be made is reported with the name of the kernel", async () => {
  using device = await requestReplaced(() => ({}));
  const kernel = new Kernel("counts", constant("", "1.0").source, { N: 3 });
  const { message } = await assertRejects(
    () => device.compile([kernel]),
    Error,
  );
  assertStringIncludes(message, 'Cannot compile "counts": ');
  assertMatch(message, /\bN\b.* not found/);
});

/** Runs `work` on a clock that each pipeline advances; returns the warnings. */
async function warningsOf(
  msOfPipeline: number,
  work: (device: Device) => Promise<void>,
): Promise<string[]> {
  const warnings: string[] = [];
  const { warn } = console;
  // deno-lint-ignore no-console
  console.warn = (message: string) => warnings.push(message);
  using clock = fakeClock();
  using device = await requestReplaced((gpu) => ({
    createComputePipeline(descriptor) {
      clock.ms += msOfPipeline;
      return gpu.createComputePipeline(descriptor);
    },
    createComputePipelineAsync(descriptor) {
      clock.ms += msOfPipeline;
      return gpu.createComputePipelineAsync(descriptor);
    },
  }));
  try {
    await work(device);
  } finally {
    // deno-lint-ignore no-console
    console.warn = warn;
  }
  return warnings;
}

Deno.test("a submit that waits long for its pipelines says so", async () => {
  const run = (msOfPipeline: number, count: number) =>
    warningsOf(msOfPipeline, async (device) => {
      using _scope = device.scope();
      const y = new Tensor(device, [1]);
      const kernels = Array.from(
        { length: count },
        (_, i) => constant(`write ${i}`, `${i}.0`),
      );
      for (let round = 0; round < 2; round++) {
        for (const kernel of kernels) device.dispatch(kernel, [y], {}, 1);
        assertEquals(await y.item(), count - 1);
      }
    });
  assertEquals(await run(500, 4), []);
  assertEquals(await run(501, 4), ["Compiled 4 kernels in 2.0 s"]);
  assertEquals(await run(3400, 1), ["Compiled 1 kernel in 3.4 s"]);
});

Deno.test("Device.profile() does not time the making of pipelines", async () => {
  let runs: KernelRun[] = [];
  await warningsOf(5000, async (device) => {
    using _scope = device.scope();
    const x = fromArray(device, [3], [1]);
    const y = new Tensor(device, [1]);
    runs = await device.profile(() => {
      scale(device, x, y, 2); // on the host's clock: no timestamps
      device.dispatch(constant("one", "1.0"), [x], {}, 1);
    });
  });
  assertEquals(runs.map(({ ms, startMs }) => [ms, startMs]), [[0, 0], [0, 0]]);
});
