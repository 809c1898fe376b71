import {
  BertConfig,
  BertForSequenceClassification,
  requestDevice,
} from "../../mod.ts";
import project from "../../deno.json" with { type: "json" };
import wordPiece from "../fixtures/word_piece.json" with { type: "json" };
import { ROOT } from "../helpers/permissions.ts";
import { type TempFolder, tempFolder } from "../helpers/temp_folder.ts";

/** Outcome of a script. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Last line of stderr. */
  readonly error: string;
}

/** Options of a start. */
export interface StartOptions {
  /** The task; `train` by default. */
  readonly task?: keyof typeof project.tasks;
  /** Positional arguments, which may have spaces. */
  readonly texts?: readonly string[];
  /** Standard input; none by default. */
  readonly stdin?:
    | string
    | Uint8Array<ArrayBuffer>
    | ReadableStream<Uint8Array<ArrayBuffer>>;
  /** Permissions; those of the task by default. */
  readonly permissions?: readonly string[];
  /** Environment variables. */
  readonly env?: Record<string, string>;
}

/** A line of `metrics.jsonl`. */
export interface Event {
  readonly event: string;
  readonly epoch: number;
  readonly loss: number;
  readonly step?: number;
  readonly split?: string;
  readonly learningRate?: number;
  readonly gradNorm?: number;
  readonly trainSeconds?: number;
  readonly accuracy?: number;
  readonly f1?: number;
}

/** Flags for the model and the data of the fixture. */
export const GIVEN = "--model model --data data";

/** A working folder for scripts, with a tiny model in `model/` and a few rows in `data/`. */
export interface TrainFixture extends TempFolder {
  /** Starts a script with these flags, as its task does. */
  start(flags: string, options?: StartOptions): Deno.ChildProcess;
  /** Runs a script to its end. */
  run(flags: string, options?: StartOptions): Promise<Ended>;
  /** Sorted names in a subfolder. */
  list(path: string): Promise<string[]>;
  /** The text of a file. */
  text(path: string): Promise<string>;
  /** Writes a file, and makes its parent folders. */
  write(path: string, content: string | Uint8Array): Promise<void>;
  /** Writes a model folder with random weights. */
  saveModel(path: string, numLabels: number): Promise<void>;
  /** The lines of `metrics.jsonl` of a run. */
  events(run: string): Promise<Event[]>;
}

const WORDS = ["the", "ferry", "leaves", "island", "at", "seven", "rain", "."];

/** Rows with GLUE's columns and texts of at least `words` words, as tab-separated text. */
export function tsv(labels: readonly number[], words = 2): string {
  const sentence = (first: number, length: number) =>
    Array.from({ length }, (_, i) => WORDS[(first + i * i) % WORDS.length])
      .join(" ");
  const rows = labels.map((label, i) => [
    i,
    label,
    sentence(i + words, words + i % 5),
    sentence(2 * i, words + i % 3),
  ]);
  return [["idx", "label", "sentence1", "sentence2"], ...rows]
    .map((row) => row.join("\t") + "\n").join("");
}

/** Labels of nine training rows: two windows of 6 and 3 rows, or batches with a short last one. */
export const TRAIN_LABELS = [1, 0, 1, 1, 0, 1, 0, 1, 1];
/** Labels of five evaluation rows. */
const VALIDATION_LABELS = [1, 0, 1, 1, 0];

/** Sizes of a minimal BERT. */
const SIZES = {
  vocabSize: 85,
  hiddenSize: 16,
  numHiddenLayers: 1,
  numAttentionHeads: 2,
  intermediateSize: 32,
  maxPositionEmbeddings: 32,
};

/** Bias of the classifier, which makes the initial model predict 1 everywhere. */
const BIAS = Float32Array.of(0, 1);

const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** Permissions and script of a task. */
export function commandOf(task: keyof typeof project.tasks) {
  // deno run PERMISSIONS SCRIPT
  const [, , ...permissions] = project.tasks[task].command.split(" ");
  const script = new URL(permissions.pop()!, ROOT).href;
  return { permissions, script };
}

/** Removes the lines that a busy machine adds to stderr. */
export function withoutCompileTime(stderr: string): string {
  return stderr.replaceAll(/^Compiled \d+ kernels? in [\d.]+ s\n/gm, "");
}

/** Makes a fixture; needs the permissions read, write and run. */
export async function trainFixture(): Promise<TrainFixture> {
  const folder = await tempFolder();
  const at = (path: string) => `${folder.path}/${path}`;
  const fixture: TrainFixture = {
    ...folder,
    start: (flags, options = {}) => {
      const { task = "train", texts = [], stdin, env = {} } = options;
      const { permissions, script } = commandOf(task);
      const child = new Deno.Command("deno", {
        args: [
          "run",
          "--no-prompt",
          ...options.permissions ?? permissions,
          script,
          ...flags.split(" ").filter((flag) => flag !== ""),
          ...texts,
        ],
        cwd: folder.url,
        env,
        stdin: stdin === undefined ? "null" : "piped",
        stdout: "piped",
        stderr: "piped",
      }).spawn();
      if (stdin !== undefined) {
        // The script may end before it has read everything.
        const stream = stdin instanceof ReadableStream
          ? stdin
          : new Blob([stdin]).stream();
        stream.pipeTo(child.stdin).catch(() => {});
      }
      return child;
    },
    run: async (flags, options) => {
      const output = await fixture.start(flags, options).output();
      const stdout = decode(output.stdout);
      const stderr = withoutCompileTime(decode(output.stderr));
      const error = stderr.trimEnd().split("\n").at(-1)!;
      return { code: output.code, stdout, stderr, error };
    },
    list: async (path) =>
      (await Array.fromAsync(Deno.readDir(at(path)), ({ name }) => name))
        .sort(),
    text: (path) => Deno.readTextFile(at(path)),
    write: async (path, content) => {
      await Deno.mkdir(at(path).replace(/[^/]*$/, ""), { recursive: true });
      const bytes = typeof content === "string"
        ? new TextEncoder().encode(content)
        : content;
      await Deno.writeFile(at(path), bytes);
    },
    saveModel: async (path, numLabels) => {
      using device = await requestDevice();
      const config = new BertConfig({ ...SIZES, numLabels });
      const model = BertForSequenceClassification.fromConfig(config, {
        device,
      });
      if (numLabels === BIAS.length) {
        model.stateDict()["classifier.bias"]!.load(BIAS);
      }
      await model.savePretrained(at(path));
      await fixture.write(
        `${path}/tokenizer.json`,
        JSON.stringify(wordPiece.tokenizer),
      );
    },
    events: async (run) =>
      (await fixture.text(`runs/${run}/metrics.jsonl`)).trimEnd().split("\n")
        .map((line) => JSON.parse(line)),
  };
  await fixture.write("data/train.tsv", tsv(TRAIN_LABELS));
  await fixture.write("data/validation.tsv", tsv(VALIDATION_LABELS, 3));
  await fixture.saveModel("model", 2);
  return fixture;
}

/** Runs the predict task on the fixture's model. */
export function predict(
  fixture: TrainFixture,
  flags: string,
  options: StartOptions = {},
): Promise<Ended> {
  return fixture.run(flags, { task: "predict", ...options });
}
