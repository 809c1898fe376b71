import * as architectures from "../../lib/models/architectures.ts";
import {
  ForSequenceClassification,
  loadSafetensors,
  type SafetensorsInput,
  saveSafetensors,
} from "../../mod.ts";
import tiny from "../fixtures/tiny_bert.json" with { type: "json" };
import { type TempFolder, tempFolder } from "../helpers/temp_folder.ts";

/** The model types of all classifiers, as errors list them. */
export const MODEL_TYPES: string = Object.values<unknown>(architectures)
  .filter((value): value is typeof ForSequenceClassification =>
    typeof value === "function" &&
    value.prototype instanceof ForSequenceClassification
  )
  .map(({ configClass }) => `"${configClass.spec.modelType}"`).join(", ");

/** Tensors of a checkpoint by name. */
export type Tensors = Record<string, SafetensorsInput>;

/** The tiny checkpoint's tensors, each under another name, or left out. */
export function renamed(rename: (name: string) => string | undefined): Tensors {
  const tensors: Tensors = {};
  for (const [name, tensor] of loadSafetensors(bytesOf(tiny))) {
    const other = rename(name);
    if (other !== undefined) tensors[other] = tensor;
  }
  return tensors;
}

/** The bytes of a golden file's checkpoint. */
export function bytesOf(
  { weights }: { weights: string },
): Uint8Array<ArrayBuffer> {
  return Uint8Array.fromBase64(weights);
}

/** A model folder: the tiny config, and these tensors or bytes. */
export async function modelFolder(
  weights: Tensors | Uint8Array<ArrayBuffer>,
  config: Record<string, unknown> = tiny.config,
): Promise<TempFolder> {
  const folder = await tempFolder();
  const write = (name: string, bytes: Uint8Array) =>
    Deno.writeFile(`${folder.path}/${name}`, bytes);
  await write(
    "config.json",
    new TextEncoder().encode(JSON.stringify(config)),
  );
  await write(
    "model.safetensors",
    weights instanceof Uint8Array ? weights : saveSafetensors(weights),
  );
  return folder;
}
