/**
 * The names, numbers and days of the generated sentences, and the forms in which
 * they are written. Every name is a random combination of two words.
 *
 * @module
 */
import type { Random } from "../lib/random.ts";

/** Type of a detail of a fact. */
export type DetailType =
  | "person"
  | "company"
  | "team"
  | "country"
  | "city"
  | "day"
  | "month"
  | "quarter"
  | "money"
  | "percent"
  | "people"
  | "count"
  | "score"
  | "votes"
  | "post"
  | "goods"
  | "reason"
  | "crime"
  | "vehicle"
  | "project";

/** Words of names: any first word with any second word. */
export const NAME_WORDS: Record<
  "person" | "company" | "team",
  { first: string[]; second: string[] }
> = {
  person: {
    first: words(
      "Alan Alice Amy Andrew Anna Brian Carol Clara Daniel David Diana Edward Elena Emma Eric Frank George Grace Helen Henry Irene James Jane Karen Kevin Laura Linda Martin Mary Michael Nancy Oscar Paul Peter Rachel Robert Sarah Simon Susan Thomas",
    ),
    second: words(
      "Abbott Adams Barnes Bell Bishop Brooks Burke Carter Clark Cole Collins Cooper Cruz Davis Dixon Ellis Evans Fisher Foster Garcia Gibson Graham Hayes Hughes Jensen Keller Kelly Lambert Lane Larson Lopez Marsh Mason Meyer Miller Moore Morris Murphy Nelson Novak Olson Owens Parker Perry Quinn Reed Rossi Sanders Shaw Silva Stone Sutton Tanaka Turner Vargas Wagner Walsh Weber Wells Young",
    ),
  },
  company: {
    first: words(
      "Altera Arden Bexley Brixton Calder Corvane Delmora Dunmore Elston Fenwick Garnet Halcyon Harlow Ibex Juniper Kestrel Kilburn Larkspur Lumeris Marlow Meridian Norvell Oakmont Orbex Palmer Pinnacle Quantis Redfern Rowan Sable Solaris Stratus Tallis Trident Umbria Vanguard Verity Westmark Wyndham Zenith",
    ),
    second: words(
      "Brothers Corporation Enterprises Group Holdings Industries International Logistics Partners Resources Trading Ventures",
    ),
  },
  team: {
    first: words(
      "Albany Austin Boise Boston Buffalo Chicago Cleveland Columbus Dallas Denver Detroit Fresno Houston Lincoln Memphis Miami Nashville Oakland Omaha Orlando Phoenix Portland Raleigh Richmond Sacramento Seattle Spokane Tampa Toledo Tulsa",
    ),
    second: words(
      "Badgers Comets Cougars Foxes Harriers Herons Lancers Miners Otters Pilots Stags Wolves",
    ),
  },
};

const COUNTRIES = words(
  "Argentina Austria Brazil Canada Chile Egypt Finland France Germany Greece India Italy Japan Kenya Mexico Norway Peru Poland Spain Turkey",
);

/** Small numbers in words, as newspapers write them. */
export const NUMBER_WORDS: Record<number, string> = {
  2: "two",
  3: "three",
  4: "four",
  5: "five",
  6: "six",
  7: "seven",
  8: "eight",
  9: "nine",
  10: "ten",
  11: "eleven",
  12: "twelve",
};

/** Values of the details that are not names. */
export const VALUES: Record<
  Exclude<DetailType, keyof typeof NAME_WORDS>,
  string[]
