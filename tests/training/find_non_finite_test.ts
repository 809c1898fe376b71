import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  add,
  checkpoint,
  Embedding,
  findNonFinite,
  fromArray,
  HostTensor,
  Linear,
  Module,
  mul,
  relu,
  sum,
  type Tensor,
} from "../../mod.ts";
import { assertAllClose, F32_OP } from "../helpers/all_close.ts";
import { device } from "../helpers/device.ts";

/** Two layers; weights that a test does not set are 1, and biases 0. */
class Mlp extends Module {
  hidden = new Linear(device, 2, 3);
  output = new Linear(device, 3, 1);
  constructor(values: Record<string, number[]> = {}) {
    super();
    for (const [name, parameter] of this.namedParameters()) {
      const fill = name.endsWith("bias") ? 0 : 1;
      const all = values[name] ?? Array(parameter.size).fill(fill);
      parameter.load(Float32Array.from(all));
    }
  }
  forward(x: Tensor): Tensor {
    return sum(this.output.forward(relu(this.hidden.forward(x))));
  }
}

const input = (values = [1, 2]) => fromArray(device, values, [1, 2]);

Deno.test("findNonFinite() finds nothing where all is finite, and changes no gradient", async () => {
  using _scope = device.scope();
  const model = new Mlp();
  const loss = model.forward(input());
  assertEquals(await findNonFinite(loss, model), undefined); // no gradient yet
  loss.backward();
  const { weight } = model.hidden;
  weight.grad = fromArray(device, [1e-30, -2, 3e10, 4, 5, 6], [3, 2]);
  const before = await weight.grad.toArray();
  assertEquals(await findNonFinite(loss, model), undefined);
  assertEquals(await weight.grad.toArray(), before);
});

Deno.test("findNonFinite() names a parameter, before the outputs that it spoils", async () => {
  using _scope = device.scope();
  const weight = [NaN, 1, Infinity, 1, 1, -Infinity];
  const model = new Mlp({ "hidden.weight": weight });
  const loss = model.forward(input());
  loss.backward();
  const found = await findNonFinite(loss, model);
  assert(found && Number.isNaN(found.loss) && Number.isNaN(found.gradNorm));
  assertEquals(found.tensor, {
    op: undefined,
    parameters: ["hidden.weight"],
    shape: [3, 2],
    nan: 1,
    infinite: 2,
  });
});

Deno.test("findNonFinite() finds a frozen parameter, and the norm of finite gradients", async () => {
  using _scope = device.scope();
  const model = new Mlp({ "output.bias": [NaN] });
  model.output.bias!.requiresGrad = false;
  const loss = model.forward(input());
  loss.backward();
  const found = await findNonFinite(loss, model);
  assert(found);
  assertEquals(found.tensor?.parameters, ["output.bias"]);
  assertEquals(found.gradient, undefined);
  // Gradients: [3 3 3], three rows of [1 2], [1 1 1].
  assertAllClose([found.gradNorm!], [Math.sqrt(27 + 15 + 3)], F32_OP);
});

Deno.test("findNonFinite() names an op that overflows, and the parameters that it read", async () => {
  using _scope = device.scope();
  const model = new Mlp({ "output.weight": [3e38, 3e38, -3e38] });
  const loss = model.forward(input([2, 2]));
  const found = await findNonFinite(loss, model);
  assert(found && !Number.isFinite(found.loss));
  const { nan, infinite, ...tensor } = found.tensor!;
  assertEquals(nan + infinite, 1);
  assertEquals(tensor, {
    op: "linear",
    parameters: ["output.weight", "output.bias"],
    shape: [1, 1],
  });
  assertEquals([found.gradNorm, found.gradient], [undefined, undefined]);
});

Deno.test("findNonFinite() names a checkpoint, and the parameters that it read", async () => {
  using _scope = device.scope();
  const model = new Mlp({ "output.weight": [3e38, 3e38, -3e38] });
  const loss = checkpoint((x) => model.forward(x), input([2, 2]));
  const { tensor } = (await findNonFinite(loss, model))!;
  assertEquals(tensor!.op, "checkpoint");
  assertEquals(tensor!.parameters.toSorted(), [
    "hidden.bias",
    "hidden.weight",
    "output.bias",
    "output.weight",
  ]);
});

Deno.test("findNonFinite() passes over tensors that were disposed", async () => {
  using _scope = device.scope();
  const model = new Mlp();
  const h = model.hidden.forward(input());
  const loss = mul(sum(add(h, 0)), NaN);
  h.dispose();
  const { tensor } = (await findNonFinite(loss, model))!;
  assertEquals([tensor!.op, tensor!.shape], ["mul", []]);
});

Deno.test("findNonFinite() finds the first gradient of the backward pass, with a finite loss", async () => {
  using _scope = device.scope();
  const model = new Mlp({ "output.weight": [0, 0, 0] });
  const loss = mul(mul(model.forward(input()), 1e30), 1e30); // 0, and its gradient overflows
  loss.backward();
  const found = await findNonFinite(loss, model);
  assertEquals(found, {
    loss: 0,
    gradNorm: found!.gradNorm,
    tensor: undefined,
    gradient: {
      op: undefined,
      parameters: ["output.bias"],
      shape: [1],
      nan: 0,
      infinite: 1,
    },
  });
});

Deno.test("findNonFinite() takes finite gradients whose squares overflow for finite", async () => {
  using _scope = device.scope();
  const model = new Mlp();
  const loss = mul(model.forward(input()), 1e30);
  loss.backward();
  assertEquals(await findNonFinite(loss, model), undefined);
});

Deno.test("findNonFinite() leaves a sparse gradient sparse", async () => {
  using _scope = device.scope();
  const model = new class extends Module {
    table = new Embedding(device, 2048, 64);
  }();
  const { weight } = model.table;
  for (const scale of [1, 1e30]) {
    weight.grad = undefined;
    const rows = model.table.forward(HostTensor.from([3, 3, 7]));
    const loss = mul(mul(sum(rows), scale), scale);
    loss.backward();
    const found = await findNonFinite(loss, model);
    const { parameters, infinite } = found?.gradient ?? {};
    assertEquals(
      [parameters, infinite],
      scale === 1 ? [undefined, undefined] : [["table.weight"], 2 * 64],
    );
    assertEquals(weight.rowGradient?.ids.length, 2);
  }
});

Deno.test("findNonFinite() refuses a loss that is no scalar, and one of a scope that has ended", async () => {
  const model = new Mlp();
  using _scope = device.scope();
  await assertRejects(
    () => findNonFinite(input(), model),
    RangeError,
    "Cannot check a loss of shape [1,2]: it must be a scalar; reduce it with mean() or sum()",
  );
  let loss: Tensor;
  {
    using _step = device.scope();
    loss = model.forward(input());
  }
  await assertRejects(
    () => findNonFinite(loss, model),
    ReferenceError,
    "the scope that it was made in has ended",
  );
});
