/**
 * A training loop of one's own with `saveState` and `loadState`, which goes on
 * where it was interrupted:
 *
 *     deno run --allow-read --allow-write=FOLDER user_loop.ts OPTIONS FOLDER
 */
import {
  AdamW,
  type Batch,
  BertConfig,
  BertForSequenceClassification,
  clipGradNorm,
  crossEntropy,
  DataLoader,
  type Device,
  DistilBertConfig,
  DistilBertForSequenceClassification,
  Dropout,
  Embedding,
  getScheduler,
  GradientAccumulation,
  HostTensor,
  LengthGroupedSampler,
  Linear,
  loadState,
  mean,
  Module,
  mul,
  noGrad,
  RandomSampler,
  relu,
  removeFolder,
  requestDevice,
  saveState,
  SGD,
  type Tensor,
  writeFile,
} from "../../mod.ts";

/** The parts of a loop. */
export interface LoopOptions {
  readonly model: "bert" | "distilbert" | "own";
  readonly sampler: "random" | "grouped";
  readonly optimizer: "adamw" | "sgd";
  /** Prefixes of the parameters that are not trained. */
  readonly frozen: readonly string[];
}

const STEPS = 60;
/** An odd number: half of the states are saved inside of an accumulation window. */
const BATCHES_PER_STATE = 15;
const BATCHES_PER_EVALUATION = 7;

const SIZES = { vocabSize: 40, maxPositionEmbeddings: 16 };
/** Rows of a table that is large enough for a sparse gradient. */
const OWN_VOCAB_SIZE = 1100;
const DROPOUT = { hidden: 0.1, classifier: 0.2 };

/** A classifier of mean embeddings. */
class OwnModule extends Module {
  readonly embedding: Embedding;
  readonly dropout = new Dropout(DROPOUT.hidden, { seed: 5 });
  readonly dense: Linear;
  readonly head: readonly Module[];

  constructor(device: Device) {
    super();
    this.embedding = new Embedding(device, OWN_VOCAB_SIZE, 8);
    this.dense = new Linear(device, 8, 8);
    const classifier = new Linear(device, 8, 2);
    this.head = [new Dropout(DROPOUT.classifier, { seed: 6 }), classifier];
  }

  /** Computes the mean loss. */
  forward({ inputIds, labels }: Batch): { loss: Tensor } {
    const [dropout, classifier] = this.head as [Dropout, Linear];
    const embedded = this.dropout.forward(this.embedding.forward(inputIds)); // [B, S, 8]
    const hidden = relu(this.dense.forward(mean(embedded, 1))); // [B, 8]
    const logits = classifier.forward(dropout.forward(hidden)); // [B, 2]
    return { loss: crossEntropy(logits, labels!) };
  }
}

/** A model with a loss. */
type Model = Module & { forward(batch: Batch): { loss: Tensor } };

function modelOf({ model }: LoopOptions, device: Device): Model {
  if (model === "own") return new OwnModule(device);
  if (model === "distilbert") {
    const config = new DistilBertConfig({
      ...{ ...SIZES, dim: 16, nLayers: 1, nHeads: 2, hiddenDim: 32 },
      ...{ dropout: DROPOUT.hidden, seqClassifDropout: DROPOUT.classifier },
    });
    return DistilBertForSequenceClassification.fromConfig(config, { device });
  }
  const config = new BertConfig({
    ...{ ...SIZES, hiddenSize: 16, numHiddenLayers: 1, numAttentionHeads: 2 },
    ...{ intermediateSize: 32, classifierDropout: DROPOUT.classifier },
  });
  return BertForSequenceClassification.fromConfig(config, { device });
}

/** Rows of 3 to 12 tokens. */
const ROWS = Array.from({ length: 23 }, (_, row) => ({
  inputIds: Array.from(
    { length: 3 + row * row % 10 },
    (_, i) => 1 + (7 * row + i) % (SIZES.vocabSize - 1),
  ),
  label: row * row % 3 % 2,
}));
type Row = typeof ROWS[number];

