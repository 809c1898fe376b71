/**
 * The confusion matrix: a cell shows its rows.
 *
 * @module
 */
/// <reference lib="dom" />
import type { Result } from "../messages.ts";
import { html, type TemplateResult } from "../ui/html.ts";
import { count, type Page } from "../ui/page.ts";

/**
 * Draws the matrix. Its cells are one stop for the tab key, and arrow keys move
 * between them.
 *
 * @param page The page.
 * @param result The scores.
 * @param classes Names of the classes.
 * @returns The table.
 */
export function confusionMatrix(
  page: Page,
  { confusion }: Result,
  classes: readonly string[],
): TemplateResult {
  const { cell: chosen } = page.state;
  const totals = confusion.map((row) => row.reduce((a, b) => a + b, 0));
  const cell = (n: number, actual: number, predicted: number) => {
    const isChosen = chosen?.actual === actual &&
      chosen.predicted === predicted;
    const isStop = isChosen ||
      (chosen === undefined && actual === 0 && predicted === 0);
    const kind = n === 0 ? "none" : actual === predicted ? "right" : "wrong";
    const share = n === 0 ? 0 : 0.12 + 0.7 * n / totals[actual]!;
    return html`
      <td>
        <button
          class=${kind}
          aria-pressed=${isChosen}
          tabindex=${isStop ? 0 : -1}
          .style=${`--share:${share}`}
          aria-label="${classes[actual]}, taken for ${classes[
            predicted
          ]}: ${count(n)}"
          @click=${() =>
            page.act({
              type: "show",
              cell: isChosen ? undefined : { actual, predicted },
            })}
        >${count(n)}</button>
      </td>
    `;
  };
  return html`
    <h3>What is taken for what</h3>
    <div class="scroll">
      <table class="confusion" @keydown=${moveFocus}>
        <caption
          class="unseen">Held-out rows of each class, by the class that the model predicts; a cell shows its rows</caption>
        <thead>
          <tr>
          <th scope="col">is ↓ predicted →</th>
          ${classes.map((name) =>
            html`<th scope="col"><span>${name}</span></th>`
          )}
        </tr>
        </thead>
        <tbody>${confusion.map((row, actual) =>
          html`<tr><th scope="row">${classes[actual]}</th>${
            row.map((n, predicted) => cell(n, actual, predicted))
          }</tr>`
        )}</tbody>
      </table>
    </div>
    <p class="hint">Choose a cell to see its rows.</p>
  `;
}

const MOVES: Readonly<Record<string, readonly [number, number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

function moveFocus(event: KeyboardEvent): void {
  const move = MOVES[event.key];
  const cell = (event.target as Element).closest("td");
  const row = cell?.closest("tr");
  if (!move || !cell || !row) return;
  event.preventDefault();
  const rows = [...row.parentElement!.children];
  const target = rows[rows.indexOf(row) + move[0]]?.children[
    [...row.children].indexOf(cell) + move[1]
  ];
  target?.querySelector("button")?.focus();
}
