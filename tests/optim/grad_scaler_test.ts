import {
  assertEquals,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  AdamW,
  clipGradNorm,
  fromArray,
  GradScaler,
  type GradScalerState,
  Linear,
  loadState,
  mul,
  type Optimizer,
  requestDevice,
  saveState,
  SGD,
  sum,
  type Tensor,
} from "../../mod.ts";
import fixture from "../fixtures/grad_scaler.json" with { type: "json" };
import { assertAllClose, OPTIM_STEPS } from "../helpers/all_close.ts";
import { device } from "../helpers/device.ts";
import { KERNEL_SETS } from "../helpers/kernel_sets.ts";
import { assignGradients, flattened, LAYOUTS, valuesOf } from "./leaves.ts";

const OPTIMIZERS: Record<
  keyof typeof fixture.after,
  (params: Tensor[]) => Optimizer
> = {
  AdamW: (params) => new AdamW(params, { lr: 0.1 }),
  SGD: (params) => new SGD(params, { lr: 0.1, momentum: 0.9, dampening: 0.3 }),
};

/** Gradients of a step, multiplied by the scale as those of a scaled loss are. */
function scaledGradients(step: number, scale: number) {
  const { a, b } = fixture.gradients[step]!;
  const scaled = (values: readonly (number | string)[]) =>
    values.map((value) =>
      scale * Number(`${value}`.replace("inf", "Infinity"))
    );
  return { a: scaled(a), b: b && scaled(b) };
}

for (const [name, make] of Object.entries(OPTIMIZERS)) {
  for (const layout of LAYOUTS) {
    for (const reads of ["each step", "the end"]) {
      Deno.test(`GradScaler matches PyTorch's with ${name}, parameters ${layout.name}, read at ${reads}`, async () => {
        const leaves = layout.make(fixture.parameters);
        const optimizer = make(Object.values(leaves));
        const { growthInterval } = fixture;
        const scaler = new GradScaler(device, { growthInterval });
        const after = fixture.after[name as keyof typeof fixture.after];
        let scale = fixture.defaults.scale;
        for (const [i, expected] of after.entries()) {
          using _step = device.scope();
          assignGradients(leaves, scaledGradients(i, scale));
          scaler.step(optimizer);
          scaler.update();
          scale = expected.scale;
          if (reads === "the end" && i < after.length - 1) continue;
          for (const [key, values] of Object.entries(await valuesOf(leaves))) {
            const { [key as "a" | "b"]: reference } = expected.values;
            assertAllClose(values, reference, OPTIM_STEPS, `${key}, step ${i}`);
          }
          assertEquals(await scaler.getScale(), scale);
          await scaler.settle();
          assertEquals(scaler.stateDict().scale, scale);
          const { growthTracker } = scaler.stateDict();
          assertEquals(growthTracker, expected.growthTracker);
          if (name !== "AdamW") continue;
          await optimizer.settle();
          const { state } = optimizer.stateDict();
          const steps = [state[0]?.step ?? null, state[1]?.step ?? null];
          assertEquals(steps, Object.values(expected.steps));
        }
        assertEquals(scaler.skippedSteps, 4);
      });
    }
  }
}

Deno.test("GradScaler has the constants of PyTorch", async () => {
  const { scale, growth_interval: interval, ...factors } = fixture.defaults;
  assertEquals([factors.growth_factor, factors.backoff_factor], [2, 0.5]);
  const scaler = new GradScaler(device);
  assertEquals(await scaler.getScale(), scale);
  const x = fromArray(device, [1], [1], { requiresGrad: true });
  const optimizer = new SGD([x], { lr: 0 });
  scaler.loadStateDict({
    ...scaler.stateDict(),
    growthTracker: interval - 2,
  });
  for (const [gradient, factor] of [[1, 1], [1, 2], [1, 2], [NaN, 1]]) {
    x.grad = fromArray(device, [gradient!], [1]);
    scaler.step(optimizer);
    scaler.update();
    assertEquals(await scaler.getScale(), factor! * scale);
  }
});

Deno.test("GradScaler.scale() multiplies the gradients, unscale() divides them, on each set of kernels", async () => {
  for (const { name, device } of KERNEL_SETS) {
    const x = fromArray(device, [1, 2, 3, 4, 5], [5], { requiresGrad: true });
    const optimizer = new AdamW([x]);
    const scaler = new GradScaler(device, { initScale: 1024 });
    using _step = device.scope();
    const loss = sum(mul(x, x));
    scaler.scale(loss).backward();
    assertEquals(await loss.item(), 55, "the loss is as it was");
    const expected = [2, 4, 6, 8, 10];
    assertEquals(
      [...await x.grad!.toArray()],
      expected.map((g) => 1024 * g),
      name,
    );
    scaler.unscale(optimizer);
    assertEquals([...await x.grad!.toArray()], expected, name);
    scaler.step(optimizer);
    assertEquals([...await x.grad!.toArray()], expected, "not divided again");
    scaler.update();
    x.dispose();
  }
});

