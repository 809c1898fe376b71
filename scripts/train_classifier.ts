/**
 * Fine-tunes a BERT on any task of GLUE, or on files of your own: the loop of
 * `train_mrpc.ts`, with everything that differs between tasks in `classify/tasks.ts`.
 *
 *     deno task classify --task rte --model DIR --data DIR
 *     deno task classify --data DIR --text-columns question,answer --label-column label
 *
 * `--allow-read`: the model and the data that the flags name.
 * `--allow-write=runs`: the folder of the run. No net, env, ffi or run.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import {
  AdamW,
  clipGradNorm,
  dataCollatorWithPadding,
  DataLoader,
  getScheduler,
  GradientAccumulation,
  mul,
  noGrad,
  ProgressBar,
  requestDevice,
  Tokenizer,
  WeightedMean,
} from "../mod.ts";
import { retryOnDeviceLost } from "./cli/device_lost.ts";
import { type Run, runMain } from "./cli/run_main.ts";
import { checkFile, prepareRows } from "./classify/data.ts";
import { classifyFlags, type ClassifyOptions } from "./classify/flags.ts";
import {
  ClassifyResults,
  metricOf,
  scoreNames,
  submission,
} from "./classify/results.ts";
import { runConfig } from "./run_folder/config.ts";
import { RunFolder } from "./run_folder/run_folder.ts";
import type { Evaluation } from "./run_folder/run_parts.ts";
import { saveModel } from "./run_folder/save_model.ts";
import { TrainingRun } from "./run_folder/training_run.ts";
import { checkForward, inspect, tokenizing } from "./train/first_batch.ts";
import { labelsOfModel } from "./train/head.ts";
import { loadSplits } from "./train/load_splits.ts";
import { loadModel } from "./train/model.ts";
import { numWarmupSteps } from "./train/options.ts";
import { warnAboutTruncation } from "./train/warnings.ts";

async function train(options: ClassifyOptions, run: Run): Promise<void> {
  const { batchSize, evalBatchSize, maxLength, seed, task } = options;
  const { signal } = run;
  const folder = new RunFolder(options, "classify");
  using device = await requestDevice();
  console.log(`Running on ${device.description}`);

  // Load and tokenise.
  const tokenizer = await Tokenizer.fromPretrained(options.model);
  const splits = ["train", ...task.validation];
  const raw = await loadSplits(options.data, options, {
    splits,
    labelColumns: [], // text as it is written: readLabels tells numbers from codes
    check: (file) => checkFile(file, task),
  });
  const { rows, labels } = prepareRows(raw, task, await labelsOfModel(options));
  const [first, second] = task.textColumns;
  const truncated = { truncation: true, maxLength } as const;
  const tokenized = rows
    .map(
      (row) => tokenizer.encode(row[first!], second && row[second], truncated),
      { onProgress: tokenizing() },
    )
    .removeColumns(task.textColumns);
  warnAboutTruncation(rows, tokenized, tokenizer, maxLength, task.textColumns);

  // Collate: each batch is padded to its longest row.
  const collateFn = dataCollatorWithPadding(tokenizer);
  const trainOptions = { batchSize, shuffle: true, seed, collateFn };
  const trainLoader = new DataLoader(tokenized.train, trainOptions);
  const evalOptions = { batchSize: evalBatchSize, collateFn };
  const evalLoader = (split: string) =>
    new DataLoader(tokenized.split(split), evalOptions);
  const firstBatch = await trainLoader.first();
  inspect(firstBatch, tokenizer);

  // Model, and one forward pass before anything is trained.
  const model = await loadModel(options, device, labels.head);
  await checkForward(model, firstBatch, tokenized, device);

  // Files of the tokenizer beside the weights.
  const modelMaxLength = Math.min(
    maxLength,
    model.config.maxPositionEmbeddings,
  );
  const files = {
    savePretrained: (path: string) =>
      tokenizer.savePretrained(path, { modelMaxLength }),
  };

  // Optimizer and schedule.
  const { epochs, maxSteps, learningRate: lr, weightDecay } = options;
  const { gradientAccumulationSteps: batchesPerStep } = options;
  const accumulation = new GradientAccumulation(trainLoader, batchesPerStep);
  const numTrainingSteps = maxSteps ?? epochs * accumulation.stepsPerEpoch;
  const optimizer = new AdamW(model.parameters(), { lr, weightDecay });
  const scheduler = getScheduler(options.lrSchedulerType, optimizer, {
    numWarmupSteps: numWarmupSteps(options, numTrainingSteps),
    numTrainingSteps,
  });
  const metric = metricOf(labels);
  const results = new ClassifyResults(tokenized, task, labels);

  // Evaluate each validation set.
  async function evaluate(): Promise<Evaluation[]> {
    model.eval();
    using _noGrad = noGrad();
    const evaluations: Evaluation[] = [];
    for (const split of task.validation) {
      const losses = new WeightedMean();
      for await (const batch of evalLoader(split)) {
        using _scope = device.scope();
        const { loss, logits } = model.forward(batch);
        losses.add(loss, batch.inputIds.shape[0]!);
        metric.addBatch({
          predictions: results.track(split, await labels.predict(logits)),
          references: batch.labels.data,
        });
        signal.throwIfAborted();
      }
      const scores = { ...metric.compute(), loss: await losses.value() };
      evaluations.push({ split, scores });
    }
    return evaluations;
  }

  // Train.
  using progress = new ProgressBar(numTrainingSteps, {
    unit: "samples",
    initial: folder.resumedStep,
  });
  const training = new TrainingRun(run, {
    ...{ folder, options, numTrainingSteps, device, progress, results },
    ...{ model, loader: trainLoader, state: { optimizer, scheduler, files } },
    metrics: scoreNames(labels),
  });
  const config = await runConfig(options, device, options.model, options.data);
  await folder.create(config);
  await training.start(evaluate); // where the run was interrupted, with --resume
  while (!training.isOver) {
    model.train();
    for await (const batch of trainLoader) {
      using _step = device.scope();
      const { loss } = model.forward(batch);
      // The batch's share of the mean over all rows of its optimizer step.
      const { rows, share, isLast } = accumulation.current;
      const part = share === 1 ? loss : mul(loss, share);
      part.backward();
      await training.addLoss(part, batch);
      if (!isLast) continue;
      const gradNorm = options.maxGradNorm > 0
        ? clipGradNorm(model.parameters(), options.maxGradNorm)
        : undefined;
      const learningRate = optimizer.paramGroups[0]!.lr;
      optimizer.step();
      scheduler.step();
      optimizer.zeroGrad();
      training.endStep({ rows, learningRate, gradNorm });
      if (training.isDue) break;
    }
    await training.checkpoint(evaluate); // evaluates and saves, where that is due
  }
  if (signal.aborted) return;

  await training.loadBestModel();
  model.eval();
  const modelFolder = await saveModel(training.modelPlaces, [model, files]);

  // Predict the splits without labels, in GLUE's submission format.
  using _noGrad = noGrad();
  for (const [split, file] of Object.entries(task.submissions)) {
    if (!tokenized.names.includes(split)) continue;
    const predictions: number[] = [];
    for await (const batch of evalLoader(split)) {
      using _scope = device.scope();
      const { logits } = model.forward(batch);
      predictions.push(...Array.from(await labels.predict(logits)));
      if (signal.aborted) return;
    }
    await folder.writePredictions(file, submission(predictions, task, labels));
  }
  await training.finish();
  console.log(`The model is in ${modelFolder}`);
}

if (import.meta.main) {
  const main = retryOnDeviceLost(train);
  await runMain(classifyFlags, main, { ignoreOutputErrors: true });
}
