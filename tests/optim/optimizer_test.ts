import { assertEquals, assertThrows } from "@std/assert";
import {
  AdamW,
  fromArray,
  Linear,
  mul,
  type Optimizer,
  type OptimizerState,
  SGD,
  sum,
  type Tensor,
  zeros,
} from "../../mod.ts";
import { device } from "../helpers/device.ts";
import {
  assignGradients,
  flattened,
  LAYOUTS,
  type Leaves,
  leavesOf,
  valuesOf,
} from "./leaves.ts";

/** A state as read from a file: arrays instead of tensors. */
async function saved(
  { state, paramGroups }: OptimizerState,
): Promise<{
  state: Record<number, { step: number; tensors: Record<string, number[]> }>;
  paramGroups: Record<string, unknown>[];
}> {
  const read: Awaited<ReturnType<typeof saved>>["state"] = {};
  for (const [i, { step, tensors }] of Object.entries(state)) {
    read[Number(i)] = { step, tensors: await valuesOf(tensors) };
  }
  return structuredClone({ state: read, paramGroups });
}

function step(
  leaves: Leaves,
  optimizer: Optimizer,
  gradients: Record<string, number[] | null>,
): void {
  using _step = device.scope();
  assignGradients(leaves, gradients);
  optimizer.step();
  optimizer.zeroGrad();
}

Deno.test("Optimizer.allocateState() allocates the moments of what is trained, and changes no step", async () => {
  const weights: number[][] = [];
  for (const isAhead of [false, true]) {
    const [layer, frozen] = [
      new Linear(device, 64, 64),
      new Linear(device, 64, 9),
    ];
    for (const parameter of frozen.parameters()) {
      parameter.requiresGrad = false;
      void parameter.flatBuffer; // its own
    }
    const optimizer = new AdamW([
      ...layer.parameters(),
      ...frozen.parameters(),
    ]);
    layer.weight.load(Float32Array.from({ length: 64 * 64 }, (_, i) => i % 7));
    const before = device.memory.liveBytes;
    if (isAhead) optimizer.allocateState();
    const moments = isAhead ? 2 * 4 * (64 * 64 + 64) : 0;
    assertEquals(device.memory.liveBytes - before, moments);
    assertEquals(optimizer.stateDict().state, {});
    using _step = device.scope();
    const x = fromArray(device, [...Array(64).keys()], [1, 64]);
    sum(layer.forward(x)).backward();
    optimizer.step();
    optimizer.zeroGrad();
    weights.push([...await layer.weight.toArray()]);
  }
  assertEquals(weights[1], weights[0]);
});

Deno.test("Optimizer does not change parameters without a gradient", async (t) => {
  for (const { name, make } of LAYOUTS) {
    await t.step(name, async () => {
      const leaves = make({ a: [1, 2], b: [3] });
      const optimizer = new AdamW(Object.values(leaves), { weightDecay: 0.25 });
      step(leaves, optimizer, { a: [1, -1], b: null });
      const [a, b] = [await leaves.a.toArray(), await leaves.b.toArray()];
      assertEquals(a.every((value, i) => value !== [1, 2][i]), true);
      assertEquals([...b], [3], "no decay");
      assertEquals(Object.keys(optimizer.stateDict().state), ["0"]);
      step(leaves, optimizer, { a: [1, -1], b: [1] });
      const { state } = optimizer.stateDict();
      assertEquals([state[0]!.step, state[1]!.step], [2, 1]);
      optimizer.step(); // after zeroGrad() no parameter has a gradient
      assertEquals(optimizer.stateDict().state[0]!.step, 2);
    });
  }
});

Deno.test("Optimizer uses gradients of backward(), added to assigned ones", async (t) => {
  for (const { name, make } of LAYOUTS) {
    await t.step(name, async () => {
      const { p } = make({ p: [1, 2, 3] });
      const optimizer = new SGD([p], { lr: 1 });
      using _step = device.scope();
      p.grad = fromArray(device, [10, 20, 30], [3]);
      sum(mul(p, p)).backward(); // 2p
      optimizer.step();
      assertEquals([...await p.toArray()], [1 - 12, 2 - 24, 3 - 36]);
      optimizer.zeroGrad();
      assertEquals(p.grad, undefined);
      sum(mul(p, p)).backward();
      assertEquals([...await p.grad!.toArray()], [-22, -44, -66]);
    });
  }
});

Deno.test("Optimizer dispatches one kernel per flat buffer", () => {
  using _step = device.scope();
  const flat = flattened({ a: [1, 2], b: [3], c: Array(200).fill(1) });
  const leaves = { ...flat, ...leavesOf({ d: [4] }) };
  const { a, b, c, d } = leaves;
  const optimizer = new AdamW([
    { params: [a, d], lr: 0.1 },
    { params: [b, c], weightDecay: 0 },
  ]);
  assignGradients(leaves, {
    a: [1, 1],
    b: null,
    c: Array(200).fill(1),
    d: [1],
  });
  const before = device.counters.dispatches;
  optimizer.step();
  assertEquals(device.counters.dispatches - before, 2);
});

