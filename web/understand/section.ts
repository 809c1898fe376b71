/**
 * The fourth section: what the model has learned, and where it errs.
 *
 * @module
 */
import type { ClassScore, Plan, Result, Score } from "../messages.ts";
import { guard, html, type TemplateResult } from "../ui/html.ts";
import { count, type Page, percent, type SectionView } from "../ui/page.ts";
import { confusionMatrix } from "./confusion.ts";
import { rowList } from "./rows.ts";
import { tryBox } from "./try_box.ts";

/**
 * Draws the section.
 *
 * @param page The page.
 * @returns The section.
 */
export function understandSection(page: Page): SectionView {
  const { result, run, cell } = page.state;
  const plan = run?.plan;
  return {
    id: "understand",
    number: 4,
    title: "Understand",
    about: "Try it on texts of your own, and see where it errs.",
    isReady: result !== undefined,
    content: result && plan
      ? html`
        ${tryBox(page, plan)}
        ${guard([plan, result, cell], () => findings(page, result, plan))}
      `
      : html`
        <p
          class="hint">After the training you find here a box to try the model, a table of what it confuses with what, and the rows that it finds hardest.</p>
      `,
  };
}

/** Drawn again when it changes, not for each letter that is typed above. */
function findings(page: Page, result: Result, plan: Plan): TemplateResult {
  return html`
    ${summary(result, plan.baselines)}
    <div class="side">
      <div>${confusionMatrix(page, result, plan.classes)}</div>
      <div>${scores(result.perClass, plan.classes)}</div>
    </div>
    ${rowList(page, result, plan.classes)}
  `;
}

function summary(
  { accuracy, confusion }: Result,
  { majority, words }: { majority: number; words: number },
): TemplateResult {
  const beats = accuracy.value > words
    ? "better than"
    : accuracy.value === words
    ? "as good as"
    : "worse than";
  return html`
    <dl class="numbers">
      <div class="wide">
        <dt>Right, of ${count(
          confusion.flat().reduce((sum, n) => sum + n, 0),
        )} held-out rows</dt>
        <dd>${percent(
          accuracy.value,
        )}<small> with other rows of the same kind between ${percent(
          accuracy.low,
        )} and ${percent(accuracy.high)}</small></dd>
      </div>
      <div>
        <dt>A simple model of words</dt>
        <dd>${percent(words)}</dd>
      </div>
      <div>
        <dt>The most frequent class</dt>
        <dd>${percent(majority)}</dd>
      </div>
    </dl>
    <p>On these rows it is ${beats} a simple model that counts words${accuracy
        .value > words
      ? ""
      : ": for such texts that one may be all you need, or more rows and another model would help"}.</p>
  `;
}

function scores(
  perClass: readonly ClassScore[],
  classes: readonly string[],
): TemplateResult {
  return html`
    <h3>Each class</h3>
    <div class="scroll" tabindex="0" role="region"
      aria-label="Scores of each class">
      <table class="scores">
        <thead>
          <tr>
            <th scope="col">Class</th>
            <th scope="col"
              title="Share of the rows that it calls so that are so">Precision</th>
            <th scope="col" title="Share of its rows that it finds">Recall</th>
            <th scope="col" title="Mean of precision and recall">F1</th>
            <th scope="col">Rows</th>
          </tr>
        </thead>
        <tbody>${perClass.map(({ precision, recall, f1, support }, i) =>
          html`
            <tr>
              <th scope="row">${classes[i]}</th>
              ${[precision, recall, f1].map(scoreCell)}
              <td>${count(support)}</td>
            </tr>
          `
        )}</tbody>
      </table>
    </div>
    <p
      class="hint">Precision: of the rows that it calls so, the share that are. Recall: of those that are, the share that it finds. F1 is the mean of both. Small figures: with other rows of the same kind, 95 times of 100 between these.</p>
  `;
}

function scoreCell({ value, low, high }: Score): TemplateResult {
  return html`<td>${percent(value)}<small>${(100 * low).toFixed(0)}–${
    (100 * high).toFixed(0)
  }</small></td>`;
}
