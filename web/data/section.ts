/**
 * The first section: a table, its columns, and its rows.
 *
 * @module
 */
import type { DataChoice, TableSource, TableSummary } from "../messages.ts";
import { isActive, isComplete } from "../state.ts";
import { html, nothing, type TemplateResult } from "../ui/html.ts";
import { counted, type Page, percent, type SectionView } from "../ui/page.ts";
import { facts } from "./facts.ts";

/** Shares that can be held out. */
const SHARES = [0.1, 0.2, 0.3];

/**
 * Draws the section.
 *
 * @param page The page.
 * @returns The section.
 */
export function dataSection(page: Page): SectionView {
  const { table, data, busy } = page.state;
  const isOpen = table !== undefined || data !== undefined;
  return {
    id: "data",
    number: 1,
    title: "Data",
    about:
      "A table with a text and a class in each row: reviews and their stars, messages and their topics.",
    isReady: true,
    content: html`
      ${isOpen
        ? html`
          <details class="more">
            <summary>Use another table</summary>
            ${chooser(page)}
          </details>
        `
        : chooser(page)}
      ${busy === "data"
        ? html`<p class="busy">Reading the table…</p>`
        : nothing}
      ${table ? columns(page, table) : nothing}
      ${data ? facts(data, table?.name) : nothing}
    `,
  };
}

function open(page: Page, source: TableSource): void {
  if (isActive(page.state.run)) {
    return page.act({ type: "occupied", section: "data" });
  }
  page.act({ type: "opening", section: "data" });
  page.send({ type: "openTable", source });
}

/**
 * Opens a file that was dropped or chosen.
 *
 * @param page The page.
 * @param file The file.
 */
export function openFile(page: Page, file: File | undefined): void {
  if (file) open(page, { kind: "file", file });
}

/**
 * Opens a table that was pasted.
 *
 * @param page The page.
 * @param text The text of the clipboard.
 */
export function openText(page: Page, text: string): void {
  if (text.trim() !== "") open(page, { kind: "text", text });
}

function chooser(page: Page): TemplateResult {
  const isDisabled = isActive(page.state.run);
  const paste = (event: ClipboardEvent) => {
    event.preventDefault();
    openText(page, event.clipboardData?.getData("text/plain") ?? "");
  };
  return html`
    <div class="choices">
      <div class="drop">
        <label class="button" ?data-disabled=${isDisabled}>
          Choose a file
          <input
            type="file"
            class="unseen"
            accept=".csv,.tsv,.txt,.jsonl,.json,.parquet,.arrow"
            ?disabled=${isDisabled}
            @change=${({ target }: Event) => {
              const input = target as HTMLInputElement;
              openFile(page, input.files?.[0]);
              input.value = "";
            }}
          >
        </label>
        <p>or drop it anywhere on this page: CSV, TSV, JSON Lines, Parquet</p>
        <label class="paste">or paste cells of a spreadsheet, with their header
          <textarea rows="1" ?disabled=${isDisabled} @paste=${paste} placeholder="Paste here"></textarea>
        </label>
      </div>
      <div class="samples">
        <p>No data at hand? Take a sample:</p>
        <button ?disabled=${isDisabled} @click=${() =>
          open(page, { kind: "sample", name: "intents" })}>
          <strong>Requests</strong>
          <span>360 requests to a home assistant, in six classes: lights, music, weather…</span>
        </button>
        <button ?disabled=${isDisabled} @click=${() =>
          open(page, { kind: "sample", name: "pairs" })}>
          <strong>Pairs of sentences</strong>
          <span>3,000 pairs from invented news: do both say the same?</span>
        </button>
      </div>
    </div>
  `;
}

function columns(page: Page, table: TableSummary): TemplateResult {
  const { choice, run } = page.state;
  const isDisabled = isActive(run);
  const choose = (changes: Partial<DataChoice>) => {
    const next = { ...choice, ...changes };
    page.act({ type: "choose", choice: next });
    if (isComplete(next)) page.send({ type: "chooseData", choice: next });
  };
  const [first = "", second = ""] = choice.text;
  const names = table.columnNames;
  return html`
    <div class="columns">
      ${select("Text", {
        ...{ names, isDisabled, chosen: first },
        onChange: (name) => choose({ text: [name, second].filter(Boolean) }),
      })}
      ${select("Second text, of a pair", {
        ...{ names, chosen: second, none: "none" },
        isDisabled: isDisabled || first === "",
        onChange: (name) => choose({ text: [first, name].filter(Boolean) }),
      })}
      ${select("Class", {
        ...{ names, isDisabled, chosen: choice.label },
        onChange: (label) => choose({ label }),
      })}
      ${select("Held out to test", {
        ...{ names: SHARES.map(String), isDisabled },
        chosen: `${choice.heldOut}`,
        textOf: (share) => percent(Number(share)),
        onChange: (share) => choose({ heldOut: Number(share) }),
      })}
    </div>
    ${isComplete(choice) ? nothing : html`
      <p class="hint">${names.length === 1
        ? "This table has one column: add one with the class of each text."
        : "Several columns can be meant: choose that of the texts and that of the classes."}</p>
    `}
    <div class="scroll" tabindex="0" role="region"
      aria-label="First rows of the table">
      <table class="preview">
        <caption>${table.name}, ${counted(
          table.rows,
          "row",
        )}; the first:</caption>
        <thead>
          <tr>${table.columnNames.map((name) =>
            html`<th scope="col" class=${roleOf(name, choice)}>${name}</th>`
          )}</tr>
        </thead>
        <tbody>${table.preview.map((row) =>
          html`<tr>${
            row.map((cell, i) =>
              html`<td class=${
                roleOf(table.columnNames[i]!, choice)
              }>${cell}</td>`
            )
          }</tr>`
        )}</tbody>
      </table>
    </div>
  `;
}

function roleOf(name: string, { text, label }: DataChoice): string {
  if (text.includes(name)) return "of-text";
  return label === name ? "of-class" : "";
}

interface SelectOptions {
  readonly names: readonly string[];
  /** The chosen name; empty for none yet. */
  readonly chosen: string;
  readonly isDisabled: boolean;
  /** Text of the entry for no name, where that may be chosen. */
  readonly none?: string;
  readonly textOf?: (name: string) => string;
  readonly onChange: (name: string) => void;
}

function select(label: string, options: SelectOptions): TemplateResult {
  const { names, chosen, isDisabled, none, onChange } = options;
  const { textOf = (name) => name } = options;
  return html`
    <label>${label}
      <select
        ?disabled=${isDisabled}
        .value=${chosen}
        @change=${({ target }: Event) =>
          onChange((target as HTMLSelectElement).value)}
      >
        ${none !== undefined || chosen === ""
          ? html`
            <option value="" ?disabled=${none === undefined}
              ?selected=${chosen === ""}>${none ?? "choose…"}</option>
          `
          : nothing}
        ${names.map((name) =>
          html`<option value=${name} ?selected=${name === chosen}>${
            textOf(name)
          }</option>`
        )}
      </select>
    </label>
  `;
}
