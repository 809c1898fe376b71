import { Random } from "../../lib/random.ts";

/** Classes of the messages, with the share of each in percent. */
export const SHARES = {
  delivery: 50,
  refund: 20,
  account: 10,
  invoice: 10,
  damage: 5,
  praise: 3,
  hours: 2,
} as const;

type Intent = keyof typeof SHARES;

/** Beginnings, middles and ends of the sentences of each class. */
const SENTENCES: Record<Intent, readonly (readonly string[])[]> = {
  delivery: [
    ["Where is", "I am still waiting for", "Please track", "Nobody has seen"],
    ["my parcel", "the package", "order 4417", "the delivery", "our shipment"],
    [
      "which should have arrived on Monday",
      "that was sent last week",
      "since the courier did not ring",
      "and the tracking page shows nothing",
      "it is five days late",
    ],
  ],
  refund: [
    ["I want", "Please give me", "When do I get", "I am waiting for"],
    ["my money back", "a refund", "the amount returned", "a credit for it"],
    [
      "for the shoes that I sent back",
      "because I cancelled the order",
      "as you promised on the phone",
      "the return was two weeks ago",
    ],
  ],
  account: [
    ["I cannot", "How do I", "It is impossible to", "Please help me to"],
    ["log in", "reset my password", "change my email", "open my profile"],
    [
      "since the last update",
      "the page says unknown user",
      "and the code never comes",
      "on my new telephone",
    ],
  ],
  invoice: [
    ["I need", "Please send", "There is a mistake in", "Who can correct"],
    ["the invoice", "the bill for March", "my receipt", "the statement"],
    [
      "with our tax number",
      "made out to the company",
      "it has the wrong address",
      "for the accountant",
    ],
  ],
  damage: [
    ["The box was open and", "When I unpacked it", "I am sad to say that"],
    ["the glass was broken", "the lamp had a crack", "the cup was in pieces"],
    ["see the photo", "it was badly packed", "and one part is missing"],
  ],
  praise: [
    ["Thank you so much,", "I just want to say that", "Wonderful,"],
    ["your team was kind", "everything was perfect", "I love the colours"],
    ["five stars", "I will come again", "and I told all my friends"],
  ],
  hours: [
    ["Is the shop", "At what time are you", "Will the store be"],
    ["open on Sunday", "closed on the holiday", "open in the evening"],
    ["and can I park there", "in the old town", "this month"],
  ],
};

/** Sentences of any class. */
const ASIDES = [
  "Hello.",
  "Good morning,",
  "Hi there!",
  "I have been a customer for years.",
  "Please answer soon.",
  "Thanks in advance.",
  "I wrote to you before.",
  "My number is 0151 204.",
  "Kind regards, Anna",
  "This is the third time.",
  "I ordered it for my mother.",
  "Sent from my phone",
];

const EMOJI = ["😀", "😡", "🙏", "📦", "❤️", "👩‍💻", "🤔"];

/** A messy table of messages, and what is wrong with it. */
export interface Messages {
  /** Content of a CSV file with the columns id, received, message and intent. */
  readonly csv: string;
  /** Rows whose label was changed on purpose, counted from 0. */
  readonly flipped: ReadonlySet<number>;
  /** Rows without a text, or without a label. */
  readonly missing: ReadonlySet<number>;
  /** Rows that have the text of an earlier row. */
  readonly repeated: ReadonlySet<number>;
}

/**
 * Makes a messy file of messages in seven classes out of balance: some without a
 * text or a label, some twice, some about two matters, with emoji, quotes and line
 * breaks, a few of 600 words, and 4 % with a wrong label.
 *
 * @param count Number of rows.
 * @param seed Seed of everything.
 * @returns The file.
 */
export function makeMessages(count: number, seed: number): Messages {
  const random = new Random(seed);
  const chance = (percent: number) => random.below(1000) < 10 * percent;
  const pick = <T>(values: readonly T[]) =>
    values[random.below(values.length)]!;
  const intents = Object.keys(SHARES) as Intent[];
  // The shares are exact: a small file has every class.
  const labels = intents.flatMap((intent) =>
    Array<Intent>(Math.max(Math.round(count * SHARES[intent] / 100), 4))
      .fill(intent)
  );
  const order = random.permutation(labels.length);
  const flipped = new Set<number>();
  const missing = new Set<number>();
  const repeated = new Set<number>();
  const rows: { message: string; intent: string }[] = [];
  const texts = Object.fromEntries(
    intents.map((intent) => [intent, [] as string[]]),
  ) as Record<Intent, string[]>;
  for (const i of order.slice(0, count)) {
    const row = rows.length;
    const intent = labels[i]!;
    const words = SENTENCES[intent].map(pick).join(" ");
    const before = chance(60) ? `${pick(ASIDES)} ` : "";
    const after = chance(50) ? ` ${pick(ASIDES)}` : "";
    let message = `${before}${words}${pick([".", "!", "?", ""])}${after}`;
    if (chance(8)) { // a second matter, less important
      const other = pick(intents);
      message += ` Besides, ${
        SENTENCES[other].slice(0, 2).map(pick).join(" ")
      }`;
    }
    if (chance(10)) message += ` ${pick(EMOJI)}${pick(EMOJI)}`;
    if (chance(5)) message = `"${message}",\n${pick(ASIDES)}`;
    if (chance(5)) message = message.toUpperCase();
    if (chance(1)) {
      message += ` ${
        Array.from({ length: 150 }, () => pick(ASIDES)).join(" ")
      }`;
    }
    const alike = texts[intent];
    if (chance(4) && alike.length > 0) {
      message = ` ${pick(alike)}`;
      repeated.add(row);
    } else alike.push(message);
    let label: string = intent;
    if (chance(4)) {
      label = pick(intents.filter((other) => other !== intent));
      flipped.add(row);
    }
    const [hasText, hasLabel] = [!chance(1), !chance(1)];
    if (!hasText) message = pick(["", "  "]);
    if (!hasLabel) label = pick(["", " "]);
    if (!hasText || !hasLabel) {
      missing.add(row);
      flipped.delete(row);
      repeated.delete(row);
    }
    rows.push({ message, intent: label });
  }
  const quote = (text: string) => `"${text.replaceAll('"', '""')}"`;
  const lines = rows.map(({ message, intent }, i) =>
    `M${1000 + i},2026-0${1 + i % 9}-11 08:00,${quote(message)},${intent}\r\n`
  );
  return {
    csv: `\ufeffid,received,message,intent\r\n${lines.join("")}`,
    flipped,
    missing,
    repeated,
  };
}
