/**
 * Fine-tunes a BERT on any task of GLUE, or on files of one's own: the loop of
 * `train_mrpc.ts`, with all that differs between tasks in `tasks.ts`.
 *
 *     deno task glue --task rte --model DIR --data DIR
 *     deno task glue --data DIR --text-columns question,answer --label-column label
 *
 * `--allow-read`: the model and the data that the flags point at.
 * `--allow-write=runs`: what the run leaves. No net, env, ffi or run.
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
  loadDataset,
  mul,
  noGrad,
  ProgressBar,
  requestDevice,
  Tokenizer,
  WeightedMean,
} from "../mod.ts";
import { numWarmupSteps } from "./train/flags.ts";
import { prepareRows } from "./glue/data.ts";
import { glueHelp, type GlueOptions, parseGlueFlags } from "./glue/flags.ts";
import { GlueResults, metricOf, submission } from "./glue/results.ts";
import { resolveHubNames } from "./hub/names.ts";
import { type Run, runMain } from "./cli/run_main.ts";
import { adviseOnMemory } from "./train/out_of_memory.ts";
import { loadModel } from "./train/model.ts";
import * as report from "./train/report.ts";
import { runConfig, RunFolder } from "./train/run_folder.ts";
import { TrainingLog } from "./train/training_log.ts";

async function train(options: GlueOptions, run: Run): Promise<void> {
  const { batchSize, evalBatchSize, maxLength, seed, task } = options;
  const { begin, signal } = run;
  const folder = new RunFolder(options.outputDir, new Date(), "train_glue");
  using device = await requestDevice();
  console.log(`Running on ${device.description}`);

  // Data: tokenised once; padded batch by batch.
  const tokenizer = await Tokenizer.fromPretrained(options.model);
  const splits = ["train", ...task.validation];
  const raw = await loadDataset(options.data, { splits });
  const { rows, labels } = prepareRows(raw, task);
  const [first, second] = task.textColumns;
  const truncated = { truncation: true, maxLength } as const;
  const tokenized = rows
    .map(
      (row) => tokenizer.encode(row[first!], second && row[second], truncated),
      { onProgress: report.tokenizing() },
    )
    .removeColumns(task.textColumns);
  const collateFn = dataCollatorWithPadding(tokenizer);
  const trainOptions = { batchSize, shuffle: true, seed, collateFn };
  const trainLoader = new DataLoader(tokenized.train, trainOptions);
  const evalOptions = { batchSize: evalBatchSize, collateFn };
  const loaderOf = (split: string) =>
    new DataLoader(tokenized.split(split), evalOptions);
  const firstBatch = await trainLoader.first();
  report.inspect(firstBatch, tokenizer);

  // Model: one forward, to see that it gives a loss and one logit a label.
  const model = await loadModel(options, device, labels.head);
  report.checkFits(tokenized, model.config);
  await report.checkForward(model, firstBatch, device);

  // Optimizer and schedule.
  const { epochs, gradientAccumulationSteps } = options;
  const accumulation = new GradientAccumulation(
    trainLoader,
    gradientAccumulationSteps,
  );
  const numTrainingSteps = options.maxSteps ??
    epochs * accumulation.stepsPerEpoch;
  const optimizer = new AdamW(model.parameters(), {
    lr: options.learningRate,
    weightDecay: options.weightDecay,
  });
  const scheduler = getScheduler(options.lrSchedulerType, optimizer, {
    numWarmupSteps: numWarmupSteps(options, numTrainingSteps),
    numTrainingSteps,
  });
  const metric = metricOf(labels.metric);
  const results = new GlueResults(tokenized, task, labels);

  // The loop.
  folder.create(await runConfig(options, device, options.model, options.data));
  using progress = new ProgressBar(numTrainingSteps, { unit: "samples" });
  const log = new TrainingLog(device, folder, progress, options.loggingSteps);
  begin();
  let [step, samples] = [0, 0];
  for (let epoch = 0; step < numTrainingSteps; epoch++) {
    model.train();
    for await (const batch of trainLoader) {
      using _step = device.scope();
      const { loss } = model.forward(batch);
      // A batch's share of the mean over all rows of its optimizer step.
      const { rows, share, isLast } = accumulation.current;
      const part = share === 1 ? loss! : mul(loss!, share);
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

    model.eval();
    using _noGrad = noGrad();
    for (const split of task.validation) {
      const losses = new WeightedMean();
      for await (const batch of loaderOf(split)) {
        using _scope = device.scope();
        const { loss, logits } = model.forward(batch);
        losses.add(loss!, batch.inputIds.shape[0]!);
        metric.addBatch({
          predictions: results.seen(await labels.predict(logits)),
          references: batch.labels!.data,
        });
        if (signal.aborted) return;
      }
      const scores = {
        ...metric.compute(),
        loss: report.checkFinite(await losses.value(), step),
      };
      folder.log({ event: "eval", epoch, split, ...scores });
      results.epoch(epoch, split, { ...scores, trainLoss });
    }
  }

  await model.savePretrained(`${folder.path}/model`);
  await tokenizer.savePretrained(`${folder.path}/model`);

  // Predictions of rows whose labels nobody knows, as GLUE takes them.
  using _noGrad = noGrad();
  const files = Object.entries(task.submissions)
    .filter(([split]) => tokenized.names.includes(split));
  for (const [split, file] of files) {
    const predictions: number[] = [];
    for await (const batch of loaderOf(split)) {
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

if (import.meta.main) {
  await runMain(async (run) => {
    const options = parseGlueFlags(Deno.args);
    if (options === "help") return console.log(glueHelp());
    try {
      await train(resolveHubNames(options), run);
    } catch (error) {
      throw adviseOnMemory(error, options);
    }
  });
}
