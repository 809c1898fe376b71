/**
 * Calls of a classifier and the batches that their texts wait for.
 *
 * @module
 */

/** A text or a pair of texts that waits for its logits. */
export interface WaitingText {
  /** The call that it belongs to. */
  readonly call: PredictCall;
  /** Number of the text in that call. */
  readonly index: number;
  /** The text, or the first of a pair. */
  readonly text: string;
  /** The second text of a pair. */
  readonly textPair: string | undefined;
}

/** The text, and the second one of a pair, of each row. */
export type Texts = readonly (readonly [text: string, textPair?: string])[];

/** The texts of one call, longest first, and their logits, in order. */
export class PredictCall {
  /** Most texts of a batch that has one of this call. */
  readonly batchSize: number;
  /** Logits of each text, `[numLabels]`, once all are there. */
  readonly logits: Promise<Float32Array[]>;
  readonly #texts: Texts;
  readonly #results: Float32Array[];
  readonly #resolve: (logits: Float32Array[]) => void;
  readonly #reject: (error: unknown) => void;
  /** Numbers of the texts that were not taken, the longest text last. */
  #waiting: number[];
  #missing: number;

  /**
   * Makes a call, of which nothing is answered yet.
   *
   * @param texts At least one text or pair.
   * @param batchSize Most texts of a batch that has one of them.
   */
  constructor(texts: Texts, batchSize: number) {
    const lengths = texts.map(([text, textPair = ""]) =>
      text.length + textPair.length
    );
    this.batchSize = batchSize;
    let resolve!: (logits: Float32Array[]) => void; // Node 20 has no Promise.withResolvers
    let reject!: (error: unknown) => void;
    this.logits = new Promise((onValue, onError) => {
      resolve = onValue;
      reject = onError;
    });
    this.#resolve = resolve;
    this.#reject = reject;
    this.#texts = texts;
    this.#results = Array(texts.length);
    this.#missing = texts.length;
    // Characters are known before the tokens, and order texts nearly as these do.
    this.#waiting = [...texts.keys()]
      .sort((a, b) => lengths[a]! - lengths[b]! || b - a);
  }

  /** Whether a text was not taken yet. */
  get isWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** Whether it is answered or rejected. */
  get isSettled(): boolean {
    return this.#missing === 0;
  }

  /** Takes up to `count` of its texts, the longest first. */
  take(count: number): WaitingText[] {
    return this.#waiting.splice(-count).reverse().map((index) => {
      const [text, textPair] = this.#texts[index]!;
      return { call: this, index, text, textPair };
    });
  }

  /** Keeps the logits of a text, and resolves with the last ones. */
  answer(index: number, logits: Float32Array): void {
    if (this.isSettled) return;
    this.#results[index] = logits;
    if (--this.#missing === 0) this.#resolve(this.#results);
  }

  /** Gives up on all texts; without effect if it is settled. */
  fail(error: unknown): void {
    this.#missing = 0;
    this.#waiting = [];
    this.#reject(error);
  }
}

/** Calls whose texts wait. */
export class CallQueue {
  #calls: PredictCall[] = [];

  /** Adds a call. */
  push(call: PredictCall): void {
    this.#calls.push(call);
  }

  /**
   * Takes the texts of the next batch: of the first call, then of those behind it,
   * as many as all of them allow. A call with more texts goes to the end of the
   * queue, so that a short call waits for one batch of a long one at most.
   *
   * @returns The texts; none if no call waits.
   */
  nextBatch(): WaitingText[] {
    const batch: WaitingText[] = [];
    const [skipped, taken]: PredictCall[][] = [[], []];
    let limit = Infinity;
    for (const call of this.#calls) {
      const lower = Math.min(limit, call.batchSize);
      if (batch.length >= lower) {
        skipped!.push(call);
        continue;
      }
      const texts = call.take(lower - batch.length);
      if (texts.length > 0) limit = lower;
      batch.push(...texts);
      taken!.push(call);
    }
    this.#calls = [...skipped!, ...taken!].filter(({ isWaiting }) => isWaiting);
    return batch;
  }
}
