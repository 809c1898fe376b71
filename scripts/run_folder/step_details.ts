/**
 * Details of a step whose loss is unusual, for messages.
 *
 * @module
 */

/** Details of a step. */
export interface StepDetails {
  /** Its rows: indices in the training rows. */
  readonly rows: readonly number[];
  /** Norm of its gradients before clipping, if it is known. */
  readonly gradNorm: number | undefined;
}

/**
 * Describes a step.
 *
 * @param details Its rows and gradient norm.
 * @returns `its rows, from 0, are 3, 1, and its gradient norm is 2.5`.
 */
export function describeStep({ rows, gradNorm }: StepDetails): string {
  const rowsText = `its rows, from 0, are ${rows.join(", ")}`;
  return gradNorm === undefined
    ? rowsText
    : `${rowsText}, and its gradient norm is ${
      Number(gradNorm.toPrecision(4))
    }`;
}

/**
 * Makes the error of a loss that is not finite.
 *
 * @param subject The number that is not finite, as in `loss of step 2 is NaN`.
 * @param details Details of the step; undefined if they are not known.
 * @param origin The first tensor that is not finite, and where it was saved; undefined if
 * it was not searched.
 * @returns The error, with the remedy.
 */
export function notFiniteError(
  subject: string,
  details: StepDetails | undefined,
  origin?: string,
): Error {
  const states = [details && describeStep(details), origin]
    .filter((text) => text !== undefined);
  const remedies = [
    "use a lower --learning-rate",
    "or --max-grad-norm 1",
    ...origin === undefined
      ? ["or --debug-nan to find the first tensor that is not finite"]
      : [],
  ];
  return new Error(
    `The ${subject}: ${[...states, remedies.join(", ")].join("; ")}`,
  );
}
