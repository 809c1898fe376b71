/**
 * The box that answers as one types.
 *
 * @module
 */
/// <reference lib="dom" />
import type { Plan, WordWeight } from "../messages.ts";
import { html, nothing, type TemplateResult } from "../ui/html.ts";
import { type Page, percent } from "../ui/page.ts";

/** Classes that are listed. */
const LISTED = 8;

/**
 * Draws the box.
 *
 * @param page The page.
 * @param plan The training.
 * @returns The elements.
 */
export function tryBox(page: Page, plan: Plan): TemplateResult {
  const { trial } = page.state;
  const { probabilities, explanation } = trial;
  const type = (part: number) => ({ target }: Event) => {
    const { value } = target as HTMLTextAreaElement;
    const texts = trial.texts.map((text, i) => i === part ? value : text);
    page.act({ type: "typed", texts });
  };
  const box = (part: number, label: string) =>
    html`
      <label>${label}
        <textarea
          rows="2"
          .value=${trial.texts[part]!}
          @input=${type(part)}
          placeholder="Type something…"
        ></textarea>
      </label>
    `;
  const best = probabilities?.[0];
  return html`
    <div class="try">
      <div>
        <h3>Try it</h3>
        ${box(0, plan.isPair ? "First text" : "A text of yours")}
        ${plan.isPair ? box(1, "Second text") : nothing}
        ${best
          ? html`<button @click=${() =>
            page.send({
              type: "explain",
              id: trial.id,
              texts: textsOf(page),
              label: best.label,
            })}>Which words does it lean on?</button>`
          : nothing}
      </div>
      <div>
        <div class="answer" role="status" aria-atomic="true">
          ${best
            ? html`<p class="best">${plan.classes[best.label]} <span>${
              percent(best.probability)
            }</span></p>`
            : html`<p class="hint">The answer appears here.</p>`}
        </div>
        ${probabilities
          ? html`<ul class="bars">${
            probabilities.slice(0, LISTED).map(({ label, probability }) =>
              html`
                <li>
                  <span class="name">${plan.classes[label]}</span>
                  <span class="bar" .style=${`--share:${probability}`} aria-hidden="true"></span>
                  <span class="value">${percent(probability, 1)}</span>
                </li>
              `
            )
          }</ul>`
          : nothing}
      </div>
      ${explanation
        ? leaning(explanation.words, plan.classes[explanation.label]!)
        : nothing}
    </div>
  `;
}

/**
 * The texts that were typed: one, or a pair.
 *
 * @param page The page.
 * @returns The texts.
 */
export function textsOf({ state }: Pick<Page, "state">): readonly string[] {
  const { trial, run } = state;
  return run?.plan?.isPair ? trial.texts : trial.texts.slice(0, 1);
}

function leaning(
  words: readonly WordWeight[],
  label: string,
): TemplateResult {
  const parts = [0, 1].map((part) => words.filter((word) => word.part === part))
    .filter(({ length }) => length > 0);
  return html`
    <div class="leaning" role="status">
      ${parts.map((part) =>
        html`<p>${
          part.map(({ text, weight }) =>
            html`
              <span
                class=${weight < 0 ? "against" : "for"}
                .style=${`--share:${Math.abs(weight)}`}
                title=${`${weight < 0 ? "against" : "for"} ${label}: ${
                  percent(Math.abs(weight))
                } of the strongest`}
              >${text}</span>
            `
          )
        }</p>`
      )}
      <p class="hint"><span class="for" .style=${"--share:0.8"}>Blue</span> words speak for ${label}, <span class="against" .style=${"--share:0.8"}>orange</span> ones against it; the stronger the colour, the more. (Gradient × input: a first approximation of what the model does.)</p>
    </div>
  `;
}
