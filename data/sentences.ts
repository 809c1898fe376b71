/**
 * From facts to sentences.
 *
 * @module
 */
import type { Random } from "../lib/random.ts";
import type { Frame } from "./frame.ts";
import { draw, drawValue, shortName, type Side, write } from "./names.ts";

/** Something that happened. */
export interface Fact {
  /** What kind of event it is. */
  readonly frame: Frame;
  /** Which of the frame's tellings is true. */
  readonly telling: number;
  /** The value of each detail. */
  readonly values: Readonly<Record<string, string>>;
}

/** A sentence about a fact. */
export interface Sentence {
  /** The sentence. */
  readonly text: string;
  /** The core that it is made from. */
  readonly core: string;
  /** The details that it names. */
  readonly details: ReadonlySet<string>;
}

/** What sentences are like: how often they do this or that. */
export interface Style {
  /** Leave out an extra. */
  readonly leaveOut: number;
  /** Begin with an extra that may stand there. */
  readonly front: number;
  /** Quote the source. */
  readonly quote: number;
  /** Shorten a name. */
  readonly shorten: number;
}

/** As in the pairs. */
export const NEWS: Style = {
  leaveOut: 0.3,
  front: 0.35,
  quote: 0.2,
  shorten: 0.25,
};
/** Shorter ones. */
export const BRIEF: Style = {
  leaveOut: 0.65,
  front: 0.2,
  quote: 0.1,
  shorten: 0.1,
};
/** Cores alone, with full names. */
export const SHORT: Style = { leaveOut: 1, front: 0, quote: 0, shorten: 0 };

/**
 * Draws a fact.
 *
 * @param frame What kind of event.
 * @param side Where its names come from.
 * @param random Draws.
 * @param kept Details that stay as they are.
 * @returns A fact in which no two details can be taken for each other.
 */
export function drawFact(
  frame: Frame,
  side: Side,
  random: Random,
  kept: Fact["values"] = {},
): Fact {
  for (;;) {
    const values: Record<string, string> = {};
    for (const [detail, kind] of Object.entries(frame.details)) {
      values[detail] = kept[detail] ?? drawValue(kind, side, random);
    }
    const short = Object.entries(values).map(([detail, value]) =>
      shortName(frame.details[detail]!, value)
    );
    if (new Set(short).size < short.length) continue;
    return { frame, telling: random.below(frame.tellings.length), values };
  }
}

/** A text that two facts share only if they are the same. */
export function factKey({ frame, telling, values }: Fact): string {
  const details = Object.keys(frame.details).map((detail) => values[detail]);
  return [frame.name, telling, ...details].join("|");
}

/**
 * Tells a fact in two sentences that are not made alike.
 *
 * @param first What the first sentence tells.
 * @param second What the second one tells.
 * @param style How long they are.
 * @param random Draws.
 * @returns Both.
 */
export function tellTwice(
  first: Fact,
  second: Fact,
  style: Style,
  random: Random,
): [Sentence, Sentence] {
  for (;;) {
    const sentences: [Sentence, Sentence] = [
      tell(first, style, random),
      tell(second, style, random),
    ];
    if (sentences[0].core !== sentences[1].core) return sentences;
  }
}

/** Tells a fact. */
export function tell(fact: Fact, style: Style, random: Random): Sentence {
  for (;;) {
    const sentence = tryToTell(fact, style, random);
    // Newspapers begin no sentence with a figure.
    if (!/^\d/.test(sentence.text)) return sentence;
  }
}

function tryToTell(fact: Fact, style: Style, random: Random): Sentence {
  const { frame, values } = fact;
  const { cores, extras } = frame.tellings[fact.telling]!;
  const chance = (probability: number) => random.nextFloat() < probability;
  const core = draw(cores, random);
  const names = Object.keys(extras).filter(() => !chance(style.leaveOut));
  const order = [...random.permutation(names.length)].map((i) => names[i]!);
  const opener = order.findIndex((name) => extras[name]!.startsWith("^"));
  const [front] = opener >= 0 && chance(style.front)
    ? order.splice(opener, 1)
    : [];

  const quoted = chance(style.quote);
  const saidFirst = quoted && front === undefined && chance(0.5);
  const template = [
    saidFirst ? `${frame.source} said that ` : "",
    front ? `${extras[front]}, ` : "",
    [core, ...order.map((name) => extras[name])].join(" "),
    quoted && !saidFirst ? `, ${frame.source} said` : "",
    ".",
  ].join("").replaceAll("^", "");
  const details = new Set<string>();
  const text = template
    .replace(/<([^<>]*)>/g, (_, choices) => draw(choices.split("|"), random))
    .replace(/\{(\w+)\}/g, (_, detail) => {
      details.add(detail);
      return write(frame.details[detail]!, values[detail]!, {
        short: chance(style.shorten),
        random,
      });
    })
    .replace(/\ba (?=(?:8|11|18)\b|eight|eleven)/gi, "an ");
  return { text: text[0]!.toUpperCase() + text.slice(1), core, details };
}
