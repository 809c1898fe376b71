/**
 * What the generated sentences are about: kinds of events, each with the
 * details that a fact of it has and the sentences that tell or deny it. All
 * names are invented.
 *
 * @module
 */

/** A kind of event. Sentences name a detail as `{detail}`. */
export interface Frame {
  /** The values that each detail may have. */
  details: Record<string, readonly string[]>;
  /** Sentences that tell the fact, each with every detail. */
  tells: readonly string[];
  /** Sentences by which the fact is not so. */
  denies: readonly string[];
}

const CITIES = [
  "Larkfield",
  "Northwick",
  "Ashgrove",
  "Millbrook",
  "Stonebury",
  "Eastmere",
  "Halden",
  "Redcliff",
  "Wexley",
  "Oakhaven",
];
const COMPANIES = [
  "Brightwell",
  "Corvane",
  "Delmora",
  "Fenwick Mills",
  "Harlow Steel",
  "Juniper Foods",
  "Kestrel Air",
  "Lumeris",
  "Orbex",
  "Tallis Energy",
];
const PEOPLE = [
  "Anna Marsh",
  "Ben Calder",
  "Clara Voss",
  "David Lindt",
  "Elena Ruiz",
  "Frank Osei",
  "Grace Tan",
  "Hugo Brandt",
  "Irene Walsh",
  "Omar Haddad",
];
const DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"];
const MONTHS = ["March", "April", "June", "July", "September", "October"];
const AMOUNTS = [
  "$12 million",
  "$25 million",
  "$40 million",
  "$65 million",
  "$80 million",
  "$95 million",
];
const HUNDREDS = ["120", "250", "340", "480", "600", "750"];

