/**
 * Fine-tunes a BERT on sentence pairs, with every step of the loop in sight.
 *
 *     deno task train --model DIR --data DIR
 *
 * `--allow-read`: the model and the data that the flags point at.
 * `--allow-write=runs`: what the run leaves. No net, env, ffi or run.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import {
  AdamW,
  argmax,
  clipGradNorm,
  dataCollatorWithPadding,
  DataLoader,
  getScheduler,
  GradientAccumulation,
  loadDataset,
  loadMetric,
  mul,
  noGrad,
  ProgressBar,
  requestDevice,
  Tokenizer,
  WeightedMean,
} from "../mod.ts";
import * as explain from "./mrpc/examples.ts";
import { help, numWarmupSteps, parseFlags } from "./train/flags.ts";
import { resolveHubNames } from "./hub/names.ts";
import { type Run, runMain } from "./cli/run_main.ts";
import { adviseOnMemory } from "./train/out_of_memory.ts";
import {
  embeddedData,
  embeddedModel,
  loadModel,
  pairHead,
} from "./train/model.ts";
import type { Options } from "./train/options.ts";
import * as report from "./train/report.ts";
import { runConfig, RunFolder } from "./train/run_folder.ts";
import { TrainingLog } from "./train/training_log.ts";

async function train(options: Options, { begin, signal }: Run): Promise<void> {
  const { batchSize, evalBatchSize, maxLength, seed } = options;
  const { model: modelPath = embeddedModel, data: dataPath = embeddedData } =
    options;
  const folder = new RunFolder(options.outputDir);
  using device = await requestDevice();
  console.log(`Running on ${device.description}`);

  // Data: tokenised once; padded batch by batch.
  const tokenizer = await Tokenizer.fromPretrained(modelPath);
  const raw = await loadDataset(dataPath);
  report.checkColumns(raw, ["sentence1", "sentence2", "label"]);
  explain.describeData(raw, options.data);
  const tokenized = raw
    .map(
      ({ sentence1, sentence2 }) =>
        tokenizer.encode(sentence1, sentence2, { truncation: true, maxLength }),
      { onProgress: report.tokenizing() },
    )
    .removeColumns(report.columnsBut(raw, "label"))
    .renameColumn("label", "labels");
  report.checkLabels(tokenized);
  const collateFn = dataCollatorWithPadding(tokenizer);
  const { train: trainSet, validation } = tokenized;
  const trainOptions = { batchSize, shuffle: true, seed, collateFn };
  const trainLoader = new DataLoader(trainSet, trainOptions);
  const evalOptions = { batchSize: evalBatchSize, collateFn };
  const evalLoader = new DataLoader(validation, evalOptions);
  const firstBatch = await trainLoader.first();
  report.inspect(firstBatch, tokenizer);

  // Model: one forward, to see that it gives a loss and one logit a label.
  const model = await loadModel(options, device, pairHead(raw.train));
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
  const metric = loadMetric("glue", "mrpc");
  const results = new report.Results(tokenized, explain.scoreWordOverlap(raw));

  // The loop.
  folder.create(await runConfig(options, device, modelPath, dataPath));
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
    const losses = new WeightedMean();
    for await (const batch of evalLoader) {
      using _scope = device.scope();
      const { loss, logits } = model.forward(batch);
      losses.add(loss!, batch.inputIds.shape[0]!);
      metric.addBatch({
        predictions: results.seen(await argmax(logits)),
        references: batch.labels!,
      });
      if (signal.aborted) return;
    }
    const scores = {
      ...metric.compute(),
      loss: report.checkFinite(await losses.value(), step),
    };
    folder.log({ event: "eval", epoch, ...scores });
    results.epoch(epoch, { ...scores, trainLoss });
  }

  await model.savePretrained(`${folder.path}/model`);
  await tokenizer.savePretrained(`${folder.path}/model`);
  const { seconds } = progress;
  const run = { steps: step, samples, seconds, adapter: device.description };
  folder.writeResults(results.summary(run));
  const rows = raw.validation;
  const loader = evalLoader;
  await explain.showExamples({ model, device, loader, rows, signal });
  explain.suggestNext(`${folder.path}/model`, rows, options);
}

if (import.meta.main) {
  await runMain(async (run) => {
    const options = parseFlags(Deno.args);
    if (options === "help") return console.log(help());
    try {
      await train(resolveHubNames(options), run);
    } catch (error) {
      throw adviseOnMemory(error, options);
    }
  });
}
