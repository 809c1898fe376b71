/**
 * Sentence pairs as the task of GLUE that they are, for the report and the model card
 * that every task has.
 *
 * @module
 */
import { Dataset, DatasetDict } from "../../mod.ts";
import type { TaskData } from "../classify/data.ts";
import { TASKS } from "../classify/tasks.ts";
import { ROW, withRowNumbers } from "../train/divide.ts";
import type { ClassHead } from "../train/head.ts";

/**
 * Makes a task of pairs.
 *
 * @param raw The splits, with labels 0 and 1 of the data.
 * @param head The labels of the model.
 * @returns The pairs that are trained and evaluated on, with the labels of the model.
 */
export function pairTask(raw: DatasetDict, head: ClassHead): TaskData {
  const names = head.numbers.map((_, i) => head.id2label?.[i] ?? `LABEL_${i}`);
  const numbersOf = (split: Dataset) =>
    (split.column("label") as number[]).map((label) => head.numbers[label]!);
  const splits = (["train", "validation"] as const).map((name) => {
    const split = withRowNumbers(raw.split(name));
    const columns = ["sentence1", "sentence2", ROW]
      .map((name) => [name, split.column(name)] as const);
    const labels = numbersOf(split);
    return [name, new Dataset({ ...Object.fromEntries(columns), labels })];
  });
  return {
    rows: new DatasetDict(Object.fromEntries(splits)),
    labels: {
      names,
      namesOfData: head.numbers.map((number) => names[number]!),
      head,
      metric: "mrpc",
      toData: (prediction) => head.numbers.indexOf(prediction),
      numbersOf,
    },
    task: TASKS.mrpc,
  };
}
