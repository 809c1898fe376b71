/**
 * Predictions of rows without labels, in the format of GLUE.
 *
 * @module
 */
import type { Label, Labels } from "./labels.ts";
import type { Task } from "./tasks.ts";

/**
 * Formats predictions for a submission to GLUE: a table of row and prediction,
 * class names or numbers as the task requires, regression with three decimals.
 *
 * @param predictions One number per row.
 * @param task The task.
 * @param labels The labels.
 * @returns The text of the file.
 */
export function submission(
  predictions: readonly Label[],
  { submitted }: Task,
  { names, namesOfData, toData }: Labels,
): string {
  const format = (prediction: Label): string => {
    if (typeof prediction !== "number") {
      return names!.filter((_, i) => prediction[i] === 1).join(",");
    }
    if (!namesOfData) return prediction.toFixed(3);
    const number = toData(prediction);
    return submitted === "names" ? namesOfData[number]! : `${number}`;
  };
  const rows = predictions.map((prediction, i) =>
    `${i}\t${format(prediction)}`
  );
  return ["index\tprediction", ...rows].map((line) => `${line}\n`).join("");
}
