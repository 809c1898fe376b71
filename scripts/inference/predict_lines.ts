/**
 * Predictions for lines of standard input, each as soon as it has come.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import type {
  Device,
  TextClassificationOutput,
  TextClassifier,
} from "../../mod.ts";
import { printLine, type Run } from "../cli/run_main.ts";
import {
  classifyTexts,
  compileKernels,
  describePrediction,
} from "./classifier.ts";
import {
  type ByteReader,
  type InputRow,
  readLines,
  RowParser,
} from "./input_lines.ts";
import { encodeTruncated, toPair } from "./texts.ts";

/** Name of the source in messages. */
const SOURCE = "standard input";

/** Options of {@linkcode predictLines}. */
export interface LineOptions {
  /** Most rows of a batch. */
  readonly batchSize: number;
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
 * @param options Batch size, header, errors.
 * @param run Begins with the first line; ends at its signal.
 * @throws {RangeError} If there is no line.
 * @throws {SyntaxError} If a line cannot be read, and `onError` is `stop`.
 */
export async function predictLines(
  reader: ByteReader,
  device: Device,
  load: () => Promise<TextClassifier>,
  options: LineOptions,
  { begin, signal }: Run,
): Promise<void> {
  const batches = readRows(reader, options);
  const first = batches.next();
  first.catch(() => {}); // thrown below
  using classifier = await load();
  await Promise.race([first, Promise.resolve()]); // throws if there is nothing to read
  await compileKernels(classifier);
  const predictor = new LinePredictor(classifier, options.batchSize);
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
  readonly #classifier: TextClassifier;
  readonly #batchSize: number;
  #rows = 0;

  constructor(classifier: TextClassifier, batchSize: number) {
    this.#classifier = classifier;
    this.#batchSize = batchSize;
  }

  /** Prints a line for each row, in order. */
  async predict(rows: readonly InputRow[]): Promise<void> {
    const toLabel = rows.filter(({ isBlank, problem }) => !isBlank && !problem);
    const outputs = await this.#classify(toLabel);
    for (const row of rows) {
      const ofRow = outputs[toLabel.indexOf(row)];
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
    const { truncated, maxLength } = this.#classifier;
    if (truncated < 2) return;
    console.warn(
      `Warning: ${truncated} of ${this.#rows} lines of ${SOURCE} have more than ${maxLength} tokens and were truncated`,
    );
  }

  /** Classifies rows, and warns of the first one that is truncated. */
  async #classify(
    rows: readonly InputRow[],
  ): Promise<TextClassificationOutput[][]> {
    const classifier = this.#classifier;
    const { truncated, tokenizer, maxLength } = classifier;
    const texts = rows.map(({ texts }) => texts.map(([, text]) => text));
    const outputs = await classifyTexts(
      classifier,
      texts.map(toPair),
      this.#batchSize,
    );
    if (truncated === 0 && classifier.truncated > 0) {
      const first = texts.findIndex((pair) =>
        encodeTruncated(tokenizer, pair, maxLength).isTruncated
      );
      console.warn(
        `Warning: line ${
          rows[first]!.line
        } of ${SOURCE} has more than ${maxLength} tokens and is truncated`,
      );
    }
    return outputs;
  }
}
