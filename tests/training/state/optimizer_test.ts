import { assertEquals, assertRejects } from "@std/assert";
import {
  AdamW,
  fromArray,
  Linear,
  loadSafetensors,
  loadState,
  type Optimizer,
  saveState,
  SGD,
  sum,
} from "../../../mod.ts";
import { device } from "../../helpers/device.ts";
import { needs } from "../../helpers/permissions.ts";
import { tempFolder } from "../../helpers/temp_folder.ts";

function step(model: Linear, optimizer: Optimizer): void {
  using _step = device.scope();
  sum(model.forward(fromArray(device, [1, 2], [1, 2]))).backward();
  optimizer.step();
  optimizer.zeroGrad();
}

Deno.test(
  needs(
    "a saved SGD has PyTorch's names, and a step for what was trained",
    "read",
    "write",
  ),
  async () => {
    await using folder = await tempFolder();
    const path = `${folder.path}/a`;
    const model = new Linear(device, 2, 2);
    const optimizer = new SGD(model.parameters(), { lr: 0.1, momentum: 0.9 });
    model.bias!.requiresGrad = false;
    step(model, optimizer);
    await saveState(path, { net: model, optimizer });
    const tensors = loadSafetensors(
      await Deno.readFile(`${path}/optimizer.safetensors`),
    );
    assertEquals([...tensors.keys()], ["net.weight.momentum_buffer"]);
    const { data, shape } = tensors.get("net.weight.momentum_buffer")!;
    assertEquals([...data], [1, 2, 1, 2]); // the gradient
    assertEquals(shape, [2, 2]);
    const text = await Deno.readTextFile(`${path}/trainer_state.json`);
    assertEquals(JSON.parse(text).optimizer, {
      paramGroups: [{
        ...{ lr: 0.1, momentum: 0.9, dampening: 0, weightDecay: 0 },
        ...{ nesterov: false, params: ["net.weight", "net.bias"] },
      }],
      step: { "net.weight": 1 },
    });
  },
);

Deno.test(
  needs("loadState() keeps settings that a state leaves out", "read", "write"),
  async () => {
    await using folder = await tempFolder();
    const path = `${folder.path}/a`;
    const model = new Linear(device, 2, 2);
    const optimizer = new AdamW(model.parameters(), { lr: 0.1 });
    step(model, optimizer);
    await saveState(path, { model, optimizer });
    const file = `${path}/trainer_state.json`;
    const state = JSON.parse(await Deno.readTextFile(file));
    delete state.optimizer.paramGroups[0].weightDecay;
    await Deno.writeTextFile(file, JSON.stringify(state));
    const other = new AdamW(model.parameters(), { lr: 9, weightDecay: 0.5 });
    await loadState(path, { model, optimizer: other });
    const [{ lr, weightDecay }] = other.paramGroups as [
      AdamW["paramGroups"][0],
    ];
    assertEquals([lr, weightDecay], [0.1, 0.5]);
    assertEquals(other.stateDict().state[0]!.step, 1);
  },
);

Deno.test(
  needs(
    "loadState() refuses the state of another optimizer, also before its first step",
    "read",
    "write",
  ),
  async () => {
    await using folder = await tempFolder();
    const model = new Linear(device, 2, 2);
    const sgd = new SGD(model.parameters());
    const adamW = new AdamW(model.parameters());
    for (const steps of [0, 1]) {
      const path = `${folder.path}/${steps}`;
      if (steps > 0) step(model, sgd);
      await saveState(path, { model, optimizer: sgd });
      await assertRejects(
        () => loadState(path, { model, optimizer: adamW }),
        RangeError,
        'Cannot load the state of optimizer: it has no setting "momentum"; make the optimizer as it was when it was saved',
      );
      assertEquals(
        Object.keys(adamW.paramGroups[0]!).includes("momentum"),
        false,
      );
    }
  },
);
