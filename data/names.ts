/**
 * The names, numbers and days of the generated sentences, and how each may be
 * written. Every name is put together from two words by chance.
 *
 * @module
 */
import type { Random } from "../lib/random.ts";

/** What a detail of a fact can be. */
export type Kind =
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

/** Words that a name consists of: each first with each second. */
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

/** Words for small numbers, as newspapers write them. */
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

/** What a detail that is no name may be. */
export const VALUES: Record<Exclude<Kind, keyof typeof NAME_WORDS>, string[]> =
  {
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

/** Words that stand for others without a change of meaning. */
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

/** Parts of the data that share no full name. */
export type Side = "train" | "validation" | "test";

/** The part that a full name belongs to: one tenth each in the last two. */
export function sideOf(name: string): Side {
  let hash = 0x811c9dc5; // FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv/
  for (const byte of new TextEncoder().encode(name)) {
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  const tenth = (hash >>> 16) % 10;
  return tenth === 0 ? "validation" : tenth === 1 ? "test" : "train";
}

/** Whether two facts that differ only in a detail of this kind have other names in them. */
export function isName(kind: Kind): kind is keyof typeof NAME_WORDS {
  return kind in NAME_WORDS;
}

/** Draws a value; of names only those of one side. */
export function drawValue(kind: Kind, side: Side, random: Random): string {
  if (!isName(kind)) return draw(VALUES[kind], random);
  const { first, second } = NAME_WORDS[kind];
  for (;;) {
    const name = `${draw(first, random)} ${draw(second, random)}`;
    if (sideOf(name) === side) return name;
  }
}

/** The part of a name that tells it from others when it stands alone. */
export function shortName(kind: Kind, name: string): string {
  const [first, second] = name.split(" ") as [string, string?];
  return kind === "company" ? first : second ?? first;
}

/** Writes a value in one of its forms; a name in full, or short. */
export function write(
  kind: Kind,
  value: string,
  { short, random }: { short: boolean; random: Random },
): string {
  const the = kind === "team" ? "the " : "";
  if (isName(kind)) {
    return the + (short ? shortName(kind, value) : value);
  }
  const number = parseInt(value.replace("$", ""));
  const spelled = NUMBER_WORDS[number] ?? `${number}`;
  switch (kind) {
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

/** Draws one of some values. */
export function draw<T>(values: readonly T[], random: Random): T {
  return values[random.below(values.length)]!;
}

function words(text: string): string[] {
  return text.split(" ");
}

/** Numbers from, to and by how much. */
function numbers(...ranges: [number, number, number][]): string[] {
  return ranges.flatMap(([from, to, by]) =>
    Array.from(
      { length: Math.floor((to - from) / by) + 1 },
      (_, i) => `${from + i * by}`,
    )
  );
}
