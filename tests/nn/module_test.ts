import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  AdamW,
  add,
  constant,
  type Device,
  Dropout,
  fromArray,
  Initializer,
  LayerNorm,
  Linear,
  mean,
  Module,
  mul,
  type Optimizer,
  Parameter,
  SGD,
  tanh,
  type Tensor,
} from "../../mod.ts";
import { device } from "../helpers/device.ts";

class Block extends Module {
  readonly norm: LayerNorm;
  readonly dropout = new Dropout(0.1);
  constructor(device: Device) {
    super();
    this.norm = this.named("LayerNorm", new LayerNorm(device, 2));
  }
}

class Net extends Module {
  readonly first: Linear;
  readonly blocks: readonly Block[];
  readonly heads: readonly Linear[];
  readonly scale: Parameter;
  readonly sizes = [1, 2];
  readonly missing = undefined;
  readonly again: Linear;
  constructor(device: Device) {
    super();
    this.first = new Linear(device, 2, 2, { bias: false });
    this.blocks = this.named("layer", [new Block(device), new Block(device)]);
    this.heads = [new Linear(device, 2, 1)];
    this.scale = this.named(
      "gamma",
      new Parameter(device, [], constant(1)),
    );
    this.again = this.first; // shared
  }
}

const NAMES = [
  "first.weight",
  "layer.0.LayerNorm.weight",
  "layer.0.LayerNorm.bias",
  "layer.1.LayerNorm.weight",
  "layer.1.LayerNorm.bias",
  "heads.0.weight",
  "heads.0.bias",
  "gamma",
];

Deno.test("Module finds the parameters in its properties, in order, each once", () => {
  const net = new Net(device);
  const named = [...net.namedParameters()];
  assertEquals(named.map(([name]) => name), NAMES);
  assert(named[0]![1] === net.first.weight);
  assert(named[3]![1] === net.blocks[1]!.norm.weight);
  assertEquals(
    [...net.namedParameters("net.")].map(([name]) => name),
    NAMES.map((name) => `net.${name}`),
  );
  const parameters = [...net.parameters()];
  assert(parameters.every((parameter, i) => parameter === named[i]![1]));
  assertEquals(parameters.length, named.length);
  assertEquals(Object.keys(net.stateDict()), NAMES);
});

Deno.test("Module finds itself and its submodules, each once, named as their parameters", () => {
  const net = new Net(device);
  const named = [...net.namedModules()];
  assertEquals(named.map(([name]) => name), [
    ...["", "first"],
    ...["layer.0", "layer.0.LayerNorm", "layer.0.dropout"],
    ...["layer.1", "layer.1.LayerNorm", "layer.1.dropout"],
    "heads.0",
  ]);
  assert(named[0]![1] === net);
  assert(named[6]![1] === net.blocks[1]!.norm);
});

Deno.test("Module has no extra state, and refuses to restore one", () => {
  const net = new Net(device);
  assertEquals(net.getExtraState(), undefined);
  assertThrows(
    () => net.setExtraState({ count: 1 } as never),
    TypeError,
    "Cannot restore the extra state of Net: it has none; override setExtraState() as well as getExtraState()",
  );
});

Deno.test("Module.train() and eval() reach every submodule", () => {
  const net = new Net(device);
  const modes = () => [
    net.training,
    net.first.training,
    ...net.blocks.flatMap(({ training, dropout }) => [
      training,
      dropout.training,
    ]),
    net.heads[0]!.training,
  ];
  assertEquals(new Set(modes()), new Set([true]), "initially");
  assert(net.eval() === net);
  assertEquals(new Set(modes()), new Set([false]));
  net.blocks[0]!.train();
  assertEquals(modes(), [false, false, true, true, false, false, false]);
  assert(net.train() === net);
  assertEquals(new Set(modes()), new Set([true]));
});

/** The values of a model by name. */
async function valuesOf(net: Module): Promise<Record<string, number[]>> {
  const values: Record<string, number[]> = {};
  for (const [name, parameter] of net.namedParameters()) {
    values[name] = [...await parameter.toArray()];
  }
  return values;
}

