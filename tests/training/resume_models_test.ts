import {
  AdamW,
  BertConfig,
  BertForMaskedLM,
  BertForPreTraining,
  BertForSequenceClassification,
  DataLoader,
  DistilBertConfig,
  DistilBertForSequenceClassification,
  HostTensor,
  type PreTrainedModel,
  type Row,
  type Tensor,
} from "../../mod.ts";
import { device } from "../helpers/device.ts";
import { needs } from "../helpers/permissions.ts";
import { assertResumes, ResumableLoop } from "./resumable_loop.ts";

const BERT = new BertConfig({
  vocabSize: 40,
  hiddenSize: 12,
  numHiddenLayers: 2,
  numAttentionHeads: 2,
  intermediateSize: 20,
  maxPositionEmbeddings: 8,
  numLabels: 3,
});
const DISTILBERT = new DistilBertConfig({
  vocabSize: 40,
  dim: 12,
  nLayers: 1,
  nHeads: 2,
  hiddenDim: 20,
  maxPositionEmbeddings: 8,
  numLabels: 3,
});

/** Input of two rows that depends on the order of the loader. */
interface Input {
  readonly inputIds: HostTensor;
  readonly tokenTypeIds: HostTensor;
  readonly attentionMask: HostTensor;
  readonly classes: HostTensor;
  readonly words: HostTensor;
}

const ROWS: Row[] = Array.from(
  { length: 6 },
  (_, i) => ({ inputIds: [1 + i, 5 + i, 30 - i, 2 * i], label: i % 2 }),
);

function collateFn(rows: Row[]): Input {
  const from = (row: (ids: number[]) => number[]) =>
    HostTensor.from(rows.map(({ inputIds }) => row(inputIds as number[])));
  return {
    inputIds: from((ids) => ids),
    tokenTypeIds: from((ids) => ids.map((_, i) => i % 2)),
    attentionMask: from((ids) => ids.map((id) => Number(id > 0))),
    classes: HostTensor.from(rows.map(({ label }) => label as number)),
    words: from((ids) => ids.map((id, i) => id > 0 && i < 2 ? id : -100)),
  };
}

interface Made {
  readonly model: PreTrainedModel;
  readonly forward: (input: Input) => Tensor;
}

const MODELS: Record<string, () => Made> = {
  BertForSequenceClassification: () => {
    const model = BertForSequenceClassification.fromConfig(BERT, { device });
    return {
      model,
      forward: ({ classes: labels, ...input }) =>
        model.forward({ ...input, labels }).loss,
    };
  },
  DistilBertForSequenceClassification: () => {
    const model = DistilBertForSequenceClassification
      .fromConfig(DISTILBERT, { device });
    return {
      model,
      forward: ({ classes: labels, ...input }) =>
        model.forward({ ...input, labels }).loss,
    };
  },
  BertForMaskedLM: () => {
    const model = BertForMaskedLM.fromConfig(BERT, { device });
    return {
      model,
      forward: ({ words: labels, ...input }) =>
        model.forward({ ...input, labels }).loss,
    };
  },
  BertForPreTraining: () => {
    const model = BertForPreTraining.fromConfig(BERT, { device });
    return {
      model,
      forward: ({ words: labels, classes: nextSentenceLabel, ...input }) =>
        model.forward({ ...input, labels, nextSentenceLabel }).loss,
    };
  },
};

Deno.test(
  needs(
    "every model with dropout is resumed with the same bits",
    "read",
    "write",
  ),
  async (t) => {
    for (const [name, make] of Object.entries(MODELS)) {
      await t.step(name, () =>
        assertResumes(
          () => {
            const { model, forward } = make();
            const optimizer = new AdamW(model.parameters(), { lr: 1e-2 });
            return new ResumableLoop({
              modules: { model },
              optimizers: { optimizer },
              loader: new DataLoader(ROWS, {
                batchSize: 2,
                collateFn,
                shuffle: true,
              }),
              ...{ forward, accumulate: 2, maxNorm: 0.5 },
            });
          },
          4,
          [{ count: 1 }, { count: 2, beforeStep: true }, { count: 3 }],
        ));
    }
  },
);
