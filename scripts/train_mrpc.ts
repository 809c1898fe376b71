/**
 * Fine-tunes a BERT on sentence pairs, with every step of the loop in sight.
 *
 *     deno task train --model DIR --data PATH
 *
 * `--allow-read`: the model and the data that the flags name.
 * `--allow-write=runs`: the folder of the run. No net, env, ffi or run.
 *
 * @module
 */
import {
  AdamW,
  argmax,
  autocast,
  clipGradNorm,
  dataCollatorWithPadding,
  DataLoader,
  getScheduler,
  GradientAccumulation,
  gradNorm,
  loadMetric,
  mul,
  noGrad,
  ProgressBar,
  requestDevice,
  Tokenizer,
  WeightedMean,
} from "../mod.ts";
import { retryOnDeviceLost } from "./cli/device_lost.ts";
import { sayWhereItRuns } from "./cli/process_group.ts";
import { type Run, runMain } from "./cli/run_main.ts";
import { trainingRows } from "./classify/report.ts";
import * as report from "./mrpc/console_report.ts";
import { pairTask } from "./mrpc/pair_task.ts";
import { Results } from "./mrpc/results.ts";
import { runConfig } from "./run_folder/config.ts";
import { withMetric } from "./run_folder/model_selection.ts";
import { RunFolder } from "./run_folder/run_folder.ts";
import type { Evaluation } from "./run_folder/run_parts.ts";
import { saveModel } from "./run_folder/save_model.ts";
import { TrainingRun } from "./run_folder/training_run.ts";
import { adapterOf, mergeAdapter } from "./train/adapter.ts";
import { embeddedData, embeddedModel } from "./train/embedded.ts";
import { findExecutableBatchSize } from "./train/auto_batch_size.ts";
import { scalerOf } from "./train/half_precision.ts";
import { checkFits } from "./train/data_checks.ts";
import { checkForward, inspect, tokenizing } from "./train/first_batch.ts";
import { pairHead } from "./train/head.ts";
import { loadSplits } from "./train/load_splits.ts";
import { planMemory } from "./train/memory_plan.ts";
import { loadModel } from "./train/model.ts";
import { numWarmupSteps, type Options, trainFlags } from "./train/options.ts";
import { tokenizerFiles } from "./train/tokenizer_files.ts";
import { warnAboutTruncation } from "./train/warnings.ts";

