import { ARROW } from "./arrow.ts";
import { BROWSER } from "./browser.ts";
import { METRICS } from "./metrics.ts";
import { NN } from "./nn.ts";
import { PARQUET } from "./parquet.ts";
import { TRAINING } from "./training.ts";
import { WEB } from "./web.ts";
import { CLASSIFY } from "./classify.ts";
import { CHECKPOINT } from "./checkpoint.ts";
import { CHECKPOINTING } from "./checkpointing.ts";
import { DATA } from "./data.ts";
import { DISTRIBUTED } from "./distributed.ts";
import { ENCODERS } from "./encoders.ts";
import { ENGINE } from "./engine.ts";
import { LIB_FILES } from "./files.ts";
import { FUSED_KERNELS } from "./fused.ts";
import { GEMM } from "./gemm.ts";
import { HALF } from "./half.ts";
import { INFERENCE } from "./inference.ts";
import { KERNELS } from "./kernels.ts";
import { LORA } from "./lora.ts";
import { MEMORY } from "./memory.ts";
import { MODELS } from "./models.ts";
import { MODERNBERT } from "./modernbert.ts";
import type { FileMutations, Mutation } from "./mutation.ts";
import { ONNX } from "./onnx.ts";
import { OPS } from "./ops.ts";
import { OPTIM } from "./optim.ts";
import { REPORT } from "./report.ts";
import { RUN_FOLDER } from "./run_folder.ts";
import { RUNS } from "./runs.ts";
import { RELATIVE_ATTENTION } from "./relative_attention.ts";
import { RESUME } from "./resume.ts";
import { SCRIPTS } from "./scripts.ts";
import { SHARING } from "./sharing.ts";
import { SWEEP } from "./sweep.ts";
import { TOKENIZER } from "./tokenizer.ts";

const FILES: readonly FileMutations[] = [
  ...KERNELS,
  ...FUSED_KERNELS,
  ...GEMM,
  ...OPS,
  ...DISTRIBUTED,
  ...ENGINE,
  ...CHECKPOINTING,
  ...HALF,
  ...BROWSER,
  ...MEMORY,
  ...MODELS,
  ...ENCODERS,
  ...MODERNBERT,
  ...RELATIVE_ATTENTION,
  ...TRAINING,
  ...WEB,
  ...NN,
  ...LORA,
  ...OPTIM,
  ...DATA,
  ...PARQUET,
  ...METRICS,
  ...ARROW,
  ...TOKENIZER,
  ...CHECKPOINT,
  ...LIB_FILES,
  ...ONNX,
  ...INFERENCE,
  ...SCRIPTS,
  ...CLASSIFY,
  ...SHARING,
  ...RESUME,
  ...REPORT,
  ...RUN_FOLDER,
  ...RUNS,
  ...SWEEP,
];

/** Every mutation, from the kernels up to the scripts. */
export const MUTATIONS: readonly Mutation[] = FILES.flatMap(
  ({ file, tests, changes }) =>
    changes.map(([from, to]) => ({ file, from, to, tests })),
);