Deno.test("Module.loadStateDict() restores the values of a stateDict()", async () => {
  const [net, other] = [new Net(device), new Net(device)];
  const values = await valuesOf(net);
  values["gamma"] = [7];
  values["layer.1.LayerNorm.bias"] = [0.5, -0.5];
  other.loadStateDict(values);
  assertEquals(await valuesOf(other), values);
});

Deno.test("Module.loadStateDict() rejects a mismatch and replaces nothing", async (t) => {
  const net = new Net(device);
  const own = await valuesOf(net);
  const zeros = Object.fromEntries(
    Object.entries(own).map(([name, values]) => [name, values.map(() => 9)]),
  );
  const { gamma: _, ...withoutGamma } = zeros;
  const cases: [Record<string, number[]>, string][] = [
    [
      withoutGamma,
      `"gamma" needs 1 values of shape [], and has none`,
    ],
    [
      { ...zeros, "heads.0.weight": [1] },
      `"heads.0.weight" needs 2 values of shape [1,2], not 1`,
    ],
    [
      { ...zeros, "layer.2.LayerNorm.bias": [1, 2] },
      `the model has no parameter "layer.2.LayerNorm.bias"`,
    ],
    [{ ...zeros, toString: [1] }, `the model has no parameter "toString"`],
  ];
  for (const [values, message] of cases) {
    await t.step(message, async () => {
      const load = () => net.loadStateDict(values);
      assertEquals(
        assertThrows(load, RangeError).message,
        `Cannot load a state dict: ${message}`,
      );
      assertEquals(await valuesOf(net), own);
    });
  }
});

/** A user-defined model of two layers with a loss. */
class Mlp extends Module {
  readonly hidden: Linear;
  readonly output: Linear;
  constructor(device: Device, initializer: Initializer) {
    super();
    this.hidden = new Linear(device, 2, 8, { initializer });
    this.output = new Linear(device, 8, 1, { initializer });
  }
  forward(x: Tensor, target: Tensor): Tensor {
    const error = add(this.#predict(x), mul(target, -1));
    return mean(mul(error, error));
  }
  #predict(x: Tensor): Tensor {
    return this.output.forward(tanh(this.hidden.forward(x)));
  }
}

Deno.test("a user-defined Module learns XOR with every optimizer", async (t) => {
  const makers: Record<string, (model: Module) => Optimizer> = {
    AdamW: (model) =>
      new AdamW(model.parameters(), { lr: 0.05, weightDecay: 0 }),
    SGD: (model) => new SGD(model.parameters(), { lr: 0.2, momentum: 0.9 }),
  };
  const x = fromArray(device, [0, 0, 0, 1, 1, 0, 1, 1], [4, 2]);
  const target = fromArray(device, [0, 1, 1, 0], [4, 1]);
  for (const [name, make] of Object.entries(makers)) {
    await t.step(name, async () => {
      const model = new Mlp(device, new Initializer(1));
      const optimizer = make(model);
      const losses: number[] = [];
      for (let step = 0; step < 200; step++) {
        using _step = device.scope();
        const loss = model.forward(x, target);
        loss.backward();
        optimizer.step();
        optimizer.zeroGrad();
        if (step % 199 === 0) losses.push(await loss.item());
      }
      assert(losses[0]! > 0.25, `the first loss is ${losses[0]}`);
      assert(losses[1]! < 0.01, `the last loss is ${losses[1]}`);
    });
  }
});

Deno.test("Module.to() says how the device is chosen", () => {
  assertThrows(
    () => new Linear(device, 2, 2).to(device),
    TypeError,
    "pass { device } to fromPretrained or fromConfig",
  );
});

Deno.test("Module.loadStateDict() asks for values, not tensors", () => {
  const model = new Linear(device, 2, 2);
  assertThrows(
    () => model.loadStateDict(model.stateDict() as never),
    TypeError,
    'Cannot load a state dict: "weight" is a tensor; read its values with await toArray()',
  );
});
