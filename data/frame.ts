/**
 * The form of a type of event, and of the sentences that report it.
 *
 * @module
 */
import type { DetailType } from "./names.ts";

/** A type of event. */
export interface Frame {
  /** Name; part of the key of every fact. */
  name: string;
  /** Type of each detail. `a` and `b` are two parties that could be swapped. */
  details: Record<string, DetailType>;
  /** Source that sentences may quote. */
  source: string;
  /** Templates of the event and, if it has one, of its opposite. */
  templates: readonly TemplateSet[];
}

/**
 * Sentence templates with one meaning. `{detail}` is a detail, `<one|another>` a
 * choice.
 */
export interface TemplateSet {
  /** Clauses without a full stop, all with the same details. */
  clauses: readonly string[];
  /** Optional phrases, by the detail that they name. `^` marks one that may also open the sentence. */
  extras: Record<string, string>;
}
