/**
 * Splitting of a text at matches.
 *
 * Source: `NormalizedString::split`, https://github.com/huggingface/tokenizers/blob/v0.23.1/tokenizers/src/tokenizer/normalizer.rs
 *
 * @module
 */
import { type Component, wrong } from "./settings.ts";

/** A piece of a text. */
export interface Piece {
  text: string;
  /** Whether the text starts with it. */
  isFirst: boolean;
}

const BEHAVIORS = [
  "Removed",
  "Isolated",
  "MergedWithPrevious",
  "MergedWithNext",
  "Contiguous",
];

/**
 * Returns what is done with matches.
 *
 * @param settings The pre-tokenizer in `tokenizer.json`.
 * @param source The file, for errors.
 * @param otherwise The value if there is none.
 * @returns One of the library's behaviors.
 * @throws {SyntaxError} If it is none.
 */
export function behaviorOf(
  settings: Component,
  source: string,
  otherwise?: string,
): string {
  const behavior = settings.behavior ?? otherwise;
  if (typeof behavior === "string" && BEHAVIORS.includes(behavior)) {
    return behavior;
  }
  throw wrong(settings, "behavior", BEHAVIORS.join(", "), source);
}

/**
 * Splits a piece at matches.
 *
 * @param piece The piece.
 * @param matches Start and end of each match, in order.
 * @param behavior What is done with matches.
 * @param isInverted Whether what is between the matches counts as match.
 * @returns The parts; some may be empty.
 */
export function split(
  piece: Piece,
  matches: readonly (readonly [start: number, end: number])[],
  behavior: string,
  isInverted = false,
): Piece[] {
  const spans: Span[] = [];
  let last = 0;
  for (const [start, end] of matches) {
    if (start > last) spans.push({ start: last, end: start, isMatch: false });
    spans.push({ start, end, isMatch: true });
    last = end;
  }
  if (last < piece.text.length) {
    spans.push({ start: last, end: piece.text.length, isMatch: false });
  }
  if (isInverted) { for (const span of spans) span.isMatch = !span.isMatch; }
  return merged(spans, behavior).map(({ start, end }) => ({
    text: piece.text.slice(start, end),
    isFirst: piece.isFirst && start === 0,
  }));
}

interface Span {
  start: number;
  end: number;
  isMatch: boolean;
}

function merged(spans: Span[], behavior: string): Span[] {
  switch (behavior) {
    case "Removed":
      return spans.filter(({ isMatch }) => !isMatch);
    case "Contiguous":
      return joined(spans, (before, { isMatch }) => before === isMatch);
    case "MergedWithPrevious":
      return joined(spans, (before, { isMatch }) => isMatch && !before);
    case "MergedWithNext":
      return joined(spans.reverse(), (after, { isMatch }) => isMatch && !after)
        .reverse();
  }
  return spans;
}

/** Joins each span with the last one if told to; at first, there is no match before. */
function joined(
  spans: Span[],
  joins: (before: boolean, span: Span) => boolean,
): Span[] {
  const all: Span[] = [];
  let before = false;
  for (const span of spans) {
    const last = all.at(-1);
    if (last !== undefined && joins(before, span)) {
      last.start = Math.min(last.start, span.start);
      last.end = Math.max(last.end, span.end);
    } else {
      all.push({ ...span });
    }
    before = span.isMatch;
  }
  return all;
}
