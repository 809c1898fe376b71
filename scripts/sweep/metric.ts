/**
 * The score by which the runs of a sweep are compared.
 *
 * @module
 */

/** A score. */
export interface Metric {
  /** Its name in `results.json`. */
  readonly name: string;
  /** Whether a larger one is better. */
  readonly greaterIsBetter: boolean;
}

/**
 * The score by which a run selects its best model.
 *
 * @param config Content of its `config.json`.
 * @returns The score.
 */
export function metricOfRun(
  { metricForBestModel, greaterIsBetter }: Readonly<Record<string, unknown>>,
): Metric {
  const name = `${metricForBestModel}`.replace(/^eval_/, "");
  return {
    name,
    greaterIsBetter: greaterIsBetter as boolean | null ??
      !name.endsWith("loss"),
  };
}
