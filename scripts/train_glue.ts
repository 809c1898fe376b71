/**
 * Fine-tunes a BERT on any task of GLUE, or on files of your own: the loop of
 * `train_mrpc.ts`, with everything that differs between tasks in `glue/tasks.ts`.
 *
 *     deno task glue --task rte --model DIR --data DIR
 *     deno task glue --data DIR --text-columns question,answer --label-column label
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
import { type Run, runMain } from "./cli/run_main.ts";
import { checkFile, prepareRows } from "./glue/data.ts";
import { glueFlags, type GlueOptions } from "./glue/flags.ts";
import { GlueResults, metricOf, submission } from "./glue/results.ts";
import { runConfig, RunFolder } from "./run_folder/run_folder.ts";
import { checkForward, inspect, tokenizing } from "./train/first_batch.ts";
import { labelsOfModel } from "./train/head.ts";
import { loadSplits } from "./train/load_splits.ts";
import { loadModel } from "./train/model.ts";
import { numWarmupSteps } from "./train/options.ts";
import { warnAboutTruncation } from "./train/warnings.ts";

async function train(options: GlueOptions, run: Run): Promise<void> {
  const { batchSize, evalBatchSize, maxLength, seed, task } = options;
  const { begin, signal } = run;
  const folder = new RunFolder(options.outputDir, new Date(), "train_glue");
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
  const results = new GlueResults(tokenized, task, labels);

  // Train.
  folder.create(await runConfig(options, device, options.model, options.data));
  using progress = new ProgressBar(numTrainingSteps, { unit: "samples" });
  const log = folder.startLog(device, progress, options.loggingSteps);
  begin();
  let [step, samples] = [0, 0];
  for (let epoch = 0; step < numTrainingSteps; epoch++) {
    model.train();
    for await (const batch of trainLoader) {
      using _step = device.scope();
      const { loss } = model.forward(batch);
      // The batch's share of the mean over all rows of its optimizer step.
      const { rows, share, isLast } = accumulation.current;
      const part = share === 1 ? loss : mul(loss, share);
      part.backward();
      log.add(part);
      if (!isLast) continue;
      const gradNorm = options.maxGradNorm > 0
        ? clipGradNorm(model.parameters(), options.maxGradNorm)
        : undefined;
      const learningRate = optimizer.paramGroups[0]!.lr;
      optimizer.step();
      scheduler.step();
      optimizer.zeroGrad();
      samples += rows;
      log.step({ step: ++step, epoch, learningRate, samples: rows, gradNorm });
      if (step === numTrainingSteps || signal.aborted) break;
    }
    const trainLoss = await log.meanLoss();
    if (signal.aborted) return;
    progress.pause();

    // Evaluate each validation set.
    model.eval();
    using _noGrad = noGrad();
    for (const split of task.validation) {
      const losses = new WeightedMean();
      for await (const batch of evalLoader(split)) {
        using _scope = device.scope();
        const { loss, logits } = model.forward(batch);
        losses.add(loss, batch.inputIds.shape[0]!);
        metric.addBatch({
          predictions: results.track(await labels.predict(logits)),
          references: batch.labels.data,
        });
        if (signal.aborted) return;
      }
      const scores = { ...metric.compute(), loss: await losses.value() };
      log.evaluation({ epoch, split }, scores);
      results.epoch(epoch, split, { ...scores, trainLoss });
    }
    folder.recordTuning(device);
  }

  await model.savePretrained(`${folder.path}/model`);
  const modelMaxLength = Math.min(
    maxLength,
    model.config.maxPositionEmbeddings,
  );
  await tokenizer.savePretrained(`${folder.path}/model`, { modelMaxLength });

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
    folder.writePredictions(file, submission(predictions, task, labels));
  }
  const { seconds } = progress;
  const adapter = device.description;
  folder.writeResults(
    results.summary({ steps: step, samples, seconds, adapter }),
  );
  console.log(`The model is in ${folder.path}/model`);
}

if (import.meta.main) await runMain(glueFlags, train);
