import { Dataset, DatasetDict } from "../../../mod.ts";
import { prepareRows, type TaskData } from "../../../scripts/classify/data.ts";
import type { Label, Labels } from "../../../scripts/classify/labels.ts";
import { customTask, type Task } from "../../../scripts/classify/tasks.ts";
import { printed } from "../../helpers/printed.ts";

/** Rows of a task: these labels in each split, with texts that name them. */
export function taskData(
  label: readonly unknown[],
  task: Task = customTask(["text"], "label"),
  model: readonly string[] = ["LABEL_0"],
): TaskData {
  using _output = printed();
  const split = () =>
    new Dataset({
      ...Object.fromEntries(
        task.textColumns.map((name) => [
          name,
          label.map((value, i) => `${JSON.stringify(value)} ${i} ${name}`),
        ]),
      ),
      label,
    }, { source: "m.csv" });
  const splits = ["train", ...task.validation, ...task.isTested ? ["test"] : []]
    .map((name) => [name, split()]);
  return prepareRows(new DatasetDict(Object.fromEntries(splits)), task, model);
}

/** Labels of three classes. */
export const CLASSES: Labels = taskData(["a", "b", "c"]).labels;
/** Labels of two classes. */
export const BINARY: Labels = taskData(["a", "b"]).labels;
/** Two labels, several for each row. */
export const SETS: Labels =
  taskData([["a"], ["b"]], customTask(["text"], "label", "sets")).labels;
/** Numbers. */
export const NUMBERS: Labels = taskData([0.5, 2]).labels;

/** Logits of which the predictions of classes are these. */
export function logitsOf(
  predicted: readonly Label[],
  numLabels: number,
): Float32Array {
  return Float32Array.from(
    predicted.flatMap((label) =>
      typeof label === "number"
        ? Array.from({ length: numLabels }, (_, i) => i === label ? 2 : 0)
        : label.map((flag) => flag === 1 ? 2 : -2)
    ),
  );
}
