/**
 * Predictions for lines of standard input, each as soon as it has come.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import {
  type Batch,
  dataCollatorWithPadding,
  Dataset,
  DatasetDict,
  type Device,
} from "../../mod.ts";
import { printLine, type Run } from "../cli/run_main.ts";
import { checkFits } from "../train/data_checks.ts";
import { type Classifier, classify, describePrediction } from "./classifier.ts";
import {
  type ByteReader,
  type InputRow,
  readLines,
  RowParser,
} from "./input_lines.ts";
import { encodeTruncated } from "./texts.ts";

/** Name of the source in messages. */
const SOURCE = "standard input";

/** Options of {@linkcode predictLines}. */
export interface LineOptions {
  /** Most rows of a batch. */
  readonly batchSize: number;
  /** Tokens after which a row is truncated; undefined for the classifier's maximum. */
  readonly maxLength: number | undefined;
  /** The text columns of a header; undefined for lines without a header. */
  readonly textColumns: readonly string[] | undefined;
  /** Effect of a line that cannot be read. */
  readonly onError: "stop" | "skip";
}

/**
 * Prints a line of JSON for each line of a stream. Lines that have come together
 * are classified together; none waits for others. Memory does not grow with the
 * length of the stream.
 *
 * @param reader The stream.
 * @param device The device of the model.
 * @param load Loads the model, while the first line may come already.
 * @param options Batch size, truncation, header, errors.
 * @param run Begins with the first line; ends at its signal.
 * @throws {RangeError} If there is no line.
 * @throws {SyntaxError} If a line cannot be read, and `onError` is `stop`.
 */
export async function predictLines(
  reader: ByteReader,
  device: Device,
  load: () => Promise<Classifier>,
  options: LineOptions,
  { begin, signal }: Run,
): Promise<void> {
  const batches = readRows(reader, options);
  const first = batches.next();
  first.catch(() => {}); // thrown below
  const classifier = await load();
  await Promise.race([first, Promise.resolve()]); // throws if there is nothing to read
  const predictor = new LinePredictor(classifier, device, options.maxLength);
  await predictor.compileKernels();
  console.error(`Running on ${device.description}`);

  // Ctrl-C ends the wait for a line. A race with one promise of the signal would
  // keep something of every line.
  let stop = () => {};
  signal.addEventListener("abort", () => stop());
  for (let next = first; !signal.aborted; next = batches.next()) {
    const result = await new Promise<IteratorResult<InputRow[]> | undefined>(
      (resolve, reject) => {
        stop = () => resolve(undefined);
        next.then(resolve, reject);
      },
    );
    if (!result || result.done) break;
    begin();
    await predictor.predict(result.value);
  }
  predictor.end();
}

/** Reads the rows that came together, in batches. */
async function* readRows(
  reader: ByteReader,
  { batchSize, textColumns, onError }: LineOptions,
): AsyncGenerator<InputRow[]> {
  const parser = new RowParser(textColumns);
  let isEmpty = true;
  for await (const lines of readLines(reader)) {
    isEmpty = false;
    let rows: InputRow[] = [];
    for (const line of lines) {
      if (parser.needsHeader) {
        parser.readHeader(line);
        continue;
      }
      if (line.number === 1 && RowParser.looksLikeHeader(line)) {
        console.warn(
          `Warning: line 1 of ${SOURCE} is labelled as a text, though it reads like a header: name the columns of one with --text-columns`,
        );
      }
      const row = parser.parse(line);
      if (row.problem !== undefined && onError === "stop") {
        if (rows.length > 0) yield rows;
        throw new SyntaxError(
          `Cannot read ${SOURCE}, line ${row.line}: ${row.problem}`,
        );
      }
      rows.push(row);
      if (rows.length === batchSize) {
        yield rows;
        rows = [];
      }
    }
    if (rows.length > 0) yield rows;
  }
  if (!isEmpty) return;
  throw new RangeError(
    `Cannot read ${SOURCE}: it is empty; give it lines of one text, or of two separated by a tab`,
  );
}

/** Labels rows and prints them, and counts those that are truncated. */
class LinePredictor {
  readonly #classifier: Classifier;
  readonly #device: Device;
  readonly #maxLength: number;
  #rows = 0;
  #truncated = 0;

  constructor(
    classifier: Classifier,
    device: Device,
    maxLength = classifier.maxLength,
  ) {
    this.#classifier = classifier;
    this.#device = device;
    this.#maxLength = maxLength;
  }

  /** Compiles the kernels of small batches, which the first lines would have to wait for. */
  async compileKernels(): Promise<void> {
    for (const rows of [1, 8]) {
      await this.#classify(Array(rows).fill(["word ".repeat(2 * rows)]));
    }
  }

  /** Prints a line for each row, in order. */
  async predict(rows: readonly InputRow[]): Promise<void> {
    const toLabel = rows.filter(({ isBlank, problem }) => !isBlank && !problem);
    const logits = await this.#classify(
      toLabel.map(({ texts }) => texts.map(([, text]) => text)),
      toLabel,
    );
    for (const row of rows) {
      const ofRow = logits[toLabel.indexOf(row)];
      const prediction = describePrediction(this.#classifier, ofRow);
      const { line, texts, problem } = row;
      if (problem !== undefined) {
        console.warn(
          `Warning: line ${line} of ${SOURCE} is skipped: ${problem}`,
        );
        printLine(JSON.stringify({ line, error: problem, ...prediction }));
      } else {
        printLine(
          JSON.stringify({ ...Object.fromEntries(texts), ...prediction }),
        );
      }
    }
    this.#rows += rows.length;
  }

  /** Warns of the rows that were truncated. */
  end(): void {
    if (this.#truncated < 2) return;
    console.warn(
      `Warning: ${this.#truncated} of ${this.#rows} lines of ${SOURCE} have more than ${this.#maxLength} tokens and were truncated`,
    );
  }

  /** Classifies texts in one batch. */
  async #classify(
    texts: readonly (readonly string[])[],
    rows: readonly InputRow[] = [],
  ): Promise<number[][]> {
    if (texts.length === 0) return [];
    const { model, tokenizer } = this.#classifier;
    const encoded = texts.map((pair, i) => {
      const { encoding, isTruncated } = encodeTruncated(
        tokenizer,
        pair,
        this.#maxLength,
      );
      if (isTruncated && rows[i] && this.#truncated++ === 0) {
        console.warn(
          `Warning: line ${
            rows[i].line
          } of ${SOURCE} has more than ${this.#maxLength} tokens and is truncated`,
        );
      }
      return encoding;
    });
    const inputIds = encoded.map(({ inputIds }) => inputIds);
    const lines = new Dataset({ inputIds }, { source: SOURCE });
    checkFits(new DatasetDict({ lines }), model.config);
    const batch = dataCollatorWithPadding<Batch>(tokenizer)(
      encoded.map((encoding) => ({ ...encoding })),
    );
    return await classify(model, batch, this.#device);
  }
}
