/**
 * Writes facts as sentences.
 *
 * @module
 */
import type { Random } from "../lib/random.ts";
import type { Frame } from "./frame.ts";
import {
  draw,
  drawValue,
  formatValue,
  shortName,
  type SplitName,
} from "./names.ts";

/** An event with its details. */
export interface Fact {
  /** Type of event. */
  readonly frame: Frame;
  /** Index of the frame's templates: 0 for the event, 1 for its opposite. */
  readonly polarity: number;
  /** Value of each detail. */
  readonly values: Readonly<Record<string, string>>;
}

/** A sentence that reports a fact. */
export interface Sentence {
  /** The sentence. */
  readonly text: string;
  /** The clause that it was made from. */
  readonly clause: string;
  /** The details that it names. */
  readonly details: ReadonlySet<string>;
}

/** Style of sentences, as probabilities. */
export interface Style {
  /** An extra is left out. */
  readonly leaveOut: number;
  /** An extra that may open the sentence does. */
  readonly front: number;
  /** The source is quoted. */
  readonly quote: number;
  /** A name is shortened. */
  readonly shorten: number;
}

/** The style of the pairs. */
export const NEWS: Style = {
  leaveOut: 0.3,
  front: 0.35,
  quote: 0.2,
  shorten: 0.25,
};
/** Shorter sentences. */
export const BRIEF: Style = {
  leaveOut: 0.65,
  front: 0.2,
  quote: 0.1,
  shorten: 0.1,
};
/** Clauses alone, with full names. */
export const SHORT: Style = { leaveOut: 1, front: 0, quote: 0, shorten: 0 };

/**
 * Draws a fact.
 *
 * @param frame Type of event.
 * @param split Split that its names belong to.
 * @param random Random numbers.
 * @param fixed Values of details that are not drawn.
 * @returns A fact in which no two details share a short name.
 */
export function drawFact(
  frame: Frame,
  split: SplitName,
  random: Random,
  fixed: Fact["values"] = {},
): Fact {
  for (;;) {
    const values: Record<string, string> = {};
    for (const [detail, type] of Object.entries(frame.details)) {
      values[detail] = fixed[detail] ?? drawValue(type, split, random);
    }
    const short = Object.entries(values).map(([detail, value]) =>
      shortName(frame.details[detail]!, value)
    );
    if (new Set(short).size < short.length) continue;
    return { frame, polarity: random.below(frame.templates.length), values };
  }
}

/** Returns a key that is equal for equal facts only. */
export function factKey({ frame, polarity, values }: Fact): string {
  const details = Object.keys(frame.details).map((detail) => values[detail]);
  return [frame.name, polarity, ...details].join("|");
}

/**
 * Writes two sentences, from different clauses.
 *
 * @param first Fact of the first sentence.
 * @param second Fact of the second sentence.
 * @param style Style of both.
 * @param random Random numbers.
 * @returns Both sentences.
 */
export function writeSentencePair(
  first: Fact,
  second: Fact,
  style: Style,
  random: Random,
): [Sentence, Sentence] {
  for (;;) {
    const sentences: [Sentence, Sentence] = [
      writeSentence(first, style, random),
      writeSentence(second, style, random),
    ];
    if (sentences[0].clause !== sentences[1].clause) return sentences;
  }
}

/** Writes a sentence that reports a fact. */
export function writeSentence(
  fact: Fact,
  style: Style,
  random: Random,
): Sentence {
  for (;;) {
    const sentence = draftSentence(fact, style, random);
    // Newspapers do not begin a sentence with a figure.
    if (!/^\d/.test(sentence.text)) return sentence;
  }
}

function draftSentence(fact: Fact, style: Style, random: Random): Sentence {
  const { frame, values } = fact;
  const { clauses, extras } = frame.templates[fact.polarity]!;
  const chance = (probability: number) => random.nextFloat() < probability;
  const clause = draw(clauses, random);
  const names = Object.keys(extras).filter(() => !chance(style.leaveOut));
  const order = [...random.permutation(names.length)].map((i) => names[i]!);
  const opener = order.findIndex((name) => extras[name]!.startsWith("^"));
  const [front] = opener >= 0 && chance(style.front)
    ? order.splice(opener, 1)
    : [];

  const quoted = chance(style.quote);
  const quotedFirst = quoted && front === undefined && chance(0.5);
  const template = [
    quotedFirst ? `${frame.source} said that ` : "",
    front ? `${extras[front]}, ` : "",
    [clause, ...order.map((name) => extras[name])].join(" "),
    quoted && !quotedFirst ? `, ${frame.source} said` : "",
    ".",
  ].join("").replaceAll("^", "");
  const details = new Set<string>();
  const text = template
    .replace(/<([^<>]*)>/g, (_, choices) => draw(choices.split("|"), random))
    .replace(/\{(\w+)\}/g, (_, detail) => {
      details.add(detail);
      return formatValue(frame.details[detail]!, values[detail]!, {
        short: chance(style.shorten),
        random,
      });
    })
    .replace(/\ba (?=(?:8|11|18)\b|eight|eleven)/gi, "an ");
  return { text: text[0]!.toUpperCase() + text.slice(1), clause, details };
}
