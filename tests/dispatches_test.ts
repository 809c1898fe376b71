import { assertEquals } from "@std/assert";
import {
  AdamW,
  BertConfig,
  BertForSequenceClassification,
  HostTensor,
} from "../mod.ts";
import { KERNEL_SETS } from "./helpers/kernel_sets.ts";

const ROWS = HostTensor.from([[5, 6, 7, 8, 9], [3, 4, 5, 6, 7]]);

Deno.test("a training step is 18 dispatches a layer and 22 besides", async (t) => {
  for (const { name, device } of KERNEL_SETS) {
    for (const layers of [1, 2]) {
      await t.step(`${name} kernels, ${layers} layers`, async () => {
        using _scope = device.scope();
        const config = new BertConfig({
          vocabSize: 1100, // so that the words are in an arena of their own
          hiddenSize: 64, // so that query, key and value lie side by side
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
            inputIds: ROWS,
            tokenTypeIds: HostTensor.from([[0, 0, 0, 1, 1], [0, 0, 1, 1, 1]]),
            attentionMask: HostTensor.from([[1, 1, 1, 1, 1], [1, 1, 1, 1, 0]]),
            labels: HostTensor.from([0, 1]),
          });
          loss!.backward();
          optimizer.step();
          optimizer.zeroGrad();
          return device.counters.dispatches - before;
        };
        step(); // whatever the first one prepares
        assertEquals(step(), 18 * layers + 22);
        await device.flushReads();
      });
    }
  }
});
