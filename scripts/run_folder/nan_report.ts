/**
 * `nan/` in the folder of a run: the origin of the first number that is not finite.
 *
 * @module
 */
import {
  type Batch,
  HostTensor,
  type NonFinite,
  type NonFiniteTensor,
  removeFolder,
  writeFile,
  writeFolder,
} from "../../mod.ts";
import type { RunFolder } from "./run_folder.ts";
import { notFiniteError } from "./step_details.ts";
import type { MicroBatchLoss } from "./training_log.ts";

/** Place in a run. */
export interface NonFinitePlace {
  /** Number of the step, from 1. */
  readonly step: number;
  /** Number of the epoch, from 0. */
  readonly epoch: number;
  /** The micro-batches of the step, up to the last one. */
  readonly microBatches: readonly MicroBatchLoss[];
  /** The last micro-batch. */
  readonly batch: Batch;
}

/**
 * Saves `nan/report.json` and `nan/batch.json`, in place of those of an earlier
 * attempt.
 *
 * @param folder The folder of the run.
 * @param found The tensors that are not finite.
 * @param place The step, and its batches.
 * @returns The error that ends the run.
 */
export async function reportNonFinite(
  folder: Pick<RunFolder, "path" | "attempt">,
  { loss, ...found }: NonFinite,
  { step, epoch, microBatches, batch }: NonFinitePlace,
): Promise<Error> {
  const path = `${folder.path}/nan`;
  const report = {
    step,
    epoch,
    rows: microBatches.map(({ rows }) => rows),
    losses: microBatches.map(({ loss }) => loss),
    ...found,
  };
  const tensors = Object.entries(batch)
    .map(([name, part]) => {
      return [name, part instanceof HostTensor ? nested(part) : part];
    });
  const save = async () => {
    await removeFolder(path);
    await writeFolder(path, async (partial) => {
      await writeFile(partial, "report.json", jsonText(report, 2));
      await writeFile(
        partial,
        "batch.json",
        jsonText(Object.fromEntries(tensors)),
      );
    });
  };
  // The process that found it has the batch, whichever it is.
  const isSaved = await folder.attempt("nan/", save, true);
  const { tensor, gradient, gradNorm } = found;
  const origin = tensor
    ? `its first tensor that is not finite is ${describe(tensor)}`
    : `its first gradient that is not finite is that of ${describe(gradient!)}`;
  return notFiniteError(
    Number.isFinite(loss)
      ? `gradient of step ${step} is not finite`
      : `loss of step ${step} is ${loss}`,
    { rows: report.rows.flat(), gradNorm },
    isSaved ? `${origin}, see ${path}/report.json` : origin,
  );
}

/** `the output of linear, which read a.weight, a.bias`, or the name of a parameter. */
function describe({ op, parameters, shape }: NonFiniteTensor): string {
  const names = parameters.join(", ");
  const sizes = `[${shape.join(", ")}]`;
  if (op === undefined) return `${names || "a tensor"} ${sizes}`;
  return `the output of ${op} ${sizes}${names && `, which read ${names}`}`;
}

/** The elements of a tensor as nested arrays. */
function nested({ data, shape }: HostTensor): unknown {
  let values: unknown[] = Array.from(data);
  for (const size of shape.slice(1).reverse()) {
    values = Array.from(
      { length: values.length / size },
      (_, i) => values.slice(i * size, (i + 1) * size),
    );
  }
  return values;
}

/** JSON, with the names of numbers that it cannot hold. */
function jsonText(value: object, space?: number): string {
  const replace = (_: string, value: unknown) =>
    typeof value === "number" && !Number.isFinite(value) ? `${value}` : value;
  return `${JSON.stringify(value, replace, space)}\n`;
}