/** The kinds of events. */
export const FRAMES: readonly Frame[] = [
  {
    details: {
      buyer: COMPANIES,
      target: COMPANIES,
      amount: AMOUNTS,
      day: DAYS,
    },
    tells: [
      "{buyer} said on {day} that it will buy {target} for {amount}.",
      "{target} will be sold to {buyer} for {amount}, the companies said on {day}.",
      "On {day}, {buyer} agreed to pay {amount} for {target}.",
      "{buyer} announced on {day} that it is taking over {target} for {amount}.",
    ],
    denies: [
      "{buyer} said on {day} that it will not buy {target}.",
      "On {day}, {buyer} called off its plan to buy {target}.",
      "There will be no sale of {target} to {buyer}, the companies said on {day}.",
    ],
  },
  {
    details: {
      building: ["library", "museum", "hospital", "school", "theatre"],
      city: CITIES,
      month: MONTHS,
      amount: AMOUNTS,
    },
    tells: [
      "A new {building} will open in {city} in {month} at a cost of {amount}.",
      "In {month}, {city} will get a new {building} that cost {amount}.",
      "{city} has spent {amount} on a new {building}, which will open in {month}.",
      "The new {building} in {city}, built for {amount}, opens its doors in {month}.",
    ],
    denies: [
      "The new {building} in {city} will not open in {month}.",
      "{city} has called off the opening of its new {building} in {month}.",
      "There will be no new {building} in {city} in {month}, as the work is late.",
    ],
  },
  {
    details: {
      person: PEOPLE,
      company: COMPANIES,
      post: [
        "chief executive",
        "chairman",
        "finance director",
        "head of sales",
      ],
      day: DAYS,
    },
    tells: [
      "{company} named {person} as its new {post} on {day}.",
      "{person} was appointed {post} of {company} on {day}.",
      "On {day}, {person} became the new {post} of {company}.",
      "{company} said on {day} that {person} will be its next {post}.",
    ],
    denies: [
      "{company} said on {day} that {person} will not be its next {post}.",
      "{person} is not the new {post} of {company}, it said on {day}.",
      "On {day}, {company} said there was no offer to {person} to become {post}.",
    ],
  },
  {
    details: {
      winner: CITIES,
      loser: CITIES,
      score: ["2-0", "3-1", "4-2", "5-3", "1-0"],
      day: ["Saturday", "Sunday", ...DAYS],
    },
    tells: [
      "{winner} beat {loser} {score} on {day}.",
      "{loser} lost {score} to {winner} on {day}.",
      "On {day}, {winner} won its match against {loser} {score}.",
      "{winner} took a {score} win over {loser} on {day}.",
    ],
    denies: [
      "The match between {winner} and {loser} was called off on {day}.",
      "There was no match between {winner} and {loser} on {day} because of snow.",
      "{winner} and {loser} did not play on {day} because of heavy rain.",
    ],
  },
  {
    details: { count: HUNDREDS, city: CITIES, day: DAYS },
    tells: [
      "A storm left {count} homes in {city} without power on {day}.",
      "On {day}, {count} homes in {city} lost power in a storm.",
      "The lights went out in {count} homes in {city} during a storm on {day}.",
      "Power failed in {count} homes when a storm hit {city} on {day}.",
    ],
    denies: [
      "The storm on {day} did not cut the power in {city}.",
      "There was no loss of power in {city} during the storm on {day}.",
      "{city} was not hit by the storm on {day}.",
    ],
  },
  {
    details: {
      company: COMPANIES,
      count: HUNDREDS,
      city: CITIES,
      month: MONTHS,
    },
    tells: [
      "{company} will cut {count} jobs in {city} in {month}.",
      "In {month}, {count} people at {company} in {city} will lose their jobs.",
      "{company} plans to lay off {count} workers in {city} in {month}.",
      "The {company} plant in {city} will shed {count} jobs in {month}.",
    ],
    denies: [
      "{company} said it will not cut jobs in {city} in {month}.",
      "There will be no job cuts at {company} in {city} in {month}.",
      "{company} has called off its plan to cut jobs in {city} in {month}.",
    ],
  },
  {
    details: {
      person: PEOPLE,
      city: CITIES,
      years: ["two", "three", "four", "six", "eight"],
      crime: ["fraud", "theft", "arson", "bribery"],
    },
    tells: [
      "A court in {city} sent {person} to prison for {years} years for {crime}.",
      "{person} was jailed for {years} years for {crime} by a court in {city}.",
      "Found guilty of {crime} in {city}, {person} must serve {years} years in jail.",
      "A judge in {city} gave {person} {years} years in prison for {crime}.",
    ],
    denies: [
      "A court in {city} found {person} not guilty of {crime}.",
      "{person} will not go to prison for {crime}, a court in {city} ruled.",
      "A judge in {city} saw no proof of {crime} in the case against {person}.",
    ],
  },
  {
    details: {
      city: CITIES,
      project: ["bridge", "tram line", "stadium", "car park", "swimming pool"],
      votes: ["18 to 7", "21 to 9", "25 to 14", "30 to 11"],
      day: DAYS,
    },
    tells: [
      "The {city} council voted {votes} on {day} to build a {project}.",
      "On {day}, the {city} council approved a new {project} by {votes}.",
      "Plans for a {project} passed the {city} council by {votes} on {day}.",
      "{city} will get a new {project} after a council vote of {votes} on {day}.",
    ],
    denies: [
      "The {city} council did not approve the new {project} on {day}.",
      "On {day}, the {city} council said no to a new {project}.",
      "The {city} council called off its vote on a {project} on {day}.",
    ],
  },
  {
    details: {
      company: COMPANIES,
      percent: ["4", "7", "12", "15", "22", "36"],
      quarter: ["first", "second", "third", "fourth"],
      year: ["this year", "last year"],
    },
    tells: [
      "Profit at {company} rose {percent} percent in the {quarter} quarter of {year}.",
      "{company} earned {percent} percent more in the {quarter} quarter of {year}.",
      "In the {quarter} quarter of {year}, {company} raised its profit by {percent} percent.",
      "The {quarter} quarter of {year} brought {company} a {percent} percent rise in profit.",
    ],
    denies: [
      "{company} made no profit in the {quarter} quarter of {year}.",
      "Profit at {company} did not rise in the {quarter} quarter of {year}.",
      "In the {quarter} quarter of {year}, {company} saw no rise in profit.",
    ],
  },
  {
    details: {
      count: ["three", "five", "seven", "nine", "twelve"],
      vehicle: ["bus", "train", "ferry", "tram"],
      city: CITIES,
      day: DAYS,
    },
    tells: [
      "On {day}, {count} people were hurt in a {vehicle} accident near {city}.",
      "A {vehicle} accident near {city} left {count} people injured on {day}.",
      "Police said {count} people were injured in a {vehicle} accident near {city} on {day}.",
      "Doctors treated {count} people after a {vehicle} accident near {city} on {day}.",
    ],
    denies: [
      "There was no {vehicle} accident near {city} on {day}, police said.",
      "A {vehicle} accident near {city} on {day} did not leave anyone injured.",
      "The people in a {vehicle} accident near {city} on {day} were not hurt.",
    ],
  },
  {
    details: {
      group: ["bus drivers", "nurses", "teachers", "pilots", "dock workers"],
      city: CITIES,
      days: ["two", "three", "four", "five"],
      month: MONTHS,
    },
    tells: [
      "{group} in {city} will strike for {days} days in {month}.",
      "In {month}, {group} in {city} will stop work for {days} days.",
      "The union of {group} in {city} has called a strike of {days} days in {month}.",
      "{city} faces a strike of {days} days by {group} in {month}.",
    ],
    denies: [
      "{group} in {city} will not strike in {month}.",
      "The union of {group} in {city} has called off the strike in {month}.",
      "There will be no strike by {group} in {city} in {month}.",
    ],
  },
  {
    details: {
      company: COMPANIES,
      count: ["2,000", "5,000", "9,000", "14,000"],
      product: ["heaters", "toasters", "kettles", "lamps", "hair dryers"],
      fault: ["a loose screw", "a faulty switch", "a fire risk", "sharp edges"],
    },
    tells: [
      "{company} recalled {count} {product} because of {fault}.",
      "Because of {fault}, {company} is calling back {count} {product}.",
      "{company} asked its customers to return {count} {product} with {fault}.",
      "Some {count} {product} made by {company} were recalled over {fault}.",
    ],
    denies: [
      "{company} will not recall its {product} because of {fault}.",
      "{company} said its {product} do not have {fault}.",
      "{company} sees no need to recall its {product} over {fault}.",
    ],
  },
];