> = {
  country: COUNTRIES,
  city: NAME_WORDS.team.first,
  day: words("Monday Tuesday Wednesday Thursday Friday Saturday Sunday"),
  month: words(
    "January February March April May June July August September October November December",
  ),
  quarter: words("first second third fourth"),
  money: numbers([2, 60, 1]).map((n) => `$${n} million`),
  percent: numbers([2, 48, 1]).map((n) => `${n}%`),
  people: numbers([2, 12, 1]),
  count: numbers([60, 90, 10], [100, 900, 50]),
  score: words("1-0 2-0 2-1 3-0 3-1 3-2 4-0 4-1 4-2 4-3 5-1 5-2 5-3 6-4 7-5"),
  votes: words("7-2 8-1 8-3 9-2 9-4 10-3 11-4 12-5 14-6 15-8"),
  post: ["chief executive", "chairman", "finance director", "head of sales"],
  goods: ["steel", "coffee", "oil", "sugar", "wheat", "timber"],
  reason: ["unpaid bills", "a patent", "a broken contract", "stolen data"],
  crime: ["fraud", "theft", "bribery", "arson", "smuggling"],
  vehicle: ["bus", "train", "ferry", "truck"],
  project: ["bridge", "library", "stadium", "hospital", "school", "museum"],
};

/** Values that can be written in several ways without a change of meaning. */
export const SYNONYMS: Record<string, string[]> = {
  "chief executive": ["chief executive", "CEO"],
  "finance director": ["finance director", "chief financial officer"],
  "head of sales": ["head of sales", "sales director"],
  timber: ["timber", "lumber"],
  oil: ["oil", "crude oil"],
  "unpaid bills": ["unpaid bills", "unpaid invoices"],
  "a broken contract": ["a broken contract", "a breach of contract"],
  theft: ["theft", "stealing"],
  truck: ["truck", "lorry"],
};

/** Names of the splits; no full name is in two of them. */
export type SplitName = "train" | "validation" | "test";

/** Returns the split of a full name: one tenth each are in validation and test. */
export function splitOf(name: string): SplitName {
  let hash = 0x811c9dc5; // FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv/
  for (const byte of new TextEncoder().encode(name)) {
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  const tenth = (hash >>> 16) % 10;
  return tenth === 0 ? "validation" : tenth === 1 ? "test" : "train";
}

/** Tells whether a detail is a name of two words. */
export function isName(type: DetailType): type is keyof typeof NAME_WORDS {
  return type in NAME_WORDS;
}

/** Draws a value; names only from one split. */
export function drawValue(
  type: DetailType,
  split: SplitName,
  random: Random,
): string {
  if (!isName(type)) return draw(VALUES[type], random);
  const { first, second } = NAME_WORDS[type];
  for (;;) {
    const name = `${draw(first, random)} ${draw(second, random)}`;
    if (splitOf(name) === split) return name;
  }
}

/** Returns the part of a name that can be used alone. */
export function shortName(type: DetailType, name: string): string {
  const [first, second] = name.split(" ") as [string, string?];
  return type === "company" ? first : second ?? first;
}

/** Writes a value in one of its forms; a name in full or short. */
export function formatValue(
  type: DetailType,
  value: string,
  { short, random }: { short: boolean; random: Random },
): string {
  const the = type === "team" ? "the " : "";
  if (isName(type)) {
    return the + (short ? shortName(type, value) : value);
  }
  const number = parseInt(value.replace("$", ""));
  const spelled = NUMBER_WORDS[number] ?? `${number}`;
  switch (type) {
    case "money":
      return draw([value, value, `${number} million dollars`], random);
    case "percent":
      return draw([value, `${number} percent`, `${spelled} percent`], random);
    case "people":
      return draw([spelled, spelled, value], random);
    case "score":
    case "votes":
      return draw([value, value.replace("-", " to ")], random);
    default:
      return draw(SYNONYMS[value] ?? [value], random);
  }
}

/** Draws one of the values. */
export function draw<T>(values: readonly T[], random: Random): T {
  return values[random.below(values.length)]!;
}

function words(text: string): string[] {
  return text.split(" ");
}

/** Lists the numbers of ranges `[from, to, step]`. */
function numbers(...ranges: [number, number, number][]): string[] {
  return ranges.flatMap(([from, to, step]) =>
    Array.from(
      { length: Math.floor((to - from) / step) + 1 },
      (_, i) => `${from + i * step}`,
    )
  );
}
