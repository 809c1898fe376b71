/**
 * Serves a fine-tuned model to programs on this machine, and a page to try it.
 *
 *     deno task serve --model runs/…/model --port 8000
 *     curl http://127.0.0.1:8000/predict -H "Content-Type: application/json" \
 *       -d '{"texts": ["It rains.", "Rain is falling."]}'
 *
 * `--allow-read`: the model. `--allow-net=127.0.0.1`: answers programs on this machine,
 * and nothing leaves it. No write, env, ffi or run. `--unstable-no-legacy-abort`: the
 * signal of a request tells that its client left, and not that it was answered.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { requestDevice, TextClassifier } from "../mod.ts";
import {
  BATCH_SIZE,
  describeFlags,
  type FlagTable,
  MAX_LENGTH,
  MODEL,
} from "./cli/flag_help.ts";
import { parseModelFlags } from "./cli/model_flags.ts";
import { type Run, runMain } from "./cli/run_main.ts";
import { compileKernels } from "./inference/classifier.ts";
import { LIMITS } from "./serving/limits.ts";
import { listen } from "./serving/listen.ts";
import { PredictService } from "./serving/predict_service.ts";

/** The settings of a run. */
interface Options {
  readonly model: string;
  readonly host: string;
  readonly port: number;
  readonly batchSize: number;
  readonly maxLength?: number;
}

const DEFAULTS = { host: "127.0.0.1", port: 8000, batchSize: 32 };

const FLAGS: FlagTable = {
  model: MODEL,
  host: { value: "NAME", help: "address to listen on" },
  port: {
    value: "N",
    min: 0,
    max: 65535,
    help: "port to listen on; 0 for a free one",
  },
  batchSize: { ...BATCH_SIZE, help: "texts of a batch" },
  maxLength: MAX_LENGTH,
};

function help(): string {
  return [
    "Serves a fine-tuned model to programs on this machine.",
    "",
    "./denow task serve --model DIR [flags]",
    "",
    ...describeFlags(FLAGS, DEFAULTS),
    "",
    "GET /          a page to try the model",
    'POST /predict  JSON: {"text": "…"}, {"text": "…", "textPair": "…"} or',
    '               {"texts": [one or the other, …]}, each with "topK": 2 or null',
    "               for more labels; answers [{label, score}], or a list of these",
    "               for each text where topK is not 1",
    "GET /health    labels, texts that wait, texts that were truncated",
    "",
    `A body has at most ${
      LIMITS.bodyBytes / 2 ** 20
    } MiB, ${LIMITS.textsPerRequest} texts and ${LIMITS.textCharacters} characters in each (413), and`,
    `comes within ${
      LIMITS.bodyMs / 1000
    } s (408); ${LIMITS.waitingTexts} texts and ${LIMITS.openRequests} requests may wait (429).`,
    "Ctrl-C ends the server after the answers to the requests that it has.",
  ].join("\n");
}

function parse(args: readonly string[]): Options | "help" {
  return parseModelFlags<Options>(args, FLAGS, DEFAULTS);
}

async function serve(
  { model, host, port, batchSize, maxLength }: Options,
  { begin, signal }: Run,
): Promise<void> {
  using device = await requestDevice({ tuning: "none" });
  using classifier = await TextClassifier.fromPretrained(model, {
    device,
    ...maxLength !== undefined && { maxLength },
  });
  await compileKernels(classifier);
  const service = new PredictService({
    classifier,
    model,
    batchSize,
    isLocal: host === DEFAULTS.host,
    limits: LIMITS,
  });
  console.error(`Running on ${device.description}`);
  await listen({
    host,
    port,
    signal,
    failed: service.failed,
    shutdownMs: LIMITS.shutdownMs,
    handle: (request) => service.handle(request),
    onListen: (url) => {
      begin();
      console.log(`Serving ${model} at ${url}, until Ctrl-C`);
    },
  });
}

if (import.meta.main) await runMain({ parse, help }, serve);
