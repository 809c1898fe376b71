/**
 * Fine-tunes a BERT on texts and labels of your own, or on any task of GLUE: the loop
 * of `train_mrpc.ts`, with everything that differs between data sets in `classify/`.
 *
 *     deno task classify --data messages.csv
 *     deno task classify --task rte --model DIR --data PATH
 *
 * `--allow-read`: the model and the data that the flags name.
 * `--allow-write=runs`: the folder of the run. No net, env, ffi or run.
 *
 * @module
 */
import {
  AdamW,
  autocast,
  clipGradNorm,
  dataCollatorWithPadding,
  DataLoader,
  getScheduler,
  GradientAccumulation,
  gradNorm,
  noGrad,
  ProgressBar,
  requestDevice,
  Tokenizer,
} from "../mod.ts";
import { retryOnDeviceLost } from "./cli/device_lost.ts";
import { sayWhereItRuns } from "./cli/process_group.ts";
import { type Run, runMain } from "./cli/run_main.ts";
import { loadTask } from "./classify/data.ts";
import { classifyFlags, type ClassifyOptions } from "./classify/flags.ts";
import { stepLoss } from "./classify/loss.ts";
import {
  suggestNext,
  warnAboutModel,
  warnIfWordsAreBetter,
} from "./classify/next.ts";
import { predictedLabels } from "./classify/predictions.ts";
import { trainingRows } from "./classify/report.ts";
import { ClassifyResults } from "./classify/results.ts";
import { scoreNames } from "./classify/scores.ts";
import { submission } from "./classify/submission.ts";
import { labelsOf, textsOf } from "./classify/task_rows.ts";
import { runConfig } from "./run_folder/config.ts";
import { metricOf, withMetric } from "./run_folder/model_selection.ts";
import { RunFolder } from "./run_folder/run_folder.ts";
import type { Evaluation } from "./run_folder/run_parts.ts";
import { saveModel } from "./run_folder/save_model.ts";
import { TrainingRun } from "./run_folder/training_run.ts";
import { adapterOf, mergeAdapter } from "./train/adapter.ts";
import { ROW } from "./train/divide.ts";
import { embeddedModel } from "./train/embedded.ts";
import { findExecutableBatchSize } from "./train/auto_batch_size.ts";
import { scalerOf } from "./train/half_precision.ts";
import { checkFits } from "./train/data_checks.ts";
import { checkForward, inspect, tokenizing } from "./train/first_batch.ts";
import { labelsOfModel } from "./train/head.ts";
import { planMemory } from "./train/memory_plan.ts";
import { loadModel } from "./train/model.ts";
import { numWarmupSteps } from "./train/options.ts";
import { tokenizerFiles } from "./train/tokenizer_files.ts";
import { warnAboutTruncation } from "./train/warnings.ts";

