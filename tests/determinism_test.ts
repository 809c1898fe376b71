import { assertEquals, assertNotEquals } from "@std/assert";
import {
  AdamW,
  type Batch,
  BertConfig,
  BertForSequenceClassification,
  dataCollatorWithPadding,
  DataLoader,
  getScheduler,
  type LambdaLR,
  loadState,
  type Row,
  saveState,
} from "../mod.ts";
import tiny from "./fixtures/tiny_bert.json" with { type: "json" };
import { device } from "./helpers/device.ts";
import { needs } from "./helpers/permissions.ts";
import { tempFolder } from "./helpers/temp_folder.ts";
import { assertSameValues, weightsOf } from "./models/fixture_model.ts";

/** The 60 examples of the golden batches: seven batches of 8 and one of 4. */
const ROWS: Row[] = tiny.batches.flatMap((batch) =>
  batch.labels.map((label, row) => {
    const length = batch.attentionMask[row]!.lastIndexOf(1) + 1;
    return {
      inputIds: batch.inputIds[row]!.slice(0, length),
      tokenTypeIds: batch.tokenTypeIds[row]!.slice(0, length),
      label,
    };
  })
);

/** The state of a training run. */
interface Run {
  readonly model: BertForSequenceClassification;
  readonly optimizer: AdamW;
  readonly scheduler: LambdaLR;
  readonly loader: DataLoader<Row, Batch>;
}

function newRun(seed: number): Run {
  const config = BertConfig.fromJson(tiny.config, {
    hiddenDropoutProb: 0.1,
    attentionProbsDropoutProb: 0.1,
  });
  const model = BertForSequenceClassification.fromConfig(config, {
    device,
    seed,
  });
  const optimizer = new AdamW(model.parameters(), { lr: 1e-3 });
  const scheduler = getScheduler("linear", optimizer, {
    numWarmupSteps: 2,
    numTrainingSteps: 12,
  });
  const loader = new DataLoader(ROWS, {
    batchSize: 8,
    shuffle: true,
    seed,
    collateFn: dataCollatorWithPadding({ padTokenId: 0, padTokenTypeId: 0 }),
  });
  return { model, optimizer, scheduler, loader };
}

/** Trains for some steps, across epochs; returns their losses. */
async function train(
  { model, optimizer, scheduler, loader }: Run,
  steps: number,
): Promise<number[]> {
  const losses: Promise<number>[] = [];
  while (losses.length < steps) {
    for await (const batch of loader) {
      using _step = device.scope();
      const { loss } = model.forward(batch);
      loss!.backward();
      optimizer.step();
      scheduler.step();
      optimizer.zeroGrad();
      losses.push(device.readLater(loss!));
      if (losses.length === steps) break;
    }
  }
  await device.flushReads();
  return await Promise.all(losses);
}

Deno.test("the same seed trains to the same bits, another seed to others", async () => {
  const [first, second, other] = [newRun(42), newRun(42), newRun(43)];
  const losses = await train(first, 5);
  assertEquals(await train(second, 5), losses);
  const weights = await weightsOf(first.model);
  assertSameValues(await weightsOf(second.model), weights);
  const otherLosses = await train(other, 5);
  assertEquals(new Set([...losses, ...otherLosses]).size, 10);
  for (const [name, values] of Object.entries(await weightsOf(other.model))) {
    assertNotEquals(values, weights[name], name);
  }
});

Deno.test(
  needs("a resumed run ends as the uninterrupted one", "read", "write"),
  async (t) => {
    await using folder = await tempFolder();
    const uninterrupted = newRun(42);
    const losses = await train(uninterrupted, 12);
    const weights = await weightsOf(uninterrupted.model);
    for (const steps of [3, 8]) { // within an epoch, and between two
      await t.step(`after ${steps} steps`, async () => {
        const path = `${folder.path}/checkpoint-${steps}`;
        const first = newRun(42);
        assertEquals(await train(first, steps), losses.slice(0, steps));
        await saveState(path, { ...first });
        const second = newRun(42);
        await train(second, 1); // its state must be replaced completely
        await loadState(path, { ...second });
        assertEquals(await train(second, 12 - steps), losses.slice(steps));
        assertSameValues(await weightsOf(second.model), weights);
      });
    }
  },
);