function collateFn(rows: readonly Row[]): Batch {
  const longest = Math.max(...rows.map(({ inputIds }) => inputIds.length));
  const padded = (valueOf: (row: Row, i: number) => number) =>
    HostTensor.from(
      rows.map((row) =>
        Array.from({ length: longest }, (_, i) => valueOf(row, i))
      ),
    );
  return {
    inputIds: padded(({ inputIds }, i) => inputIds[i] ?? 0),
    attentionMask: padded(({ inputIds }, i) => Number(i < inputIds.length)),
    tokenTypeIds: padded(() => 0),
    labels: HostTensor.from(rows.map(({ label }) => label)),
  };
}

/** A loop with its own counters. */
class Progress {
  step = 0;
  batch = 0;
  losses: number[] = [];

  stateDict(): object {
    return { ...this };
  }

  loadStateDict(state: this): void {
    Object.assign(this, state);
  }
}

async function train(options: LoopOptions, folder: string): Promise<void> {
  using device = await requestDevice();
  const model = modelOf(options, device);
  for (const [name, parameter] of model.namedParameters()) {
    if (options.frozen.some((prefix) => name.startsWith(prefix))) {
      parameter.requiresGrad = false;
    }
  }
  const trained = [...model.parameters()]
    .filter(({ requiresGrad }) => requiresGrad);
  const optimizer = options.optimizer === "sgd"
    ? new SGD(trained, { lr: 1e-2, momentum: 0.9 })
    : new AdamW(trained, { lr: 1e-3 });
  const scheduler = getScheduler("cosine", optimizer, {
    numWarmupSteps: 5,
    numTrainingSteps: STEPS,
  });
  const batchSize = 2;
  const sampler = options.sampler === "grouped"
    ? new LengthGroupedSampler(ROWS as never, { batchSize: 4, seed: 2 })
    : new RandomSampler(ROWS, { seed: 2 });
  const loader = new DataLoader(ROWS, { batchSize, sampler, collateFn });
  const accumulation = new GradientAccumulation(loader, 2);
  const progress = new Progress();
  const state = { model, optimizer, scheduler, loader, progress };

  // Go on after the newest state.
  const saved = () =>
    [...Deno.readDirSync(folder)]
      .flatMap(({ name }) => /^state-(\d+)$/.exec(name)?.slice(1) ?? [])
      .map(Number).sort((a, b) => a - b);
  await Deno.mkdir(folder, { recursive: true });
  for await (const { name } of Deno.readDir(folder)) {
    if (!name.endsWith(".partial")) continue; // of a process that was killed
    await Deno.remove(`${folder}/${name}`, { recursive: true });
  }
  const newest = saved().at(-1);
  if (newest !== undefined) await loadState(`${folder}/state-${newest}`, state);

  model.train();
  while (progress.step < STEPS) {
    for await (const batch of loader) {
      using _step = device.scope();
      const { share, isLast } = accumulation.current;
      const part = mul(model.forward(batch).loss, share);
      part.backward();
      if (isLast) {
        clipGradNorm(trained, 0.5);
        optimizer.step();
        scheduler.step();
        optimizer.zeroGrad();
        progress.step++;
      }
      if (++progress.batch % BATCHES_PER_EVALUATION === 0) {
        model.eval();
        using _noGrad = noGrad();
        const { loss } = model.forward(collateFn(ROWS));
        progress.losses.push(await loss.item());
        model.train();
      }
      const isOver = progress.step === STEPS;
      if (isOver || progress.batch % BATCHES_PER_STATE === 0) {
        const path = `${folder}/state-${progress.batch}`;
        await saveState(path, state);
        for (const batch of saved().slice(0, -2)) {
          await removeFolder(`${folder}/state-${batch}`);
        }
      }
      if (isOver) break;
    }
  }
  await writeFile(folder, "end.json", JSON.stringify(progress));
}

if (import.meta.main) {
  const [options, folder] = Deno.args;
  await train(JSON.parse(options!), folder!);
}
