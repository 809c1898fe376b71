/**
 * Makes `intents.tsv`, the sample of the page: requests to a household, with what
 * each is about. All of it was written for this project; the table is in the public
 * domain (CC0 1.0).
 *
 *     deno run --allow-write=web/samples web/samples/make_intents.ts
 *
 * @module
 */
import { Random } from "../../mod.ts";

/** Rows of each intent. */
const ROWS = 60;

const TIMES = "six|seven|half past six|eight|noon|ten|five";
const DAYS = "tomorrow|today|on Sunday|on Monday|on Friday|this week";
const ROOMS = "kitchen|hall|office|garden|bedroom|living room|bathroom";
const THINGS = "milk|eggs|bread|butter|coffee|salt|apples|rice|soap|tea";
const MUSIC = "jazz|piano music|old songs|a waltz|folk music|the radio|drums";
const PLACES = "station|airport|city|harbour|lake|museum|hospital";
const VEHICLES = "bus|train|ferry|tram|plane";

/** Sentences of each intent; of `{a|b}` one is taken. */
const PATTERNS: Readonly<Record<string, readonly string[]>> = {
  alarm: [
    `{Wake me|Wake us|Get me up} at {${TIMES}} {${DAYS}}`,
    `{Set|Start} {a timer|the timer} for {ten|five|twenty} minutes`,
    `Set {an alarm|the alarm} for {${TIMES}}`,
    `{Cancel|Stop|Move} the alarm {${DAYS}}`,
    `{Remind me|Tell me} {at|before} {${TIMES}} to {call|leave|eat|cook}`,
    `How much time is left on the {timer|alarm}?`,
    `When will you wake {me|us} {${DAYS}}?`,
    `Let me sleep until {${TIMES}} {${DAYS}}`,
  ],
  lights: [
    `{Turn|Switch} {on|off} the {light|lamp|lights} in the {${ROOMS}}`,
    `{Lights|All lights|Lamps} {on|off}{, please|} in the {${ROOMS}}`,
    `Make {it|the {${ROOMS}}} {darker|brighter|less bright}`,
    `Is the {light|lamp} in the {${ROOMS}} still on?`,
    `It is too {dark|bright} in the {${ROOMS}}`,
    `Set the {light|lamp} to {red|blue|white|half}`,
    `Turn {down|up} the {lamp|light} in the {${ROOMS}} at {${TIMES}}`,
    `{Good night|We are going out}, make it dark`,
  ],
  music: [
    `{Play|Put on} {some|more|} {${MUSIC}}`,
    `{Play|Start} {${MUSIC}} in the {${ROOMS}}`,
    `{Turn|Switch} {on|off} the {music|radio|song}`,
    `Turn {up|down} the {music|song|sound} in the {${ROOMS}}`,
    `{Who|Which band} {sings|plays} this {song|music}?`,
    `{Next|Stop this|Repeat this|Skip this} song{, please|}`,
    `I want to {hear|listen to} {${MUSIC}} {now|until {${TIMES}}}`,
    `What is this {song|album} called?`,
  ],
  shopping: [
    `Add {${THINGS}} {to the list|and {${THINGS}} to the list}`,
    `{We need|Buy|Order} {more|some} {${THINGS}} {${DAYS}}`,
    `{We are out of|There is no more} {${THINGS}}`,
    `{Take|Strike} {${THINGS}} off the {list|shopping list}`,
    `What {do we|do I} have to buy {${DAYS}}?`,
    `{Is there|Do we have} {any|some} {${THINGS}} on the list?`,
    `Read me the {list|shopping list}{, please|}`,
    `Write {${THINGS}} {and {${THINGS}}|} on the shopping list`,
  ],
  travel: [
    `When does the {next|last|first} {${VEHICLES}} {leave|go} {${DAYS}}?`,
    `How do {I|we} get to the {${PLACES}}{ {${DAYS}}|}?`,
    `Will the {${VEHICLES}} to the {${PLACES}} be {on time|late|full}?`,
    `{Find|Book} {a seat|two seats} on the {${VEHICLES}} at {${TIMES}}`,
    `How far is it {from here|} to the {${PLACES}}?`,
    `{Call|Order} a taxi to the {${PLACES}} {at|for} {${TIMES}}`,
    `Where does the {${VEHICLES}} to the {${PLACES}} stop?`,
    `Take me to the {${PLACES}} {by {${VEHICLES}}|before {${TIMES}}}`,
  ],
  weather: [
    `{Will|Can} it {rain|snow|be windy|be sunny} {${DAYS}}?`,
    `How {warm|cold|hot|wet} will it be {${DAYS}}?`,
    `What will the weather be like {${DAYS}}?`,
    `Do I need {a coat|a hat|an umbrella} {${DAYS}}?`,
    `Is it {raining|snowing|cold|sunny} {in the garden|at the lake|outside}?`,
    `When {will the rain stop|does the sun set} {${DAYS}}?`,
    `Is there {snow|rain|sun|wind} at the {${PLACES}} {${DAYS}}?`,
    `What is the weather {${DAYS}} at the {${PLACES}}?`,
  ],
};

/**
 * Makes the table.
 *
 * @returns Its text: a header, and the rows in random order, each once.
 */
export function makeIntents(): string {
  const random = new Random(42);
  const rows = Object.entries(PATTERNS).flatMap(([intent, patterns]) => {
    const texts = new Set<string>();
    for (let i = 0; texts.size < ROWS; i++) {
      texts.add(write(patterns[i % patterns.length]!, random));
    }
    return [...texts].map((text) => `${text}\t${intent}\n`);
  });
  const order = Array.from(random.permutation(rows.length));
  return `text\tintent\n${order.map((i) => rows[i]).join("")}`;
}

/** Takes one of each choice, the inner ones first. */
function write(pattern: string, random: Random): string {
  const CHOICE = /\{([^{}]*)\}/;
  let text = pattern;
  for (let found; (found = CHOICE.exec(text));) {
    const list = found[1]!.split("|");
    const chosen = list[random.permutation(list.length)[0]!]!;
    text = text.replace(found[0], () => chosen);
  }
  return text.replaceAll(/\s+/g, " ").trim();
}

if (import.meta.main) {
  await Deno.writeTextFile(
    new URL("intents.tsv", import.meta.url),
    makeIntents(),
  );
}
