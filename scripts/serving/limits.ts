/**
 * Limits of a server, so that no client takes all of its memory or time.
 *
 * @module
 */

/** Limits of a server. */
export interface Limits {
  /** Bytes of a request body. */
  readonly bodyBytes: number;
  /** Time for a client to send its body, in ms. */
  readonly bodyMs: number;
  /** Characters of a text: while it is tokenized, nobody else is answered. */
  readonly textCharacters: number;
  /** Texts of one request. */
  readonly textsPerRequest: number;
  /** Texts of all requests that wait for an answer. */
  readonly waitingTexts: number;
  /** Requests that are read or wait for an answer. */
  readonly openRequests: number;
  /** Time for the answers to open requests at the end, in ms. */
  readonly shutdownMs: number;
}

/** The limits of `deno task serve`. */
export const LIMITS: Limits = {
  bodyBytes: 2 ** 20,
  bodyMs: 10_000,
  textCharacters: 100_000,
  textsPerRequest: 1000,
  waitingTexts: 4000,
  openRequests: 512,
  shutdownMs: 10_000,
};
