/**
 * The second section: the model that is fine-tuned.
 *
 * @module
 */
import type { ModelSource } from "../messages.ts";
import { isActive } from "../state.ts";
import { html, nothing, type TemplateResult } from "../ui/html.ts";
import {
  count,
  counted,
  megabytes,
  type Page,
  type SectionView,
} from "../ui/page.ts";

/** Models of the Hub that are known to fit. */
const SUGGESTIONS = [
  "distilbert/distilbert-base-uncased",
  "google-bert/bert-base-uncased",
  "google-bert/bert-base-multilingual-cased",
];

/**
 * Draws the section.
 *
 * @param page The page.
 * @returns The section.
 */
export function modelSection(page: Page): SectionView {
  const { model, busy, download, data } = page.state;
  return {
    id: "model",
    number: 2,
    title: "Model",
    about:
      "A language model that has read a lot of text already. Your data teaches it the rest.",
    isReady: data !== undefined || model !== undefined,
    content: html`
      ${model
        ? html`
          <dl class="numbers">
            <div class="wide">
              <dt>Model</dt>
              <dd class="name">${model.name}</dd>
            </div>
            <div>
              <dt>Parameters</dt>
              <dd>${millions(model.parameters)}</dd>
            </div>
            <div>
              <dt>Layers</dt>
              <dd>${count(model.layers)}<small> of width ${count(
                model.hiddenSize,
              )}</small></dd>
            </div>
          </dl>
        `
        : nothing}
      ${busy === "model" ? progress(download) : nothing}
      ${model
        ? html`
          <details class="more"><summary>Use another model</summary>${chooser(
            page,
          )}</details>
        `
        : chooser(page)}
    `,
  };
}

/**
 * Opens a model.
 *
 * @param page The page.
 * @param source Its place.
 */
export function openModel(page: Page, source: ModelSource): void {
  if (isActive(page.state.run)) {
    return page.act({ type: "occupied", section: "model" });
  }
  page.act({ type: "opening", section: "model" });
  page.send({ type: "openModel", source });
}

function chooser(page: Page): TemplateResult {
  const { run, busy } = page.state;
  const isDisabled = isActive(run) || busy === "model";
  const fetchModel = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    openModel(page, { kind: "hub", name: `${form.get("name")}` });
  };
  return html`
    <div class="models">
      <div>
        <h3>The model of this page</h3>
        <p>Small, English, and part of the page: it trains in a minute or two on most machines.</p>
        <button ?disabled=${isDisabled} @click=${() =>
          openModel(page, { kind: "embedded" })}>Use it</button>
      </div>
      <div>
        <h3>A folder on your disk</h3>
        <p>With config.json, tokenizer.json and model.safetensors, as transformers saves it. Or drop these files here.</p>
        <label class="button" ?data-disabled=${isDisabled}>Choose a folder
          <input type="file" class="unseen" webkitdirectory multiple ?disabled=${isDisabled} @change=${(
            { target }: Event,
          ) => {
            const input = target as HTMLInputElement;
            const files = [...input.files ?? []];
            input.value = "";
            if (files.length > 0) openModel(page, { kind: "folder", files });
          }}>
        </label>
      </div>
      <form @submit=${fetchModel}>
        <h3>A model of the Hugging Face Hub</h3>
        <p>Your browser fetches its files from huggingface.co, once, and keeps them. This is the only use of the network: your data stays here.</p>
        <div class="row">
          <label class="unseen" for="hub-name">Name of the model</label>
          <input id="hub-name" name="name" list="hub-names" required
            spellcheck="false" autocapitalize="off" autocomplete="off"
            placeholder="owner/name" ?disabled=${isDisabled}>
          <datalist id="hub-names">${SUGGESTIONS.map((name) =>
            html`<option value=${name}></option>`
          )}</datalist>
          <button ?disabled=${isDisabled}>Fetch</button>
        </div>
      </form>
    </div>
  `;
}

function progress(
  download: Page["state"]["download"],
): TemplateResult {
  if (!download) return html`<p class="busy">Opening the model…</p>`;
  const { label, loaded, total } = download;
  return html`
    <div class="busy">
      <label>${label}: ${megabytes(loaded)}${total > 0
        ? ` of ${megabytes(total)}`
        : ""}
        ${total > 0
          ? html`<progress max=${total} .value=${loaded}></progress>`
          : html`<progress></progress>`}
      </label>
    </div>
  `;
}

/** Parameters in millions. */
function millions(parameters: number): string {
  return parameters < 1e5
    ? counted(parameters, "parameter")
    : `${(parameters / 1e6).toFixed(parameters < 1e7 ? 1 : 0)} million`;
}
