/**
 * Style sheet of the reports: light, dark, narrow and on paper.
 *
 * Colours of series: Okabe and Ito 2008, Color Universal Design, made darker or
 * lighter for 3:1 of contrast to the background.
 *
 * @module
 */
import { Html } from "./html.ts";

const LIGHT = `
--page: #ffffff; --panel: #f6f7f9; --text: #1b1f24; --muted: #57606a;
--line: #d8dde3; --grid: #e6e9ed; --axis: #aab2bb; --link: #0b5cad;
--series-1: #0072b2; --series-2: #d55e00; --series-3: #00805c;
--series-4: #a64d84; --series-5: #8a6a00; --series-6: #3d4650;
--good: #00805c; --bad: #b84a00; --cell: 0, 114, 178; --wrong: 213, 94, 0;`;

const DARK = `
--page: #14171b; --panel: #1d2126; --text: #e6e9ec; --muted: #a3adb8;
--line: #343b43; --grid: #2a3037; --axis: #5d6772; --link: #7cc0f5;
--series-1: #56b4e9; --series-2: #f0913a; --series-3: #2bb88f;
--series-4: #d890bb; --series-5: #e3c440; --series-6: #c3ccd5;
--good: #2bb88f; --bad: #f0913a; --cell: 0, 114, 178; --wrong: 184, 82, 0;`;

