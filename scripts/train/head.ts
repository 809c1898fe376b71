/**
 * The labels of a model that is to be trained: those of the checkpoint where the
 * data has the same, else those of the data with a new head.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { AutoConfig, type DatasetDict, type ProblemType } from "../../mod.ts";
import {
  listNames,
  matchNames,
  namesInFiles,
  realNames,
} from "./class_names.ts";
import { embeddedModel } from "./embedded.ts";
import type { Options } from "./options.ts";

/** Labels of a model's head. */
export interface Head {
  /** Number of labels. */
  readonly numLabels: number;
  /** Label names by number. */
  readonly id2label?: Readonly<Record<number, string>>;
  /** Loss. */
  readonly problemType: ProblemType;
  /** Whether it starts from new weights, though the checkpoint may have a head. */
  readonly newHead: boolean;
}

/** Labels of a classification head. */
export interface ClassHead extends Head {
  /** The model's number of each class of the data. */
  readonly numbers: readonly number[];
}

/** Classes of the data. */
export interface Classes {
  /** Number of classes. */
  readonly count: number;
  /** Names by number; undefined if the data has none. */
  readonly names: readonly string[] | undefined;
}

/**
 * Reads the label names of a checkpoint.
 *
 * @param options Settings of the run.
 * @returns Names by number; LABEL_0, LABEL_1 if it has none.
 */
export async function labelsOfModel(
  { model = embeddedModel }: Options,
): Promise<readonly string[]> {
  return Object.values((await AutoConfig.fromPretrained(model)).id2label);
}

/**
 * Chooses the labels of a classifier, and prints how they relate to those of the
 * checkpoint. Names that are the same set are matched, and the head is kept; so
 * it is where one side has no names, and the number of labels is the same. Else
 * the head is new.
 *
 * @param data Classes of the data.
 * @param model Label names of the checkpoint.
 * @returns The labels.
 */
export function classHead(
  { count, names }: Classes,
  model: readonly string[],
): ClassHead {
  const head = {
    numLabels: count,
    problemType: "single_label_classification",
    newHead: false,
    numbers: Array.from({ length: count }, (_, i) => i),
  } as const;
  const numbers = names && matchNames(names, model);
  if (numbers) {
    if (numbers.some((number, i) => number !== i)) {
      console.log(
        `Labels are numbered as in the model: ${listNames(model)}`,
      );
    }
    return { ...head, id2label: { ...model }, numbers };
  }
  const [ofData, ofModel] = [realNames(names), realNames(model)];
  if (count === model.length && !(ofData && ofModel)) {
    if (ofModel) {
      console.log(
        `Labels ${
          listNames(head.numbers)
        }, which have no names, are those of the model: ${listNames(ofModel)}`,
      );
    }
    return { ...head, id2label: { ...ofData ?? model } };
  }
  if (ofModel) {
    console.log(
      `The labels of the model are ${
        listNames(ofModel)
      }, and those of the data ${
        listNames(ofData ?? head.numbers)
      }: its head starts from new weights`,
    );
  }
  return {
    ...head,
    newHead: true,
    ...ofData && { id2label: { ...ofData } },
  };
}

/**
 * Chooses the head of a model that predicts numbers.
 *
 * @param model Label names of the checkpoint.
 * @returns The labels: one.
 */
export function regressionHead(model: readonly string[]): Head {
  const newHead = model.length !== 1;
  if (newHead && realNames(model)) {
    console.log(
      `The labels of the model are ${
        listNames(model)
      }, and those of the data are numbers: its head starts from new weights`,
    );
  }
  return { numLabels: 1, problemType: "regression", newHead };
}

/**
 * Chooses the labels of a model for pairs, 0 and 1.
 *
 * @param raw The splits, with a column `label`.
 * @param options Settings of the run.
 * @returns The labels.
 * @throws {RangeError} If the files have other names than two, or differ.
 */
export async function pairHead(
  raw: DatasetDict,
  options: Options,
): Promise<ClassHead> {
  const names = namesInFiles([raw.train, raw.validation], "label");
  if (realNames(names) && names!.length !== 2) {
    throw new RangeError(
      `${raw.train.source} has the labels ${
        listNames(names!)
      }, and this script trains on two: use deno task classify --data … --text-columns sentence1,sentence2`,
    );
  }
  return classHead(
    { count: 2, names: names?.length === 2 ? names : undefined },
    await labelsOfModel(options),
  );
}
