import { CHECKPOINT } from "./checkpoint.ts";
import { DATA } from "./data.ts";
import { ENGINE } from "./engine.ts";
import { FUSED_KERNELS } from "./fused.ts";
import { KERNELS } from "./kernels.ts";
import { MODELS } from "./models.ts";
import type { Mutation } from "./mutation.ts";
import { OPS } from "./ops.ts";
import { OPTIM } from "./optim.ts";
import { SCRIPTS } from "./scripts.ts";

/** Every slip, from the kernels up to the scripts. */
export const MUTATIONS: readonly Mutation[] = [
  ...KERNELS,
  ...FUSED_KERNELS,
  ...OPS,
  ...ENGINE,
  ...MODELS,
  ...OPTIM,
  ...DATA,
  ...CHECKPOINT,
  ...SCRIPTS,
];