Deno.test("Optimizer puts the matrices of a model in one flat buffer, and its vectors in another", async () => {
  using _step = device.scope();
  const layers = [1, 2, 3].map(() => new Linear(device, 4, 4));
  layers[1]!.weight.load(new Float32Array(16).fill(1));
  const early = await layers[2]!.bias!.toArray(); // allocates it
  const parameters = layers.flatMap((layer) => [...layer.parameters()]);
  const optimizer = new SGD(parameters, { lr: 0.5 });
  for (const p of parameters) p.grad = zeros(device, p.shape);
  parameters[2]!.grad = fromArray(device, Array(16).fill(1), [4, 4]);
  const before = device.counters.dispatches;
  optimizer.step();
  assertEquals(device.counters.dispatches - before, 3);
  assertEquals([...await parameters[2]!.toArray()], Array(16).fill(0.5));
  assertEquals(await layers[2]!.bias!.toArray(), early);
});

Deno.test("Optimizer does not wait and leaks no buffer", () => {
  const leaves = leavesOf({ a: [1, 2], b: [3] });
  const optimizer = new AdamW(Object.values(leaves));
  assignGradients(leaves, { a: [1, 1], b: [2] });
  optimizer.step(); // allocates the moments
  const { waits, liveBuffers } = device.counters;
  optimizer.step(); // outside a scope too
  leaves.b.grad = undefined;
  optimizer.step(); // with another block table
  assertEquals(device.counters.waits, waits);
  assertEquals(device.counters.liveBuffers, liveBuffers);
});

Deno.test("Optimizer indexes the parameters of its state over all groups", () => {
  const { a, b, c } = leavesOf({ a: [1], b: [2, 3], c: [4] });
  const optimizer = new SGD(
    [{ params: [a, b] }, { params: [c], lr: 0.5 }],
    { momentum: 0.9 },
  );
  step({ b, c }, optimizer, { b: [1, 1], c: [1] });
  const { state, paramGroups } = optimizer.stateDict();
  const common = {
    momentum: 0.9,
    dampening: 0,
    weightDecay: 0,
    nesterov: false,
  };
  assertEquals(paramGroups, [
    { ...common, lr: 1e-3, params: [0, 1] },
    { ...common, lr: 0.5, params: [2] },
  ]);
  assertEquals(
    Object.entries(state).map(([i, { step, tensors }]) => [
      i,
      step,
      Object.entries(tensors).map(([name, { shape }]) => [name, shape]),
    ]),
    [["1", 1, [["momentumBuffer", [2]]]], ["2", 1, [["momentumBuffer", [1]]]]],
  );
});

Deno.test("Optimizer resumes from a saved state with the same results", async (t) => {
  const first = { a: [1, -0.5, 0.25], b: [0.125] };
  const second = { a: [-0.75, 0.5, 2], b: [0] }; // b changes by its momentum alone
  const makers: Record<string, (p: Tensor[], lr: number) => Optimizer> = {
    AdamW: (p, lr) => new AdamW(p, { lr }),
    SGD: (p, lr) => new SGD(p, { lr, momentum: 0.9, weightDecay: 0.1 }),
  };
  for (const [name, make] of Object.entries(makers)) {
    await t.step(name, async () => {
      const leaves = flattened({ a: [1, 2, 3], b: [4] });
      const optimizer = make(Object.values(leaves), 0.5);
      step(leaves, optimizer, first);
      step(leaves, optimizer, first);
      optimizer.paramGroups[0]!.lr = 0.125;
      const state = optimizer.stateDict();
      const [arrays, values] = [await saved(state), await valuesOf(leaves)];
      const others = [leavesOf(values), leavesOf(values)];
      const resumed = others.map((other) => make(Object.values(other), 0.5));
      resumed[0]!.loadStateDict(state); // tensors of the other optimizer
      resumed[1]!.loadStateDict(arrays);
      step(leaves, optimizer, second);
      const expected = await valuesOf(leaves);
      for (const [i, optimizer] of resumed.entries()) {
        step(others[i]!, optimizer, second);
        assertEquals(optimizer.paramGroups[0]!.lr, 0.125);
        assertEquals(await valuesOf(others[i]!), expected);
      }
    });
  }
});

Deno.test("Optimizer.loadStateDict() resets parameters without a saved state", async () => {
  const leaves = leavesOf({ a: [1, 2] });
  const optimizer = new AdamW(Object.values(leaves));
  const untouched = await saved(optimizer.stateDict());
  step(leaves, optimizer, { a: [5, -7] });
  optimizer.loadStateDict(untouched);
  const again = leavesOf(await valuesOf(leaves));
  const fresh = new AdamW(Object.values(again));
  step(leaves, optimizer, { a: [1, 1] });
  step(again, fresh, { a: [1, 1] });
  assertEquals(await valuesOf(leaves), await valuesOf(again));
});

