/**
 * The third section: the training.
 *
 * @module
 */
import type { Plan, Settings } from "../messages.ts";
import { canStart, isActive, type Run } from "../state.ts";
import { guard, html, nothing, type TemplateResult } from "../ui/html.ts";
import {
  count,
  counted,
  duration,
  type Page,
  percent,
  type SectionView,
} from "../ui/page.ts";
import { curves } from "./curves.ts";

/** Names, bounds and words of the settings. */
const FIELDS: readonly {
  readonly key: keyof Settings;
  readonly name: string;
  readonly hint: string;
  readonly min: number;
  readonly max: number;
  readonly step: string;
}[] = [
  {
    key: "epochs",
    name: "Epochs",
    hint: "passes over the rows",
    ...{ min: 1, max: 100, step: "1" },
  },
  {
    key: "learningRate",
    name: "Learning rate",
    hint: "size of a step; too large and it diverges",
    ...{ min: 1e-6, max: 1e-2, step: "any" },
  },
  {
    key: "batchSize",
    name: "Batch size",
    hint: "rows of a step; fewer need less memory",
    ...{ min: 1, max: 128, step: "1" },
  },
];

/**
 * Draws the section.
 *
 * @param page The page.
 * @returns The section.
 */
export function trainSection(page: Page): SectionView {
  const { run, settings } = page.state;
  return {
    id: "train",
    number: 3,
    title: "Train",
    about:
      "The model guesses, is told the right class, and changes a little: again and again. On rows that it never sees in training you watch whether it learns.",
    isReady: settings !== undefined || run !== undefined,
    content: html`
      ${isActive(run) ? nothing : startForm(page)}
      ${run ? course(page, run) : nothing}
    `,
  };
}

function startForm(page: Page): TemplateResult {
  const { settings, run, device, hasNoDevice } = page.state;
  const isReady = canStart(page.state);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (!isReady) return;
    page.act({ type: "starting" });
    page.send({ type: "start", settings: settings! });
  };
  return html`
    <form class="start" @submit=${submit}>
      <button class="primary" ?disabled=${!isReady}>${run
        ? "Train again"
        : "Train"}</button>
      ${device
        ? html`<p class="hint">${
          device.isSoftware
            ? `on the processor: it works, and it is slow (${
              device.description.split(":")[0]
            })`
            : `on ${device.description}`
        }</p>`
        : hasNoDevice
        ? html`<p class="hint">needs WebGPU, which this browser does not offer</p>`
        : nothing}
      ${settings ? more(page, settings) : nothing}
    </form>
  `;
}

function more(page: Page, settings: Settings): TemplateResult {
  return html`
    <details class="more">
      <summary>More settings</summary>
      <div class="columns">${FIELDS.map(({ key, name, hint, ...bounds }) =>
        html`
          <label>${name}
            <input
              type="number"
              name=${key}
              required
              min=${bounds.min}
              max=${bounds.max}
              step=${bounds.step}
              .value=${`${settings[key]}`}
              @change=${({ target }: Event) => {
                const { valueAsNumber, validity } = target as HTMLInputElement;
                if (!validity.valid) return;
                page.act({
                  type: "set",
                  settings: { ...settings, [key]: valueAsNumber },
                });
              }}
            >
            <small>${hint}</small>
          </label>
        `
      )}</div>
    </details>
  `;
}

function course(page: Page, run: Run): TemplateResult {
  const { plan, steps, evaluations, phase } = run;
  if (!plan) {
    return phase === "failed"
      ? html``
      : html`<p class="busy">The model and the rows are being prepared…</p>`;
  }
  const step = steps.at(-1)?.step ?? 0;
  const last = evaluations.at(-1);
  return html`
    <div class="course">
      <progress
        aria-label="Steps of the training"
        max=${plan.totalSteps}
        .value=${step}
      ></progress>
      <p class="state">
        <strong>${PHASES[phase]}</strong>
        <span>step ${count(step)} of ${count(plan.totalSteps)}</span>
        ${phase === "running" && step > 0 &&
            Number.isFinite(run.secondsLeft)
          ? html`<span>${duration(run.secondsLeft!)} left</span>`
          : nothing}
        ${last
          ? html`<span>${
            percent(last.accuracy)
          } of the held-out rows right</span>`
          : nothing}
      </p>
      ${buttons(page, run)}
    </div>
    ${guard([run], () => curves(run))}
    ${firstBatch(plan)}
  `;
}

const PHASES: Readonly<Record<Run["phase"], string>> = {
  preparing: "Preparing",
  running: "Training",
  paused: "Paused",
  stopping: "Ending",
  finished: "Trained",
  failed: "Ended by an error",
};

function buttons(page: Page, { phase }: Run): TemplateResult | typeof nothing {
  if (phase !== "running" && phase !== "paused") return nothing;
  const stop = () => {
    page.act({ type: "stopping" });
    page.send({ type: "stop" });
  };
  return html`
    <div class="row">
      ${phase === "running"
        ? html`<button @click=${() =>
          page.send({ type: "pause" })}>Pause</button>`
        : html`<button @click=${() =>
          page.send({ type: "resume" })}>Go on</button>`}
      <button @click=${stop}>Stop here</button>
    </div>
  `;
}

function firstBatch(plan: Plan): TemplateResult {
  const { batch, truncated, maxLength } = plan;
  return html`
    <details class="more">
      <summary>The first batch, as the model reads it</summary>
      <p>Words that are not among its pieces are put together from several; <code>##</code> marks those that go on. ${truncated >
          0
        ? `${
          counted(truncated, "row")
        } to train are longer than ${maxLength} pieces and cut there.`
        : ""}</p>
      <ol class="batch">${batch.map(({ tokens, label }) =>
        html`
          <li>
            <span class="tag">${label}</span>
            <span class="tokens">${tokens.map(({ text, isSpecial }) =>
              html`<span class=${
                isSpecial ? "token special" : "token"
              }>${text}</span>`
            )}</span>
          </li>
        `
      )}</ol>
    </details>
  `;
}