async function train(options: Options, run: Run): Promise<void> {
  const { batchSize, evalBatchSize, maxLength, seed } = options;
  const { model: modelPath = embeddedModel, data: dataPath = embeddedData } =
    options;
  const { signal, communicator } = run;
  using folder = new RunFolder(options, "train", run);
  using device = await requestDevice();
  await sayWhereItRuns(device, communicator);
  const scaler = scalerOf(device, options); // of the loss, with --fp16

  // Load and tokenise.
  const tokenizer = await Tokenizer.fromPretrained(modelPath);
  const raw = await loadSplits(dataPath, options);
  report.checkData(raw, options.data);
  const head = await pairHead(raw, options);
  const tokenized = raw.map(({ sentence1, sentence2, label }) => ({
    ...tokenizer.encode(sentence1, sentence2, { truncation: true, maxLength }),
    labels: head.numbers[label], // the model's number of that label
  }), { onProgress: tokenizing() })
    .removeColumns(raw.train.columnNames.filter((name) => name !== "labels"));
  const texts = ["sentence1", "sentence2"];
  warnAboutTruncation(raw, tokenized, tokenizer, maxLength, texts);

  // Collate: each batch is padded to its longest row.
  const collateFn = dataCollatorWithPadding(tokenizer);
  const trainLoader = new DataLoader(tokenized.train, {
    ...{ batchSize, shuffle: true, seed, collateFn },
    communicator, // several processes divide each batch
  });
  const evalOptions = { batchSize: evalBatchSize, collateFn };
  const evalLoader = new DataLoader(tokenized.validation, evalOptions);
  const firstBatch = await trainLoader.first();
  inspect(firstBatch, tokenizer);

  // Model, with the rows that it takes.
  const model = await loadModel(options, device, head);
  const adapter = adapterOf(model, options); // with --lora-r
  checkFits(tokenized, model.config);
  const files = tokenizerFiles(tokenizer, model, maxLength);

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

  // The memory of a step, and one forward pass before anything is trained.
  await planMemory({
    ...{ model, optimizer, device, loader: trainLoader, communicator },
    epochs: Math.ceil(numTrainingSteps / accumulation.stepsPerEpoch),
    ...{ data: tokenized, evalOptions, options },
  });
  await checkForward(model, firstBatch, device);
  const metric = loadMetric("glue", "mrpc");
  const pairs = pairTask(raw, head);
  const lengths = trainingRows(pairs, tokenized.train, tokenizer, maxLength);
  const results = new Results(pairs, lengths, report.scoreWordOverlap(raw));

  // Evaluate.
  async function evaluate(): Promise<Evaluation[]> {
    model.eval();
    using _noGrad = noGrad();
    const losses = new WeightedMean();
    for await (const batch of evalLoader) {
      using _scope = device.scope();
      const { loss, logits } = model.forward(batch);
      losses.add(loss, batch.inputIds.shape[0]!);
      metric.addBatch(results.track(await argmax(logits), batch.labels));
      results.addLogits(await logits.toArray()); // for report.html
      signal.throwIfAborted();
    }
    return [{ scores: { ...metric.compute(), loss: await losses.value() } }];
  }

  // Train.
  using progress = new ProgressBar(numTrainingSteps, {
    unit: "samples",
    initial: folder.resumedStep,
  });
  const metrics = ["accuracy", "f1"];
  const training = new TrainingRun(run, {
    folder,
    options,
    numTrainingSteps,
    device,
    progress,
    model,
    loader: trainLoader,
    state: { optimizer, scheduler, files },
    scaler,
    results,
    metrics,
  });
  const settings = withMetric(options, metrics);
  await folder.create(await runConfig(settings, device, modelPath, dataPath));
  await training.start(evaluate); // where the run was interrupted, with --resume
  while (!training.isOver) {
    model.train();
    for await (const batch of trainLoader) {
      using _step = device.scope();
      using _autocast = autocast(device, { enabled: scaler.isEnabled });
      const { loss } = model.forward(batch);
      // The batch's share of the mean over all rows of its optimizer step.
      const { rows, share, isLast } = accumulation.current;
      const part = share === 1 ? loss : mul(loss, share);
      scaler.scale(part).backward();
      await training.addLoss(part, batch);
      if (!isLast) continue;
      await training.allReduce(); // of several processes
      scaler.unscale(optimizer);
      const norm = options.maxGradNorm > 0
        ? clipGradNorm(model.parameters(), options.maxGradNorm)
        : training.isLogged
        ? gradNorm(model.parameters())
        : undefined;
      const learningRate = optimizer.paramGroups[0]!.lr;
      scaler.step(optimizer);
      scaler.update();
      scheduler.step();
      optimizer.zeroGrad();
      training.endStep({ rows, learningRate, gradNorm: norm });
      if (training.isDue) break; // the epoch goes on after the checkpoint
    }
    await training.checkpoint(evaluate); // evaluates and saves, where that is due
  }
  if (signal.aborted) return;

  await training.loadBestModel();
  await evaluate(); // the final model, for the report and the card
  const card = results.card({
    ...{ ...folder.reported, step: training.modelStep, data: dataPath },
    ...{ model: options.model, maxLength: files.modelMaxLength },
    modelType: model.config.modelType,
  });
  const parts = [model, files, card];
  await mergeAdapter(adapter, folder);
  const modelFolder = await saveModel(training.modelPlaces, parts);
  await training.finish();
  const [loader, rows] = [evalLoader, raw.validation];
  await report.showExamples({ model, device, loader, rows, head, signal });
  report.suggestNext(folder.path, modelFolder, rows, options);
}

/** A run, for several processes too. */
export const trainMrpc = findExecutableBatchSize(retryOnDeviceLost(train));

if (import.meta.main) {
  await runMain(trainFlags, trainMrpc, { ignoreOutputErrors: true });
}
