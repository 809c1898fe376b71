/**
 * Facts of the table: classes, sizes, oddities.
 *
 * @module
 */
import type { DataSummary } from "../messages.ts";
import { html, nothing, type TemplateResult } from "../ui/html.ts";
import { count, counted } from "../ui/page.ts";

/** Classes with a bar; more are counted. */
const MAX_BARS = 20;
/** Ratio of the largest to the smallest class from which it is mentioned. */
const IMBALANCED = 10;

/**
 * Draws the facts.
 *
 * @param data The data.
 * @param name Name of the table, where that is not shown above.
 * @returns The elements.
 */
export function facts(
  data: DataSummary,
  name: string | undefined,
): TemplateResult {
  const { classes, trainRows, heldOutRows, words } = data;
  const sorted = classes.toSorted((a, b) => b.count - a.count);
  const most = sorted[0]!.count;
  return html`
    <dl class="numbers">
      ${name === undefined
        ? html`
          <div>
            <dt>From the last visit</dt>
          </div>
        `
        : nothing}
      <div><dt>Rows to train</dt><dd>${count(trainRows)}</dd></div>
      <div><dt>Held out</dt><dd>${count(heldOutRows)}</dd></div>
      <div><dt>Classes</dt><dd>${count(classes.length)}</dd></div>
      <div><dt>Words of a text</dt><dd>${count(
        words.median,
      )}<small> median, ${count(words.longest)} at most</small></dd></div>
    </dl>
    ${oddities(data)}
    <h3>Rows of each class</h3>
    <ul class="bars">
      ${sorted.slice(0, MAX_BARS).map(({ name, count: rows }) =>
        html`
          <li>
            <span class="name" title=${name}>${name}</span>
            <span class="bar" .style=${`--share:${
              rows / most
            }`} aria-hidden="true"></span>
            <span class="value">${count(rows)}</span>
          </li>
        `
      )}
    </ul>
    ${sorted.length > MAX_BARS
      ? html`<p class="hint">and ${
        counted(sorted.length - MAX_BARS, "smaller class")
      }</p>`
      : nothing}
  `;
}

function oddities(data: DataSummary): TemplateResult | typeof nothing {
  const { withoutText, withoutLabel, duplicates, contradictions } = data;
  const { undrawn, trainRows, heldOutRows } = data;
  const counts = data.classes.map(({ count }) => count);
  const [most, fewest] = [Math.max(...counts), Math.min(...counts)];
  const found = [
    withoutText > 0 &&
    `${counted(withoutText, "row")} without a text: left out.`,
    withoutLabel > 0 &&
    `${counted(withoutLabel, "row")} without a class: left out.`,
    undrawn > 0 &&
    `${count(trainRows + heldOutRows)} of ${
      counted(trainRows + heldOutRows + undrawn, "row")
    } are used, drawn by chance: more would take hours in a browser, and teach little more.`,
    duplicates > 0 &&
    `${
      counted(duplicates, "row")
    } with the text of another: kept on one side, so that no held-out text was seen in training.`,
    contradictions > 0 &&
    `${
      counted(contradictions, "row")
    } with the text of another and a different class: one of them is wrong.`,
    most > IMBALANCED * fewest &&
    `The largest class has ${
      Math.round(most / fewest)
    } times the rows of the smallest: look at the scores of each class, not at accuracy alone.`,
    fewest < 10 &&
    `The smallest class has ${
      counted(fewest, "row")
    }: little can be learned from so few.`,
  ].filter((text) => text !== false);
  return found.length === 0
    ? nothing
    : html`<ul class="findings">${
      found.map((text) => html`<li>${text}</li>`)
    }</ul>`;
}
