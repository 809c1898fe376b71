/**
 * Texts that wait for their logits, and the loop that computes these batch by batch.
 *
 * @module
 */
import { dataCollatorWithPadding } from "../data/collator.ts";
import type { Batch } from "../data/host_tensor.ts";
import type { Encoding, Tokenizer } from "../data/tokenizer.ts";
import type { Device } from "../gpu/device.ts";
import type { ForSequenceClassification } from "../models/sequence_classification.ts";
import { noGrad } from "../tensor/autograd.ts";
import { ACTION } from "./classifier_options.ts";
import {
  CallQueue,
  PredictCall,
  type Texts,
  type WaitingText,
} from "./predict_call.ts";

/** Model, tokenizer and device of a {@linkcode BatchQueue}. */
export interface BatchQueueOptions {
  /** The model. */
  readonly model: ForSequenceClassification;
  /** The tokenizer of the model. */
  readonly tokenizer: Tokenizer;
  /** The device of the model. */
  readonly device: Device;
  /** Tokens after which a row is truncated. */
  readonly maxLength: number;
}

/** Time to encode texts after which others take their turn, in ms. */
const BLOCKED_MS = 20;

/** An encoding as a collator takes it. */
type Row = Encoding & Record<string, unknown>;

/** Computes logits. Calls may overlap: while a batch runs, the texts of all wait for the next. */
export class BatchQueue {
  /** Number of rows that were truncated so far. */
  truncated = 0;
  readonly #options: BatchQueueOptions;
  readonly #collate: (rows: readonly Row[]) => Batch;
  readonly #queue = new CallQueue();
  readonly #calls = new Set<PredictCall>();
  #isRunning = false;
  #isClosed = false;

  /** Makes an empty queue. */
  constructor(options: BatchQueueOptions) {
    this.#options = options;
    this.#collate = dataCollatorWithPadding<Batch>(options.tokenizer);
  }

  /** Whether it takes no texts any more. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Takes no more texts, and rejects the calls that were not answered. */
  close(): void {
    this.#isClosed = true;
    for (const call of this.#calls) {
      call.fail(new Error(`Cannot ${ACTION}: the classifier was disposed`));
    }
  }

  /**
   * Computes the logits of the texts of a call.
   *
   * @param texts The texts.
   * @param batchSize Most texts of a batch that has one of them.
   * @param signal Ends the wait.
   * @returns The logits of each text, `[numLabels]`.
   * @throws {RangeError} If a token is outside the vocabulary of the model.
   * @throws {Error} If it is closed, aborted, a logit is not finite, or the device fails.
   */
  async logits(
    texts: Texts,
    batchSize: number,
    signal: AbortSignal | undefined,
  ): Promise<Float32Array[]> {
    signal?.throwIfAborted();
    if (this.#isClosed) {
      throw new Error(
        `Cannot ${ACTION}: the classifier is disposed; predict before its scope ends`,
      );
    }
    if (texts.length === 0) return [];
    const call = new PredictCall(texts, batchSize);
    const abort = () => call.fail(signal!.reason);
    signal?.addEventListener("abort", abort);
    this.#calls.add(call);
    this.#queue.push(call);
    this.#run();
    try {
      return await call.logits;
    } finally {
      this.#calls.delete(call);
      signal?.removeEventListener("abort", abort);
    }
  }

  /** Runs batch after batch until no text waits; never rejects. */
  async #run(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    await Promise.resolve(); // calls of the same turn share the first batch
    for (let texts; (texts = this.#queue.nextBatch()).length > 0;) {
      await this.#answer(texts);
    }
    this.#isRunning = false;
  }

  /** Answers the texts of a batch, or rejects their calls. */
  async #answer(batch: readonly WaitingText[]): Promise<void> {
    const encoded: { text: WaitingText; row: Row | undefined }[] = [];
    let start = performance.now();
    for (const text of batch) {
      if (performance.now() - start > BLOCKED_MS) {
        await new Promise((resolve) => setTimeout(resolve)); // others take their turn
        start = performance.now();
      }
      encoded.push({ text, row: this.#encode(text) });
    }
    // A text that cannot be encoded ends its own call alone.
    const left = encoded.filter(({ text }) => !text.call.isSettled);
    if (left.length === 0) return;
    try {
      const values = await this.#forward(left.map(({ row }) => row!));
      const { numLabels } = this.#options.model.config;
      left.forEach(({ text: { call, index } }, row) => {
        const logits = values.slice(row * numLabels, (row + 1) * numLabels);
        if (logits.every(Number.isFinite)) return call.answer(index, logits);
        call.fail(
          new Error(
            `Cannot classify text ${index}: its logits are ${
              logits.join(", ")
            }: the weights are broken, train the model again or load another`,
          ),
        );
      });
    } catch (error) {
      for (const { text } of left) text.call.fail(error);
    }
  }

  /** Encodes a text, truncated if it is longer; `undefined` if its call failed. */
  #encode({ call, index, text, textPair }: WaitingText): Row | undefined {
    if (call.isSettled) return undefined;
    const { tokenizer, maxLength, model: { config } } = this.#options;
    try {
      let encoding = tokenizer.encode(text, textPair);
      if (encoding.inputIds.length > maxLength) {
        this.truncated++;
        encoding = tokenizer.encode(text, textPair, { maxLength });
      }
      checkIds(encoding.inputIds, config.vocabSize);
      return { ...encoding };
    } catch (cause) {
      const { message } = cause as Error;
      call.fail(
        new RangeError(`Cannot classify text ${index}: ${message}`, { cause }),
      );
      return undefined;
    }
  }

  /**
   * Computes the logits of a batch, `[B, numLabels]` row-major. Everything is recorded
   * and submitted when it returns: neither the scope nor noGrad() is in force while
   * others compute.
   */
  #forward(rows: readonly Row[]): Promise<Float32Array> {
    const { model, device } = this.#options;
    using _noGrad = noGrad();
    using _scope = device.scope();
    return model.forward(this.#collate(rows)).logits.toArray();
  }
}

function checkIds(inputIds: readonly number[], vocabSize: number): void {
  const unknown = inputIds.find((id) => id >= vocabSize);
  if (unknown === undefined) return;
  throw new RangeError(
    `it has token ${unknown}, and the vocabulary of the model has ${vocabSize}: its tokenizer.json belongs to another model`,
  );
}
