import { assertEquals } from "@std/assert";
import {
  AdamW,
  DataLoader,
  HostTensor,
  loadSafetensors,
  loadState,
  type OutputFiles,
  type Row,
  saveState,
} from "../../mod.ts";
import { device } from "../helpers/device.ts";
import { needs } from "../helpers/permissions.ts";
import { weightsOf } from "../models/fixture_model.ts";
import { goldenBatch } from "../models/golden_fixture.ts";
import { assertResumes, ResumableLoop } from "../training/resumable_loop.ts";
import { adaptedModel, MODELS } from "./golden_lora.ts";

const [BERT] = MODELS;
const ROWS: Row[] = Array.from(
  { length: 6 },
  (_, i) => ({ inputIds: [2, 5 + i, 40 - i, 3], label: i % 3 }),
);

function collateFn(rows: Row[]) {
  const inputIds = rows.map((row) => row.inputIds as number[]);
  const same = (value: number) =>
    HostTensor.from(inputIds.map((ids) => ids.map(() => value)));
  return {
    inputIds: HostTensor.from(inputIds),
    tokenTypeIds: same(0),
    attentionMask: same(1),
    labels: HostTensor.from(rows.map(({ label }) => label as number)),
  };
}

function loop() {
  const { model } = adaptedModel(BERT!, { dropout: 0.2, seed: 3 });
  const optimizer = new AdamW(model.parameters(), { lr: 1e-2 });
  return new ResumableLoop({
    modules: { model: model.train() },
    optimizers: { optimizer },
    loader: new DataLoader(ROWS, { batchSize: 2, collateFn, shuffle: true }),
    forward: (batch) => model.forward(batch).loss,
    ...{ accumulate: 2, maxNorm: 0.5 },
  });
}

Deno.test(
  needs("a model with LoRA is resumed with the same bits", "read", "write"),
  () =>
    assertResumes(
      loop,
      4,
      [{ count: 1 }, { count: 2, beforeStep: true }, { count: 3 }],
    ),
);

Deno.test("the state of a model with LoRA has moments of the trained parameters alone", async () => {
  const make = () => {
    const { model, adapter } = adaptedModel(BERT!);
    const optimizer = new AdamW(model.parameters(), { lr: 1e-2 });
    return { model, adapter, optimizer };
  };
  const { model, adapter, optimizer } = make();
  {
    using _scope = device.scope();
    model.forward(goldenBatch(BERT!.cases[0]!.batch)).loss.backward();
    optimizer.step();
    optimizer.zeroGrad();
  }
  const files: OutputFiles = {};
  await saveState(files, { model, optimizer });
  const bytes = await files["optimizer.safetensors"]!.bytes();
  assertEquals(
    [...loadSafetensors(bytes).keys()].sort(),
    [...adapter.parameters.keys()]
      .flatMap((name) => [`${name}.exp_avg`, `${name}.exp_avg_sq`]).sort(),
  );
  const other = make();
  await loadState(files, { model: other.model, optimizer: other.optimizer });
  assertEquals(await weightsOf(other.model), await weightsOf(model));
});

Deno.test("a model with LoRA has gradients of the same bits with checkpoints", async () => {
  const gradients = async (checkpointing: boolean) => {
    using _scope = device.scope();
    const { model, adapter } = adaptedModel(BERT!, { dropout: 0.2, seed: 3 });
    if (checkpointing) model.gradientCheckpointingEnable();
    const { batch } = BERT!.cases[0]!;
    const { loss } = model.train().forward(goldenBatch(batch));
    loss.backward();
    const gradients = [...adapter.parameters.values()]
      .map(({ grad }) => grad!.toArray());
    return [await loss.item(), await Promise.all(gradients)];
  };
  assertEquals(await gradients(true), await gradients(false));
});
