/**
 * The form of a kind of event, and of the sentences that report it.
 *
 * @module
 */
import type { Kind } from "./names.ts";

/** A kind of event. */
export interface Frame {
  /** What it is called; part of every fact. */
  name: string;
  /** The details, and what each is. `a` and `b` are two parties that could change places. */
  details: Record<string, Kind>;
  /** Who may be quoted as having said it. */
  source: string;
  /** How it is told, and where there is one, how its opposite is. */
  tellings: readonly Telling[];
}

/**
 * Sentences with one meaning. `{detail}` is a detail, `<one|another>` a choice.
 */
export interface Telling {
  /** Sentences without a full stop, each with all of the same details. */
  cores: readonly string[];
  /** What may be added or left out, by the detail it names. `^` before it: it may also begin the sentence. */
  extras: Record<string, string>;
}
