import { assertEquals } from "@std/assert";
import {
  AdamW,
  BertConfig,
  BertForSequenceClassification,
  HostTensor,
} from "../mod.ts";
import { KERNEL_SETS } from "./helpers/kernel_sets.ts";

const INPUT_IDS = HostTensor.from([[5, 6, 7, 8, 9], [3, 4, 5, 6, 7]]);

Deno.test("a training step is 18 dispatches per layer and 23 others", async (t) => {
  for (const { name, device } of KERNEL_SETS) {
    for (const layers of [1, 2]) {
      await t.step(`${name} kernels, ${layers} layers`, async () => {
        using _scope = device.scope();
        const config = new BertConfig({
          vocabSize: 1100, // so that the word embeddings have their own flat buffer
          hiddenSize: 64, // so that query, key and value weights are adjacent
          numHiddenLayers: layers,
          numAttentionHeads: 2,
          intermediateSize: 64,
          maxPositionEmbeddings: 8,
        });
        const model = BertForSequenceClassification.fromConfig(config, {
          device,
        });
        const optimizer = new AdamW(model.parameters(), { lr: 1e-3 });
        const step = () => {
          const before = device.counters.dispatches;
          const { loss } = model.forward({
            inputIds: INPUT_IDS,
            tokenTypeIds: HostTensor.from([[0, 0, 0, 1, 1], [0, 0, 1, 1, 1]]),
            attentionMask: HostTensor.from([[1, 1, 1, 1, 1], [1, 1, 1, 1, 0]]),
            labels: HostTensor.from([0, 1]),
          });
          loss!.backward();
          optimizer.step();
          optimizer.zeroGrad();
          return device.counters.dispatches - before;
        };
        step(); // allocates and compiles
        assertEquals(step(), 18 * layers + 23);
        await device.flushReads();
      });
    }
  }
});
