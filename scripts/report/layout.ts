/**
 * Parts of which a page consists: sections, figures, tables.
 *
 * @module
 */
import { type Html, html, type HtmlValue } from "./html.ts";

/** A section of a page, which its navigation links. */
export interface Section {
  /** Fragment of its address. */
  readonly id: string;
  /** Heading. */
  readonly title: string;
  /** Content. */
  readonly content: Html;
}

/** A chart with its words. */
export interface Figure {
  /** Heading. */
  readonly title: string;
  /** The chart. */
  readonly chart: Html;
  /** A few words on what to look for. */
  readonly caption: HtmlValue;
  /** The numbers of the chart, for a table that opens on demand. */
  readonly numbers?: Table;
}

/** A table. */
export interface Table {
  /** Its name. */
  readonly caption: string;
  /** Heading of each column. */
  readonly head: readonly HtmlValue[];
  /** The cells, one per column; the first is the heading of the row. */
  readonly rows: readonly (readonly HtmlValue[])[];
  /** Columns of text; the others have numbers, aligned right. Default: the first. */
  readonly textColumns?: readonly number[];
  /** Whether the caption is for screen readers only, below a heading that says the same. */
  readonly hasHeading?: boolean;
}

/**
 * Makes a figure.
 *
 * @param figure Its parts.
 * @returns Its HTML.
 */
export function figure({ title, chart, caption, numbers }: Figure): Html {
  return html`
    <figure>
    <h3>${title}</h3>
    ${chart}
    <figcaption>${caption}</figcaption>
    ${numbers &&
      html`<details><summary>Numbers<span class="unseen"> of ${title}</span></summary>
${table({ ...numbers, hasHeading: true })}</details>`}</figure>
  `;
}

/**
 * Makes a table, which scrolls in itself where the page is narrower.
 *
 * @param table Its parts.
 * @returns Its HTML.
 */
export function table(
  { caption, head, rows, textColumns = [0], hasHeading = false }: Table,
): Html {
  const kind = (column: number) =>
    textColumns.includes(column) ? undefined : html`
      class="n"
    `;
  return html`
    <div class="scroll" tabindex="0" role="region" aria-label="${caption}">
      <table>
        <caption${hasHeading
          ? html`
            class="unseen"
          `
          : undefined}>${caption}</caption>
    <thead><tr>${head.map((cell, i) =>
      html`
        <th scope="col" ${kind(i)}>${cell}</th>
      `
    )}</tr></thead>
    <tbody>${rows.map((cells) =>
      html`
        <tr>${cells.map((cell, i) =>
          i === 0
            ? html`
              <th scope="row" ${kind(i)}>${cell}</th>
            `
            : html`<td${kind(i)}>${cell}</td>`
        )}</tr>
      `
    )}</tbody>
    </table></div>
  `;
}

/**
 * Makes the page.
 *
 * @param title Its title.
 * @param subtitle A line below it.
 * @param sections Its sections.
 * @param style Its style sheet.
 * @returns The text of the file.
 */
export function page(
  title: string,
  subtitle: HtmlValue,
  sections: readonly Section[],
  style: Html,
): string {
  return html`
    <!DOCTYPE html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src 'unsafe-inline'">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <meta name="generator" content="gradloop">
        <title>${title}</title>
        <style>${style}</style>
      </head>
      <body>
        <a class="skip" href="#${sections[0]!.id}">Skip to the content</a>
        <header>
          <h1 dir="auto">${title}</h1>
          <p class="subtitle">${subtitle}</p>
        </header>
        <nav aria-label="Sections">
          <ul>${sections.map(({ id, title }) =>
            html`<li><a href="#${id}">${title}</a></li>`
          )}</ul>
        </nav>
        <main>
    ${sections.map(({ id, title, content }) =>
      html`
        <section id="${id}" aria-labelledby="${id}-title">
        <h2 id="${id}-title">${title}</h2>
        ${content}</section>
      `
    )}</main>
        <footer>
          <p>Made by gradloop. This page needs no network and runs no script.</p>
        </footer>
      </body>
    </html>
  `.text.trimStart();
}