Deno.test("Optimizer rejects a state that does not match and keeps its own", async (t) => {
  const leaves = leavesOf({ a: [1, 2], b: [3] });
  const optimizer = new AdamW(Object.values(leaves));
  step(leaves, optimizer, { a: [1, 1], b: [1] });
  const own = await saved(optimizer.stateDict());
  const refuse = "Cannot load an optimizer's state: ";
  type Saved = typeof own;
  const cases: [string, (state: Saved) => unknown][] = [
    [
      "its groups have 3 parameters, not 2",
      ({ paramGroups: [group] }) => group!.params = [0, 1, 2],
    ],
    [
      "its groups have 1,1 parameters, not 2",
      (state) => state.paramGroups = [{ params: [0] }, { params: [1] }],
    ],
    [
      "expAvgSq of parameter 1 has 2 values, not 1",
      ({ state }) => state[1]!.tensors.expAvgSq!.push(1),
    ],
    [
      "expAvg of parameter 1 is missing",
      ({ state }) => delete state[1]!.tensors.expAvg,
    ],
    ["the optimizer has no parameter 2", ({ state }) => state[2] = state[1]!],
  ];
  for (const [message, change] of cases) {
    await t.step(message, async () => {
      const other = structuredClone(own);
      other.paramGroups[0]!.lr = 7;
      other.state[0]!.step = 9;
      change(other);
      const load = () => optimizer.loadStateDict(other);
      assertEquals(assertThrows(load, RangeError).message, refuse + message);
      assertEquals(await saved(optimizer.stateDict()), own);
    });
  }
});

Deno.test("Optimizer rejects parameters that it cannot optimize", async (t) => {
  const { p, q } = leavesOf({ p: [1, 2], q: [1] });
  const make = "Cannot make an optimizer: ";
  const optimize = "Cannot optimize a tensor of shape [2]: " +
    "it must be a Parameter, or a leaf made with requiresGrad: true";
  const twice = `${make}a parameter appears more than once`;
  const cases: [string, ErrorConstructor, () => unknown, string][] = [
    [
      "no parameters",
      RangeError,
      () => new SGD([]),
      `${make}it got no parameters`,
    ],
    [
      "empty groups",
      RangeError,
      () => new SGD([{ params: [] }]),
      `${make}it got no parameters`,
    ],
    ["a parameter twice", RangeError, () => new SGD([p, q, p]), twice],
    [
      "a parameter in two groups",
      RangeError,
      () => new SGD([{ params: [p] }, { params: [q, p] }]),
      twice,
    ],
    [
      "a tensor that requires no gradient",
      TypeError,
      () => new SGD([fromArray(device, [1, 2], [2])]),
      optimize,
    ],
    [
      "the output of an op",
      TypeError,
      () => new SGD([q, mul(p, p)]),
      optimize,
    ],
  ];
  for (const [name, Type, construct, message] of cases) {
    await t.step(name, () => {
      using _scope = device.scope();
      assertEquals(assertThrows(construct, Type).message, message);
    });
  }
});

Deno.test("an optimizer says how to pass the parameters of a model", async (t) => {
  const model = new Linear(device, 1, 1);
  const cases: [params: unknown, reason: string][] = [
    [
      model,
      "make an optimizer: its parameters are a model, not iterable; pass model.parameters()",
    ],
    [
      model.parameters,
      "make an optimizer: its parameters are a function, not iterable; pass model.parameters()",
    ],
    [
      model.namedParameters(),
      "make a parameter group: its options are an array, not an object; pass { params: model.parameters() }",
    ],
    [
      [{ params: model }],
      "make a parameter group: its parameters are a model, not iterable; pass model.parameters()",
    ],
    [
      [{ lr: 1 }],
      "make a parameter group: its parameters are undefined, not iterable; pass model.parameters()",
    ],
  ];
  for (const [params, reason] of cases) {
    await t.step(reason, () => {
      const make = () => new AdamW(params as Tensor[]);
      assertEquals(assertThrows(make, TypeError).message, `Cannot ${reason}`);
    });
  }
});

Deno.test("a parameter group takes the settings of its optimizer alone", () => {
  const { p } = leavesOf({ p: [1] });
  new SGD([
    { params: [p], momentum: 0.5, initialLr: 1 } as { params: Tensor[] },
  ]);
  const betas = { params: [p], betas: [0, 0] } as { params: Tensor[] };
  assertThrows(
    () => new SGD([betas]),
    TypeError,
    'there is no option "betas"; known are params, initialLr, lr, momentum,',
  );
});

Deno.test("Optimizer takes rows of at most seven settings", () => {
  class Wide extends SGD {
    protected override row() {
      return new Array(8).fill(1);
    }
  }
  const x = fromArray(device, [1], [1], { requiresGrad: true });
  x.grad = fromArray(device, [1], [1]);
  assertThrows(
    () => new Wide([x]).step(),
    RangeError,
    "Cannot take a step: a row of settings has 8 numbers; give at most 7",
  );
});
