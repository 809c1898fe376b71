/**
 * Pretrains the embedded model from random weights, as BERT was: masked words and
 * next-sentence prediction.
 *
 *     deno task pretrain
 *
 * `--allow-read`: the embedded configuration and tokenizer.
 * `--allow-write=data/model,runs`: the result. No net, env, ffi or run.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { pretrainingText } from "../data/pretraining_text.ts";
import {
  AdamW,
  BertConfig,
  BertForPreTraining,
  clipGradNorm,
  dataCollatorForLanguageModeling,
  DataLoader,
  getScheduler,
  paramGroupsWeightDecay,
  ProgressBar,
  requestDevice,
  Tokenizer,
} from "../mod.ts";
import { type Run, runMain } from "./cli/run_main.ts";
import { embeddedModel } from "./train/embedded.ts";
import { LossCurve } from "./pretraining/loss_curve.ts";
import { pretrainFlags, type PretrainOptions } from "./pretraining/flags.ts";
import { PretrainRun } from "./pretraining/pretrain_run.ts";
import {
  LEARNING_RATE,
  masking,
  STAGES,
  WARMUP,
} from "./pretraining/recipe.ts";

async function pretrain(options: PretrainOptions, run: Run): Promise<void> {
  const { batchSize, maxSteps, seed, outputDir } = options;
  const { signal } = run;
  const training = new PretrainRun(options, run);
  using device = await requestDevice();
  console.log(`Running on ${device.description}`);
  const tokenizer = await Tokenizer.fromPretrained(embeddedModel);
  const json = await Deno.readTextFile(`${embeddedModel}/config.json`);
  const config = BertConfig.fromJson(JSON.parse(json));
  const model = BertForPreTraining.fromConfig(config, { device, seed });
  model.eval(); // no dropout; gradients flow as in train mode

  const stages = STAGES.map((stage) => ({
    ...stage,
    steps: Math.min(stage.steps, maxSteps),
  }));
  const steps = stages.reduce((sum, stage) => sum + stage.steps, 0);
  using progress = new ProgressBar(steps, {
    label: "pretraining",
    unit: "pairs",
    initial: training.resumedStep,
  });
  const curve = new LossCurve(device, progress, training.resumedStep);
  run.begin();
  for (const [index, stage] of stages.entries()) {
    if (training.skips(stage.steps)) continue;
    // Each pair is used once.
    const pairs = [
      ...pretrainingText(stage.mix, seed + index)
        .take(stage.steps * batchSize),
    ];
    const mask = dataCollatorForLanguageModeling(tokenizer, {
      ...masking(tokenizer, stage),
      seed: seed + index,
    });
    const loader = new DataLoader(pairs, {
      batchSize,
      collateFn: (pairs) =>
        mask(pairs.map(({ sentence1, sentence2, nextSentenceLabel }) => ({
          ...tokenizer.encode(sentence1, sentence2),
          nextSentenceLabel,
        }))),
    });
    const optimizer = new AdamW(paramGroupsWeightDecay(model, 0.01), {
      lr: LEARNING_RATE,
      betas: [0.9, 0.98],
      eps: 1e-6,
    });
    const scheduler = getScheduler("warmup_stable_decay", optimizer, {
      numTrainingSteps: stage.steps,
      numWarmupSteps: Math.ceil(WARMUP * stage.steps),
      numDecaySteps: Math.floor(stage.decay * stage.steps),
      decayType: "linear",
    });
    const state = { model, optimizer, scheduler, loader, mask };
    await training.start(state); // where the run was interrupted, with --resume
    for await (const batch of loader) {
      using _step = device.scope();
      const { loss, maskedLmLoss, nextSentenceLoss } = model.forward(batch);
      (options.mlmOnly ? maskedLmLoss : loss)!.backward();
      clipGradNorm(model.parameters(), 1);
      const learningRate = optimizer.paramGroups[0]!.lr;
      optimizer.step();
      scheduler.step();
      optimizer.zeroGrad();
      progress.update(1, { samples: batchSize, learningRate });
      await curve.add(maskedLmLoss!, nextSentenceLoss!);
      training.endStep();
      if (training.isDue) {
        await curve.means(); // no checkpoint of weights that are not finite
        await training.checkpoint();
      }
      if (signal.aborted) return;
    }
    await curve.print();
  }

  await model.bert.savePretrained(outputDir);
  await tokenizer.savePretrained(outputDir);
  console.log(`The model is in ${outputDir}`);
}

if (import.meta.main) {
  await runMain(pretrainFlags, pretrain, { ignoreOutputErrors: true });
}