async function train(options: ClassifyOptions, run: Run): Promise<void> {
  const { batchSize, evalBatchSize, maxLength, seed } = options;
  const { model: modelPath = embeddedModel, data: dataPath } = options;
  const { signal, communicator } = run;
  using folder = new RunFolder(options, "classify", run);
  using device = await requestDevice();
  await sayWhereItRuns(device, communicator);
  const scaler = scalerOf(device, options); // of the loss, with --fp16
  warnAboutModel(options);

  // Load and tokenise.
  const tokenizer = await Tokenizer.fromPretrained(modelPath);
  const data = await loadTask(options, await labelsOfModel(options));
  const { rows, labels, task } = data;
  const [first, second] = task.textColumns;
  const truncated = { truncation: true, maxLength } as const;
  const tokenized = rows
    .map(
      (row) => tokenizer.encode(row[first!], second && row[second], truncated),
      { onProgress: tokenizing() },
    )
    .removeColumns([...task.textColumns, ROW]);
  warnAboutTruncation(rows, tokenized, tokenizer, maxLength, task.textColumns);

  // Collate: each batch is padded to its longest row.
  const collateFn = dataCollatorWithPadding(tokenizer);
  const trainLoader = new DataLoader(tokenized.train, {
    ...{ batchSize, shuffle: true, seed, collateFn },
    communicator, // several processes divide each batch
  });
  const evalOptions = { batchSize: evalBatchSize, collateFn };
  const firstBatch = await trainLoader.first();
  inspect(firstBatch, tokenizer, labels.names);

  // Model, with the rows that it takes.
  const model = await loadModel(options, device, labels.head);
  const adapter = adapterOf(model, options); // with --lora-r
  checkFits(tokenized, model.config);
  const files = tokenizerFiles(tokenizer, model, maxLength);

  // Optimizer and schedule.
  const { epochs, maxSteps, learningRate: lr, weightDecay } = options;
  const { gradientAccumulationSteps: batchesPerStep } = options;
  const loss = stepLoss(options, labels, labelsOf(data, "train"));
  const accumulation = new GradientAccumulation(trainLoader, batchesPerStep, {
    ...loss.rowWeights && { weights: loss.rowWeights },
  });
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
  const lengths = trainingRows(data, tokenized.train, tokenizer, maxLength);
  const results = new ClassifyResults(data, lengths);

  // The logits of each row of a split, in order.
  async function predict(split: string): Promise<Float32Array> {
    model.eval();
    using _noGrad = noGrad();
    const { numLabels } = model.config;
    const rows = tokenized.split(split);
    const all = new Float32Array(rows.length * numLabels); // [N, C]
    const loader = new DataLoader(rows, evalOptions);
    for await (const batch of loader) {
      const i = loader.state.batch - 1;
      if (i % communicator.size !== communicator.rank) continue; // another's
      using _scope = device.scope();
      const logits = await model.forward(batch).logits.toArray();
      all.set(logits, i * evalBatchSize * numLabels);
      signal.throwIfAborted();
    }
    await communicator.allReduceSum(all);
    return all;
  }

  // Evaluate each validation set.
  async function evaluate(): Promise<Evaluation[]> {
    const evaluations: Evaluation[] = [];
    for (const split of task.validation) {
      evaluations.push(results.evaluation(split, await predict(split)));
    }
    return evaluations;
  }

  // Train.
  using progress = new ProgressBar(numTrainingSteps, {
    unit: "samples",
    initial: folder.resumedStep,
  });
  const metrics = scoreNames(labels);
  const training = new TrainingRun(run, {
    ...{ folder, options, numTrainingSteps, device, progress, results },
    ...{ model, loader: trainLoader, state: { optimizer, scheduler, files } },
    scaler,
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
      const output = model.forward(batch);
      // The batch's part of the mean loss over all rows of its optimizer step.
      const { rows, isLast } = accumulation.current;
      const part = loss.part(output, batch.labels, accumulation.current);
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
      if (training.isDue) break;
    }
    await training.checkpoint(evaluate); // evaluates and saves, where that is due
  }
  if (signal.aborted) return;

  await training.loadBestModel();
  await results.evaluateFinal(predict, options.tuneThresholds ?? false);
  const modelFiles = results.modelFiles({
    ...{ ...folder.reported, step: training.modelStep, data: dataPath },
    ...{ model: options.model, maxLength: files.modelMaxLength },
    modelType: model.config.modelType,
  });
  const parts = [model, files, ...modelFiles];
  await mergeAdapter(adapter, folder);
  const modelFolder = await saveModel(training.modelPlaces, parts);

  // Predict the splits without labels, in GLUE's submission format.
  for (const [split, file] of Object.entries(task.submissions)) {
    if (!tokenized.names.includes(split)) continue;
    const predictions = predictedLabels(await predict(split), labels);
    await folder.writePredictions(file, submission(predictions, task, labels));
  }
  await training.finish();
  const [example = [""]] = textsOf(data, task.validation[0]!);
  suggestNext(folder.path, modelFolder, example);
  const deciding = metricOf(options, metrics);
  warnIfWordsAreBetter(options, results.comparedWithWords(deciding));
}

/** A run, for `sweep.ts` and several processes too. */
export const classify = findExecutableBatchSize(retryOnDeviceLost(train));

if (import.meta.main) {
  await runMain(classifyFlags, classify, { ignoreOutputErrors: true });
}
