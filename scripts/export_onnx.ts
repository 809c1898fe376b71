/**
 * Exports a fine-tuned model as ONNX, next to its other files, so that one folder
 * serves transformers and transformers.js.
 *
 *     deno task export --model runs/…/model
 *
 * `--allow-read`: the model that the flag names. `--allow-write=runs`: the ONNX
 * files. No net, env, ffi or run, and no GPU.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import {
  AutoConfig,
  type OnnxDtype,
  OnnxModel,
  Tokenizer,
  writeFile,
} from "../mod.ts";
import { describeFlags, type FlagTable, MODEL } from "./cli/flag_help.ts";
import { parseModelFlags } from "./cli/model_flags.ts";
import { type Run, runMain } from "./cli/run_main.ts";
import { checkWritePermission } from "./cli/write_permission.ts";
import { withOnnxFiles } from "./model_card/model_card.ts";
import { exists } from "./run_folder/paths.ts";

/** The settings of a run. */
interface Options {
  readonly model: string;
  readonly dtype: string;
  readonly outputDir?: string;
}

const DTYPES: readonly string[] = ["fp32", "fp16", "q8"] satisfies OnnxDtype[];

const DEFAULTS = { dtype: "fp32" };

const FLAGS: FlagTable = {
  model: MODEL,
  dtype: {
    value: "NAME",
    help: `number format: ${DTYPES.join(", ")}, or several separated by commas`,
  },
  outputDir: {
    value: "DIR",
    help: "a new folder for the ONNX files, tokenizer and config.json",
    defaultText: "the folder of the model",
  },
};

function help(): string {
  return [
    "Exports a fine-tuned model as ONNX, for transformers.js and onnxruntime.",
    "",
    "./denow task export --model DIR [flags]",
    "",
    ...describeFlags(FLAGS, DEFAULTS),
    "",
    "fp32 has the weights as trained; fp16 has half the size and is for WebGPU; q8",
    "has a quarter and is for CPUs. check-onnx shows the accuracy of each.",
  ].join("\n");
}

function parse(args: readonly string[]): Options | "help" {
  return parseModelFlags<Options>(args, FLAGS, DEFAULTS);
}

function readDtypes(text: string): OnnxDtype[] {
  const names = [...new Set(text.split(","))];
  const unknown = names.find((name) => !DTYPES.includes(name));
  if (unknown === undefined) return names as OnnxDtype[];
  throw new RangeError(
    `--dtype must be one of ${
      DTYPES.join(", ")
    }, or several separated by commas, not "${unknown}"`,
  );
}

/** Checks that the files can be written, without writing any. */
function checkFolder({ model, outputDir }: Options): void {
  const folder = outputDir ?? model;
  const flag = outputDir === undefined ? "--model" : "--output-dir";
  checkWritePermission({
    ...{ flag, path: folder, task: "export", script: "export_onnx" },
    remedy: "give --output-dir a folder below runs",
  });
  if (outputDir !== undefined && exists(outputDir)) {
    throw new Error(
      `--output-dir ${outputDir} already exists: name another folder or remove it`,
    );
  }
}

async function exportOnnx(
  options: Options,
  { begin, signal }: Run,
): Promise<void> {
  const { model: path, outputDir } = options;
  const dtypes = readDtypes(options.dtype);
  using model = await OnnxModel.fromPretrained(path);
  const tokenizer = await Tokenizer.fromPretrained(path);
  const config = await Deno.readTextFile(`${path}/config.json`);
  checkFolder(options);

  begin();
  for (const dtype of dtypes) {
    const start = performance.now();
    const folder = outputDir ?? path;
    const file = await model.savePretrained(folder, { dtype, signal });
    const megabytes = ((await Deno.stat(file)).size / 1e6).toFixed(1);
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    console.log(`${file}: ${dtype}, ${megabytes} MB, in ${seconds} s`);
  }
  if (outputDir !== undefined) {
    const { maxSeqLength } = await AutoConfig.fromPretrained(path);
    await tokenizer.savePretrained(outputDir, {
      modelMaxLength: Math.min(tokenizer.modelMaxLength, maxSeqLength),
    });
    await writeFile(outputDir, "config.json", config);
  } else await updateCard(path);
}

/** Names the ONNX files in the model card, if there is one. */
async function updateCard(folder: string): Promise<void> {
  const path = `${folder}/README.md`;
  if (!exists(path)) return;
  const names = await Array.fromAsync(Deno.readDir(`${folder}/onnx`));
  const files = names.map(({ name }) => `onnx/${name}`)
    .filter((file) => file.endsWith(".onnx")).sort();
  const before = await Deno.readTextFile(path);
  const card = withOnnxFiles(before, files);
  if (card === before) return;
  await writeFile(folder, "README.md", card);
  console.log(`${path} names the ONNX files`);
}

if (import.meta.main) await runMain({ parse, help }, exportOnnx);
