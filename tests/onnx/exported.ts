import { type Batch, type OnnxDtype, OnnxModel } from "../../mod.ts";
import { bytesOf, modelFolder } from "../models/model_folder.ts";
import { run, TYPES, type Value } from "./interpreter.ts";

/** A model of a golden file. */
export interface Fixture {
  readonly config: Record<string, unknown>;
  readonly weights: string;
}

/** Exports the model of a golden file to ONNX. */
export async function exported(
  fixture: Fixture,
  dtype: OnnxDtype = "fp32",
): Promise<Uint8Array<ArrayBuffer>> {
  await using folder = await modelFolder(bytesOf(fixture), fixture.config);
  using model = await OnnxModel.fromPretrained(folder.path);
  return await Deno.readFile(
    await model.savePretrained(folder.path, { dtype }),
  );
}

/** Inputs of an ONNX file for a batch. */
export function inputsOf(batch: Batch): Record<string, Value> {
  const integers = ({ data, shape: dims }: Batch["inputIds"]) => ({
    type: TYPES.int64,
    dims,
    data: [...data],
  });
  return {
    "input_ids": integers(batch.inputIds),
    "attention_mask": integers(batch.attentionMask),
    "token_type_ids": integers(batch.tokenTypeIds),
  };
}

/** Logits that an ONNX file computes for a batch. */
export async function logitsOf(
  file: Uint8Array,
  batch: Batch,
): Promise<readonly number[]> {
  return (await run(file, inputsOf(batch))).logits!.data;
}
