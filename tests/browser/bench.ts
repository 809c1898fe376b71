/**
 * Times training steps of two small models on the adapter at hand, as tests, so that
 * `deno test` and `deno task test:browser` run the same file:
 *
 *     deno test --allow-read=. tests/browser/bench.ts
 *     deno task test:browser tests/browser/bench.ts
 *
 * @module
 */
// deno-lint-ignore-file no-console
import {
  AdamW,
  type Batch,
  BertConfig,
  BertForSequenceClassification,
  HostTensor,
  Random,
} from "../../mod.ts";
import embedded from "../../data/model/config.json" with { type: "json" };
import { KERNEL_SETS } from "../helpers/kernel_sets.ts";

const CONFIGS = {
  toy: new BertConfig({
    vocabSize: 1280,
    hiddenSize: 32,
    numHiddenLayers: 2,
    numAttentionHeads: 2,
    intermediateSize: 128,
  }),
  embedded: BertConfig.fromJson(embedded),
};
const [ROWS, LENGTH] = [16, 32];
const WARMUP = 3;
const STEPS = 20;

function batchOf(random: Random, vocabSize: number): Batch {
  const table = (value: () => number) =>
    HostTensor.from(
      Array.from({ length: ROWS }, () => Array.from({ length: LENGTH }, value)),
    );
  return {
    inputIds: table(() => random.below(vocabSize)),
    tokenTypeIds: table(() => 0),
    attentionMask: table(() => 1),
    labels: HostTensor.from(Array.from({ length: ROWS }, (_, i) => i % 2)),
  };
}

for (const [name, config] of Object.entries(CONFIGS)) {
  for (const { name: kernels, device } of KERNEL_SETS) {
    Deno.test(`step of the ${name} model, ${kernels} kernels`, async () => {
      const model = BertForSequenceClassification.fromConfig(config, {
        device,
      });
      const optimizer = new AdamW(model.parameters(), { lr: 5e-5 });
      const random = new Random(0);
      const times: number[] = [];
      for (let i = 0; i < WARMUP + STEPS; i++) {
        using _step = device.scope();
        const started = performance.now();
        const { loss } = model.forward(batchOf(random, config.vocabSize));
        loss!.backward();
        optimizer.step();
        optimizer.zeroGrad();
        await loss!.item(); // after all work of the step
        times.push(performance.now() - started);
      }
      const ms = times.slice(WARMUP).toSorted((a, b) => a - b);
      console.log(JSON.stringify({
        model: name,
        kernels,
        adapter: device.description,
        rows: ROWS,
        tokens: LENGTH,
        firstMs: Math.round(times[0]!),
        medianMs: Number(ms[STEPS / 2]!.toFixed(1)),
        fastestMs: Number(ms[0]!.toFixed(1)),
      }));
    });
  }
}
