/**
 * The whole page.
 *
 * @module
 */
import type { Section } from "./messages.ts";
import { dataSection } from "./data/section.ts";
import { modelSection } from "./model/section.ts";
import { isActive, type State } from "./state.ts";
import { takeAwaySection } from "./take_away/section.ts";
import { trainSection } from "./train/section.ts";
import { html, nothing, type TemplateResult } from "./ui/html.ts";
import {
  ANCHORS,
  type Page,
  percent,
  sectionOf,
  type SectionView,
} from "./ui/page.ts";
import { understandSection } from "./understand/section.ts";

/**
 * Draws the page.
 *
 * @param page The page.
 * @returns Its content.
 */
export function view(page: Page): TemplateResult {
  const { state } = page;
  const sections = [
    dataSection(page),
    modelSection(page),
    trainSection(page),
    understandSection(page),
    takeAwaySection(page),
  ];
  return html`
    <a class="skip" href="#data">To the first step</a>
    <header class="top">
      <p class="brand">gradloop</p>
      <h1>Teach a text classifier</h1>
      <p
        class="lead">Give it a table of texts and their classes, watch a language model, a real BERT, learn them on your own machine, see where it errs, and take it away. <strong>Nothing that you put in leaves this browser.</strong></p>
    </header>
    <div class="frame">
      ${navigation(sections, state)}
      <main>
        ${savedBox(page)}
        ${state.otherTab
          ? html`
            <div class="note">
              <p>Another tab of this page is open. A training in this one works, but is not kept for a reload.</p>
            </div>
          `
          : nothing}
        ${sections.map((section) =>
          sectionOf(section, state.problems[section.id])
        )}
      </main>
    </div>
    <footer>
      <p>Made with gradloop: fine-tuning in TypeScript, on WebGPU. The page stores the last training in this browser, and sends nothing anywhere; a model of the Hub is fetched only if you ask for it.</p>
    </footer>
    <div class="unseen" role="status">${state.announcement}</div>
  `;
}

function navigation(
  sections: readonly SectionView[],
  state: State,
): TemplateResult {
  return html`
    <nav aria-label="Steps">
      <ol>${sections.map(({ id, number, title, isReady }) => {
        const done = isDone(id, state);
        return html`
          <li class=${done ? "done" : isReady ? "" : "later"}>
            <a href="#${ANCHORS[id]}">
              <span class="number" aria-hidden="true">${done
                ? "✓"
                : number}</span>
              <span>${title}<span class="unseen">${done
                ? ", done"
                : ""}</span></span>
            </a>
          </li>
        `;
      })}</ol>
    </nav>
  `;
}

function isDone(section: Section, state: State): boolean {
  switch (section) {
    case "data":
      return state.data !== undefined;
    case "model":
      return state.model !== undefined;
    case "train":
      return state.run?.phase === "finished";
    case "understand":
      return false;
    case "takeAway":
      return state.archive !== undefined;
  }
}

/** Offers to go on with the training of the last visit. */
function savedBox(page: Page): TemplateResult | typeof nothing {
  const { saved, run } = page.state;
  if (!saved || isActive(run)) return nothing;
  const { table, step, totalSteps, accuracy, isFinished, savedAt } = saved;
  const time = new Date(savedAt).toLocaleString([], {
    dateStyle: "medium",
    timeStyle: "short",
  });
  const goOn = () => {
    page.act({ type: "restoring" });
    page.send({ type: "restore" });
  };
  return html`
    <section class="note" aria-labelledby="saved-title">
      <h2 id="saved-title">${isFinished
        ? "Your trained model is still here"
        : "A training was interrupted"}</h2>
      <p>${table}, step ${step} of ${totalSteps}, ${percent(
        accuracy,
      )} of the held-out rows right; kept on ${time}. ${isFinished
        ? ""
        : "It goes on with the same numbers as if nothing had happened."}</p>
      <div class="row">
        <button class="primary" @click=${goOn}>${isFinished
          ? "Open it"
          : "Go on"}</button>
        <button @click=${() =>
          page.send({ type: "discard" })}>Forget it</button>
      </div>
    </section>
  `;
}
