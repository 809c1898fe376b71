/**
 * Choice of the best model.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import {
  DeviceLostError,
  EarlyStopping,
  loadSafetensors,
  type Module,
} from "../../mod.ts";
import type { CheckpointOptions } from "../train/checkpoint_flags.ts";

/**
 * Finds the metric that decides the best model, by its name here or in
 * transformers, where it begins with `eval_`.
 *
 * @param options The settings of the run.
 * @param names Names of the scores, the default first.
 * @returns One of the names, or `loss`.
 * @throws {RangeError} If the settings name another.
 */
export function metricOf(
  { metricForBestModel }: CheckpointOptions,
  names: readonly string[],
): string {
  const known = [...names, "loss"];
  const name = metricForBestModel?.replace(/^eval_/, "") ?? known[0]!;
  if (known.includes(name)) return name;
  throw new RangeError(
    `--metric-for-best-model must be one of ${
      known.join(", ")
    }, not "${metricForBestModel}"`,
  );
}

/**
 * Adds the metric that decides the best model to settings for `config.json`: a run
 * that goes on keeps it, whatever the default is then.
 *
 * @param options The settings of the run.
 * @param names Names of the scores, the default first.
 * @returns The settings with a metric.
 */
export function withMetric<Options extends CheckpointOptions>(
  options: Options,
  names: readonly string[],
): Options {
  const { metricForBestModel = metricOf(options, names) } = options;
  return { ...options, metricForBestModel };
}

/**
 * Makes the early stopping of a run, which knows the best evaluation too.
 *
 * @param options The settings of the run.
 * @param metric The metric that decides.
 * @returns The early stopping; a larger metric is better, but for a loss.
 */
export function earlyStoppingOf(
  options: CheckpointOptions,
  metric: string,
): EarlyStopping {
  return new EarlyStopping({
    patience: options.earlyStoppingPatience ?? Infinity,
    threshold: options.earlyStoppingThreshold,
    greaterIsBetter: options.greaterIsBetter ?? !metric.endsWith("loss"),
  });
}

/**
 * Loads the weights of a checkpoint; says so if that fails.
 *
 * @param model The model.
 * @param checkpoint Folder of the checkpoint.
 * @returns Whether they are loaded; else the model is unchanged.
 * @throws {DeviceLostError} If the GPU was lost.
 */
export async function loadWeights(
  model: Module,
  checkpoint: string,
): Promise<boolean> {
  try {
    const bytes = await Deno.readFile(`${checkpoint}/model.safetensors`);
    const tensors = [...loadSafetensors(bytes)]
      .map(([name, { data }]) => [name, data as Float32Array] as const);
    model.loadStateDict(Object.fromEntries(tensors));
    return true;
  } catch (error) {
    if (error instanceof DeviceLostError) throw error;
    console.warn(
      `Warning: the best weights, in ${checkpoint}, cannot be loaded, so the model has those of the last step: ${
        (error as Error).message
      }`,
    );
    return false;
  }
}
