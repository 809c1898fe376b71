import { assertThrows } from "@std/assert";
import type { TensorFile } from "../../../lib/checkpoint/tensor_file.ts";
import { checkTensors } from "../../../lib/training/state/part.ts";

/** A file with tensors of one element size, and no values. */
function fileOf(shapes: Record<string, [dtype: "F32" | "F64", number[]]>) {
  const tensors = Object.entries(shapes).map(([name, [dtype, shape]]) =>
    [name, { dtype, shape, offset: 0, byteLength: 0 }] as const
  );
  return {
    path: "a/model.safetensors",
    tensors: new Map(tensors),
  } as unknown as TensorFile;
}

Deno.test("checkTensors() accepts the same names and shapes, and any tensor without a shape", () => {
  const file = fileOf({ a: ["F32", [2, 3]], b: ["F64", [7]], c: ["F32", []] });
  const shapes = [["c", []], ["b", undefined], ["a", [2, 3]]] as const;
  checkTensors(
    file,
    "model",
    new Map<string, readonly number[] | undefined>(shapes),
  );
  checkTensors(undefined, "model", new Map());
});

Deno.test("checkTensors() refuses other tensors", () => {
  const file = fileOf({ a: ["F32", [2, 3]], b: ["F64", [7]] });
  const where = "Cannot load the state of model from a/model.safetensors:";
  const remedy = "make the objects as they were when it was saved";
  const cases: [
    [string, number[] | undefined][],
    ErrorConstructor,
    message: string,
  ][] = [
    [
      [["a", [2, 3]]],
      RangeError,
      `${where} it has "b", which is not expected; ${remedy}`,
    ],
    [
      [["a", [2, 3]], ["b", undefined], ["c", undefined]],
      RangeError,
      `${where} it has no "c"; ${remedy}`,
    ],
    [
      [["a", [3, 2]], ["b", undefined]],
      RangeError,
      `${where} "a" is [2,3], not [3,2]; ${remedy}`,
    ],
    [
      [["a", [2, 3]], ["b", [7]]],
      TypeError,
      `${where} "b" is F64, not F32; save it as F32`,
    ],
  ];
  for (const [shapes, ErrorClass, message] of cases) {
    assertThrows(
      () => checkTensors(file, "model", new Map(shapes)),
      ErrorClass,
      message,
    );
  }
  assertThrows(
    () => checkTensors(undefined, "model", new Map([["a", [1]]])),
    SyntaxError,
    "Cannot load the state of model: there is no file model.safetensors; the folder is incomplete, use another checkpoint",
  );
});