Deno.test("a step with GradScaler waits for nothing", async () => {
  const x = fromArray(device, [1], [1], { requiresGrad: true });
  const optimizer = new AdamW([x]);
  const scaler = new GradScaler(device);
  const { waits } = device.counters;
  for (let i = 0; i < 40; i++) {
    using _step = device.scope();
    x.grad = fromArray(device, [i % 3 ? 1 : Infinity], [1]);
    scaler.step(optimizer);
    scaler.update();
  }
  assertThrows(
    () => optimizer.stateDict(),
    Error,
    "Cannot save an optimizer's state: whether a GradScaler skipped its last steps was not read back; await optimizer.settle() first",
  );
  assertThrows(
    () => scaler.stateDict(),
    Error,
    "Cannot save the state of a GradScaler: whether its last steps were skipped was not read back; await scaler.settle() first",
  );
  await scaler.settle();
  // A read of each step is read back 32 at a time.
  assertEquals(device.counters.waits - waits, 2);
});

Deno.test("GradScaler skips the step of the optimizer that overflowed alone, and backs off once", async () => {
  const [x, y] = [1, 2].map((value) =>
    fromArray(device, [value], [1], { requiresGrad: true })
  );
  const optimizers = [x!, y!].map((leaf) => new SGD([leaf], { lr: 1 }));
  const scaler = new GradScaler(device, { initScale: 4 });
  for (const [i, gradients] of [[4, Infinity], [NaN, 4], [2, 2]].entries()) {
    using _step = device.scope();
    x!.grad = fromArray(device, [gradients[0]!], [1]);
    y!.grad = fromArray(device, [gradients[1]!], [1]);
    for (const optimizer of optimizers) scaler.step(optimizer);
    scaler.update();
    assertEquals(await x!.item(), [0, 0, -2][i]);
    assertEquals(await y!.item(), [2, 0, -2][i]);
    assertEquals(await scaler.getScale(), [2, 1, 1][i]);
  }
});

Deno.test("GradScaler goes on after a step that was clipped and skipped", async () => {
  const leaves = flattened({ a: [1, 2], b: [3] });
  const optimizer = new SGD(Object.values(leaves), { lr: 1 });
  const scaler = new GradScaler(device, { initScale: 4 });
  for (const [bad, scale] of [[NaN, 4], [Infinity, 2], [0, 1]] as const) {
    using _step = device.scope();
    assignGradients(leaves, { a: [scale, scale], b: [bad] });
    scaler.unscale(optimizer);
    clipGradNorm(Object.values(leaves), 10);
    scaler.step(optimizer);
    scaler.update();
  }
  assertEquals(await valuesOf(leaves), { a: [0, 1], b: [3] });
});

Deno.test("GradScaler.loadStateDict() goes on with scale and counts", async () => {
  const first = new GradScaler(device, { growthInterval: 3 });
  const second = new GradScaler(device, { growthInterval: 3 });
  const x = fromArray(device, [1], [1], { requiresGrad: true });
  const optimizer = new AdamW([x]);
  const step = (scaler: GradScaler, gradient: number) => {
    x.grad = fromArray(device, [gradient], [1]);
    scaler.step(optimizer);
    scaler.update();
  };
  for (const gradient of [Infinity, 1, 1]) step(first, gradient);
  await first.settle();
  const state = first.stateDict();
  assertEquals(state, { scale: 32768, growthTracker: 2, skippedSteps: 1 });
  second.loadStateDict(JSON.parse(JSON.stringify(state)));
  step(second, 1);
  await second.settle();
  const expected = { scale: 65536, growthTracker: 0, skippedSteps: 1 };
  assertEquals(second.stateDict(), expected);
  assertEquals(await second.getScale(), 65536);
  for (
    const wrong of [
      { ...state, scale: 0 },
      { ...state, scale: 1e-39 },
      { ...state, scale: 1e39 },
      { ...state, growthTracker: -1 },
      {
        ...state,
        skippedSteps: 0.5,
      },
      { scale: 2 },
    ]
  ) {
    assertThrows(
      () => second.loadStateDict(wrong as GradScalerState),
      RangeError,
      "has no scale above 0, and counts",
    );
  }
  assertEquals(second.stateDict(), expected);
});

Deno.test("GradScaler ends to back off where 1 / scale would be infinite", async () => {
  const smallest = 2 ** -126;
  const x = flattened({ x: [1, 1, 1] }).x;
  const optimizer = new SGD([x], { lr: 1 });
  const scaler = new GradScaler(device, { initScale: 4 * smallest });
  for (const gradient of [...new Array(8).fill(Infinity), 2 * smallest, 0]) {
    using _step = device.scope();
    x.grad = fromArray(device, [gradient, 0, 0], [3]);
    scaler.step(optimizer);
    scaler.update();
  }
  assertEquals([...await x.toArray()], [-1, 1, 1]);
  assertEquals(await scaler.getScale(), smallest);
  await scaler.settle();
  const state = { scale: smallest, growthTracker: 2, skippedSteps: 8 };
  assertEquals(scaler.stateDict(), state);
  new GradScaler(device).loadStateDict(state);
});

