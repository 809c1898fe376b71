/**
 * Rows that were held out: the hardest ones, or those of a cell of the matrix.
 *
 * @module
 */
import { LISTED_ROWS, type Result, type ResultRow } from "../messages.ts";
import { html, nothing, type TemplateResult } from "../ui/html.ts";
import { count, counted, type Page, percent } from "../ui/page.ts";

/**
 * Lists the rows, the greatest loss first.
 *
 * @param page The page.
 * @param result The scores.
 * @param classes Names of the classes.
 * @returns The table.
 */
export function rowList(
  page: Page,
  { rows, confusion }: Result,
  classes: readonly string[],
): TemplateResult {
  const { cell } = page.state;
  const found = cell
    ? rows.filter(({ label, predicted }) =>
      label === cell.actual && predicted === cell.predicted
    )
    : rows;
  const total = cell
    ? confusion[cell.actual]![cell.predicted]!
    : confusion.flat().reduce((sum, n) => sum + n, 0);
  const title = cell
    ? cell.actual === cell.predicted
      ? `Rows of ${classes[cell.actual]} that are found`
      : `Rows of ${classes[cell.actual]} that are taken for ${
        classes[cell.predicted]
      }`
    : "The hardest rows";
  return html`
    <h3 id="rows-title" aria-live="polite">${title}</h3>
    ${cell
      ? html`<p>${counted(total, "row")}. <button class="link" @click=${() =>
        page.act({
          type: "show",
          cell: undefined,
        })}>Show the hardest of all</button></p>`
      : html`<p>Those with the greatest loss: the model finds their class unlikely. A wrong label in your table would be among them.</p>`}
    <ol class="rows" aria-labelledby="rows-title">
      ${found.slice(0, LISTED_ROWS).map((row) => item(row, classes))}
    </ol>
    ${total > LISTED_ROWS
      ? html`<p class="hint">and ${count(total - LISTED_ROWS)} more</p>`
      : nothing}
  `;
}

function item(row: ResultRow, classes: readonly string[]): TemplateResult {
  const { texts, label, predicted, probability } = row;
  const isRight = label === predicted;
  return html`
    <li>
      ${texts.map((text) => html`<p class="text">${text}</p>`)}
      <p class="verdict">
        <span class="tag ${isRight ? "right" : ""}">${classes[label]}</span>
        ${isRight ? html`with ${percent(probability)}` : html`
          taken for <span
            class="tag wrong">${classes[
              predicted
            ]}</span>, its own class has ${percent(
              probability,
              probability < 0.01 ? 2 : 0,
            )}
        `}
        <span class="hint">row ${count(row.row + 1)}</span>
      </p>
    </li>
  `;
}
