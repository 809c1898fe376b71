import { assertEquals, assertStrictEquals } from "@std/assert";
import { OutOfMemoryError } from "../../../mod.ts";
import {
  adviseOnMemory,
  type BatchSettings,
} from "../../../scripts/cli/out_of_memory.ts";

Deno.test("adviseOnMemory() names the flags for the same steps", () => {
  const message = (
    batchSize: number,
    gradientAccumulationSteps: number,
    others: BatchSettings = {},
  ) =>
    (adviseOnMemory(new OutOfMemoryError("no room"), {
      batchSize,
      gradientAccumulationSteps,
      ...others,
    }) as Error).message;
  assertEquals(
    message(32, 1),
    "Cannot train with --batch-size 32: --batch-size 16 --gradient-accumulation-steps 2 gives the same steps, and --auto-batch-size finds such a size; --gradient-checkpointing takes less memory (no room)",
  );
  assertEquals(
    message(9, 2, { autoBatchSize: true, gradientCheckpointing: true }),
    "Cannot train with --batch-size 9: --batch-size 3 --gradient-accumulation-steps 6 gives the same steps (no room)",
  );
  assertEquals(
    message(1, 8),
    "Cannot train with --batch-size 1: --max-length with a smaller number shortens the rows; --gradient-checkpointing takes less memory (no room)",
  );
});

Deno.test("adviseOnMemory() keeps other errors, and those of other scripts", () => {
  const error = new RangeError("--batch-size");
  const options = { batchSize: 8, gradientAccumulationSteps: 1 };
  assertStrictEquals(adviseOnMemory(error, options), error);
  const memory = new OutOfMemoryError("no room");
  assertStrictEquals(adviseOnMemory(memory, { batchSize: 8 }), memory);
  assertStrictEquals(adviseOnMemory(memory, undefined), memory);
  const advised = adviseOnMemory(memory, options);
  assertStrictEquals(adviseOnMemory(advised, options), advised);
});