/** The style sheet. */
export const STYLE: Html = new Html(`
:root { ${LIGHT} }
@media screen and (prefers-color-scheme: dark) { :root { ${DARK} } }
* { box-sizing: border-box; }
html { scroll-padding-top: 3.5rem; -webkit-text-size-adjust: 100%; }
body {
  margin: 0 auto; padding: 0 1.25rem 3rem; max-width: 73rem;
  color: var(--text); background: var(--page);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
  overflow-wrap: anywhere;
}
header { padding: 2.25rem 0 1rem; }
h1, h2, h3 { line-height: 1.25; text-wrap: balance; }
h1 { margin: 0; font-size: 1.9rem; font-weight: 650; letter-spacing: -0.015em; }
h2 {
  margin: 3rem 0 0.75rem; padding-top: 1.25rem; border-top: 1px solid var(--line);
  font-size: 1.35rem; font-weight: 650; letter-spacing: -0.01em;
}
section:first-child h2 { margin-top: 1.25rem; border: 0; padding: 0; }
h3 { margin: 1.75rem 0 0.5rem; font-size: 1.02rem; font-weight: 600; }
p { margin: 0.5rem 0; max-width: 70ch; }
a { color: var(--link); text-underline-offset: 0.15em; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: 3px; }
.subtitle { color: var(--muted); max-width: none; }
.muted { color: var(--muted); }
.unseen {
  position: absolute; width: 1px; height: 1px; overflow: hidden;
  clip-path: inset(50%); white-space: nowrap;
}
.skip { position: absolute; left: -99rem; padding: 0.5rem; background: var(--page); }
.skip:focus { left: 1rem; z-index: 2; }
nav {
  position: sticky; top: 0; z-index: 1; margin: 0 -1.25rem; padding: 0 1.25rem;
  background: var(--page); border-bottom: 1px solid var(--line);
}
nav ul {
  display: flex; gap: 0.25rem 1.4rem; margin: 0; padding: 0.65rem 0;
  list-style: none; overflow-x: auto; font-size: 0.92rem; white-space: nowrap;
}
nav a { color: var(--muted); text-decoration: none; }
nav a:hover { color: var(--text); text-decoration: underline; }
dl.cards {
  display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr));
  gap: 0.75rem; margin: 1rem 0 1.25rem;
}
dl.cards > div { padding: 0.8rem 1rem; background: var(--panel); border-radius: 8px; }
dt { color: var(--muted); font-size: 0.87rem; }
dd { margin: 0; }
dd.value { font-size: 1.7rem; font-weight: 600; line-height: 1.3; letter-spacing: -0.01em; }
dd.note { color: var(--muted); font-size: 0.82rem; line-height: 1.4; }
.value, table { font-variant-numeric: tabular-nums lining-nums; }
ul.findings { margin: 0.75rem 0; padding: 0; list-style: none; max-width: 52rem; }
ul.findings li {
  margin: 0.45rem 0; padding: 0.1rem 0 0.1rem 0.8rem; border-left: 3px solid var(--bad);
}
ul.findings li.good { border-color: var(--good); }
.figures {
  display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 25rem), 1fr));
  gap: 0.5rem 2.5rem;
}
.figures h3, .side h3 { margin-top: 0.75rem; }
.side { display: flex; flex-wrap: wrap; gap: 0.5rem 3.5rem; }
.side > div { flex: 1 1 25rem; min-width: 0; max-width: 100%; }
figure { margin: 0.5rem 0; min-width: 0; max-width: 36rem; break-inside: avoid; }
figure svg { display: block; width: 100%; height: auto; overflow: visible; }
figcaption { margin-top: 0.4rem; color: var(--muted); font-size: 0.9rem; line-height: 1.5; }
figure details { margin-top: 0.35rem; font-size: 0.88rem; }
summary { cursor: pointer; }
figure summary, .more > summary { color: var(--link); width: fit-content; }
.scroll { overflow-x: auto; margin: 0.75rem 0; }
figure .scroll { max-height: 20rem; }
table { border-collapse: collapse; font-size: 0.92rem; line-height: 1.4; }
caption { padding: 0 0 0.4rem; text-align: left; color: var(--muted); }
th, td { padding: 0.32rem 0.7rem; border-bottom: 1px solid var(--line); vertical-align: top; }
th:first-child, td:first-child { padding-left: 0.2rem; }
thead th { border-bottom-color: var(--axis); font-weight: 600; vertical-align: bottom; }
tbody th { font-weight: 400; }
th { text-align: left; }
th.n, td.n { text-align: right; }
td.n { white-space: nowrap; }
.scroll table { overflow-wrap: normal; }
.scroll tbody th { position: sticky; left: 0; background: var(--page); max-width: 22rem; }
th small, td small { display: block; color: var(--muted); font-size: 0.87em; }
td.best { font-weight: 650; }
.bar {
  display: inline-block; width: 3.5rem; height: 0.5rem; margin-right: 0.6rem;
  border-radius: 2px; background: var(--grid); vertical-align: 0.06rem;
}
.bar > span { display: block; height: 100%; border-radius: 2px; background: var(--series-1); }
.confusion { border-spacing: 2px; border-collapse: separate; }
.confusion td, .confusion th { border: 0; }
.confusion thead th { vertical-align: bottom; font-weight: 400; padding: 0.2rem; }
.confusion thead th > span {
  display: inline-block; writing-mode: vertical-rl; transform: rotate(180deg);
  max-height: 8.5rem; text-align: left;
}
.confusion tbody th { text-align: right; max-width: 11rem; vertical-align: middle; }
.confusion td {
  min-width: 2.7rem; height: 2.2rem; padding: 0.2rem 0.35rem; border-radius: 3px;
  text-align: center; vertical-align: middle; background: var(--panel);
}
.confusion td.right { background: rgba(var(--cell), var(--share)); }
.confusion td.wrong { background: rgba(var(--wrong), var(--share)); }
.confusion td.none { color: var(--muted); }
table.rows { width: 100%; table-layout: fixed; }
.rows .row-number { width: 6.2rem; }
.rows .short { width: 11rem; }
.rows td, .rows th { padding-top: 0.5rem; padding-bottom: 0.5rem; }
.text, .text p { margin: 0; max-width: 75ch; unicode-bidi: isolate; }
p.text, .text p, .text summary { white-space: pre-line; }
.text + .text { margin-top: 0.4rem; padding-top: 0.4rem; border-top: 1px dashed var(--line); }
details.text[open] > summary { color: var(--muted); }
details.text p { margin-top: 0.4rem; }
.tag {
  display: inline-block; padding: 0 0.4rem; border: 1px solid currentColor;
  border-radius: 4px; color: var(--bad); font-size: 0.82em;
}
pre {
  margin: 0.5rem 0; padding: 0.8rem 1rem; background: var(--panel); border-radius: 8px;
  white-space: pre-wrap; font: 0.88rem/1.5 ui-monospace, "Cascadia Mono", Menlo, monospace;
}
code { font: 0.92em ui-monospace, "Cascadia Mono", Menlo, monospace; }
footer { margin-top: 3rem; color: var(--muted); font-size: 0.87rem; }
@media (max-width: 40rem) {
  body { padding: 0 1rem 2rem; font-size: 0.97rem; }
  header { padding-top: 1.4rem; }
  h1 { font-size: 1.5rem; }
  nav { margin: 0 -1rem; padding: 0 1rem; }
  th, td { padding: 0.3rem 0.45rem; }
  .rows, .rows thead, .rows tbody { display: block; }
  .rows tr {
    display: grid; grid-template-columns: 6rem 1fr 1fr;
    border-bottom: 1px solid var(--line);
  }
  .rows th, .rows td { width: auto; border: 0; padding-top: 0.35rem; padding-bottom: 0.35rem; }
  .rows .row-number, .rows .short { width: auto; text-align: left; }
  .rows tr > :last-child { grid-column: 1 / -1; padding-left: 0.2rem; }
  .rows tr > :nth-child(2):nth-last-child(2) { grid-column: 2 / -1; }
  .bar, th small { display: none; }
  .rows .row-number small { display: block; }
  .confusion td { min-width: 2.2rem; }
  .scroll tbody th { max-width: 9.5rem; }
}
@media print {
  body { max-width: none; padding: 0; font-size: 10pt; }
  nav, .skip, footer, .more, figure details { display: none; }
  h2 { break-after: avoid; } h3 { break-after: avoid; }
  tr, figure, li { break-inside: avoid; }
  .scroll { overflow: visible; }
  a { color: inherit; text-decoration: none; }
  .confusion td, .bar, .bar > span { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  .figures { grid-template-columns: 1fr 1fr; }
}
`);