Deno.test("a state is loaded, and a step taken without GradScaler, after all steps are known", async () => {
  const x = fromArray(device, [1], [1], { requiresGrad: true });
  const optimizer = new AdamW([x], { lr: 0.1, eps: 0 });
  const scaler = new GradScaler(device);
  const states = [optimizer.stateDict(), scaler.stateDict()] as const;
  x.grad = fromArray(device, [NaN], [1]);
  scaler.step(optimizer);
  scaler.update();
  assertThrows(
    () => optimizer.loadStateDict(states[0]),
    Error,
    "Cannot load an optimizer's state: whether a GradScaler skipped its last steps was not read back; await optimizer.settle() first",
  );
  assertThrows(
    () => scaler.loadStateDict(states[1]),
    Error,
    "Cannot load the state of a GradScaler: whether its last steps were skipped was not read back; await scaler.settle() first",
  );
  x.grad = fromArray(device, [3], [1]);
  assertThrows(
    () => optimizer.step(),
    Error,
    "Cannot take a step without the GradScaler: whether a GradScaler skipped its last steps was not read back; await optimizer.settle() first",
  );
  await optimizer.settle();
  optimizer.step(); // the first one, of the size of the learning rate
  assertAllClose(await x.toArray(), [0.899], OPTIM_STEPS);
  assertEquals(optimizer.stateDict().state[0]!.step, 1);
  await scaler.settle();
  scaler.loadStateDict(states[1]);
  assertEquals(scaler.stateDict(), states[1]);
});

Deno.test("saveState() and loadState() wait until it is known which steps were skipped", async () => {
  const model = new Linear(device, 2, 1);
  const optimizer = new AdamW(model.parameters(), { lr: 0.1 });
  const scaler = new GradScaler(device);
  const step = (gradient: number) => {
    model.bias!.grad = fromArray(device, [gradient], [1]);
    scaler.step(optimizer);
    scaler.update();
  };
  const objects = { model, optimizer, scaler };
  const files = {};
  for (const gradient of [1, NaN, 1]) step(gradient);
  await saveState(files, objects);
  const weights = await model.bias!.toArray();
  for (const gradient of [NaN, 2]) step(gradient);
  await loadState(files, objects);
  assertEquals(await model.bias!.toArray(), weights);
  const { state } = optimizer.stateDict();
  assertEquals(Object.values(state).map(({ step }) => step), [2]);
  assertEquals(scaler.stateDict(), {
    ...{ scale: 32768, growthTracker: 1, skippedSteps: 1 },
  });
  const saved = saveState({}, objects);
  step(1);
  await assertRejects(() => saved, Error, "optimizer took a step meanwhile");
});

Deno.test("GradScaler does nothing if it is not enabled", async () => {
  const x = fromArray(device, [1], [1], { requiresGrad: true });
  const optimizer = new SGD([x], { lr: 1 });
  const scaler = new GradScaler(device, { enabled: false });
  const loss = sum(x);
  assertStrictEquals(scaler.scale(loss), loss);
  loss.backward();
  scaler.unscale(optimizer);
  scaler.step(optimizer);
  scaler.update();
  assertEquals(await x.item(), 0);
  assertEquals(await scaler.getScale(), 1);
  assertEquals(scaler.isEnabled, false);
});

Deno.test("GradScaler refuses calls in another order, and settings out of range", async () => {
  const x = fromArray(device, [1], [1], { requiresGrad: true });
  const optimizer = new AdamW([x]);
  const scaler = new GradScaler(device);
  assertThrows(() => scaler.update(), Error, "call step() first");
  assertThrows(() => scaler.step(optimizer), Error, "call backward() first");
  x.grad = fromArray(device, [1], [1]);
  scaler.unscale(optimizer);
  assertThrows(() => scaler.unscale(optimizer), Error, "twice");
  scaler.step(optimizer);
  assertThrows(() => scaler.step(optimizer), Error, "twice");
  scaler.update();
  await scaler.settle();
  const wrong = {
    initScale: [0, -1, NaN, 1e39, Infinity, 1e-39],
    growthFactor: [1, 0.5, NaN],
    backoffFactor: [0, 1, 2, NaN],
    growthInterval: [0, 1.5, NaN, -1, 2 ** 32, Infinity],
  };
  for (const [name, values] of Object.entries(wrong)) {
    for (const value of values) {
      assertThrows(
        () => new GradScaler(device, { [name]: value }),
        RangeError,
        `${name} is ${value}`,
      );
    }
  }
  assertThrows(
    () => new GradScaler(device, { init_scale: 2 } as never),
    TypeError,
    "init_scale",
  );
});

Deno.test("GradScaler.settle() rejects once the device has failed", async () => {
  const lost = await requestDevice();
  const x = fromArray(lost, [1], [1], { requiresGrad: true });
  const scaler = new GradScaler(lost);
  x.grad = fromArray(lost, [1], [1]);
  scaler.step(new AdamW([x]));
  scaler.update();
  lost.destroy();
  await assertRejects(() => scaler.settle()!);
});
