/**
 * The last section: the model as files.
 *
 * @module
 */
/// <reference lib="dom" />
import { html, nothing, type TemplateResult } from "../ui/html.ts";
import { megabytes, type Page, type SectionView } from "../ui/page.ts";
import { javaScript, python } from "./snippets.ts";

/**
 * Draws the section.
 *
 * @param page The page.
 * @returns The section.
 */
export function takeAwaySection(page: Page): SectionView {
  const { result, archive, busy, run } = page.state;
  const pack = () => {
    page.act({ type: "opening", section: "takeAway" });
    page.send({ type: "pack" });
  };
  const plan = run?.plan;
  return {
    id: "takeAway",
    number: 5,
    title: "Take away",
    about:
      "One zip: the model for Python and for JavaScript, and a report of how it was made.",
    isReady: result !== undefined,
    content: result && plan
      ? html`
        <div class="row">
          <button class="primary" ?disabled=${busy ===
            "takeAway"} @click=${pack}>Download the model</button>
          ${busy === "takeAway" ? html`<p class="busy">Packing…</p>` : nothing}
        </div>
        ${archive
          ? html`
            <ul class="files">${archive.map(({ name, bytes }) =>
              html`<li><code>${name}</code> <span class="hint">${
                ABOUT[name] ?? ""
              } ${megabytes(bytes)}</span></li>`
            )}</ul>
          `
          : nothing}
        <div class="snippets">
          ${snippet("Python", python(plan))}
          ${snippet("JavaScript", javaScript(plan))}
        </div>
      `
      : html`
        <p
          class="hint">After the training you can download the model: files for transformers, ONNX for any runtime, and a report.</p>
      `,
  };
}

const ABOUT: Readonly<Record<string, string>> = {
  "model/model.safetensors": "the weights,",
  "model/onnx/model.onnx": "ONNX, full precision,",
  "model/onnx/model_quantized.onnx": "ONNX, 8 bits, for browsers and phones,",
  "model/report.html": "scores, curves and rows, to read without a network,",
  "model/README.md": "the model card,",
  "classify.py": "the Python below,",
  "classify.mjs": "the JavaScript below,",
};

function snippet(name: string, code: string): TemplateResult {
  const copy = async ({ currentTarget }: Event) => {
    const button = currentTarget as HTMLButtonElement;
    await navigator.clipboard.writeText(code);
    button.textContent = "Copied";
    setTimeout(() => button.textContent = "Copy", 2000);
  };
  return html`
    <figure>
      <figcaption>${name}<button class="link" aria-label="Copy the ${name} code" @click=${copy}>Copy</button></figcaption>
      <pre tabindex="0"><code>${code}</code></pre>
    </figure>
  `;
}
