/**
 * The page as its sections see it, and the parts that they share.
 *
 * @module
 */
import type { Problem, Request, Section } from "../messages.ts";
import type { Action, State } from "../state.ts";
import { html, nothing, type TemplateResult } from "./html.ts";

/** The page, as its sections see it. */
export interface Page {
  readonly state: State;
  /** Asks the worker. */
  send(request: Request): void;
  /** Changes the state of the page. */
  act(action: Action): void;
}

/** A section of the page. */
export interface SectionView {
  readonly id: Section;
  readonly number: number;
  readonly title: string;
  /** One sentence below the title. */
  readonly about: string;
  readonly isReady: boolean;
  readonly content: TemplateResult | typeof nothing;
}

/** Id of the element of each section. */
export const ANCHORS: Readonly<Record<Section, string>> = {
  data: "data",
  model: "model",
  train: "train",
  understand: "understand",
  takeAway: "take-away",
};

/**
 * Draws a section: a landmark with a heading, its problem, and its content.
 *
 * @param view The section.
 * @param problem Its problem, if it has one.
 * @returns The element.
 */
export function sectionOf(
  view: SectionView,
  problem: Problem | undefined,
): TemplateResult {
  const id = ANCHORS[view.id];
  return html`
    <section id=${id} aria-labelledby="${id}-title" class=${view.isReady
      ? "card"
      : "card later"}>
      <header>
        <span class="number" aria-hidden="true">${view.number}</span>
        <div>
          <h2 id="${id}-title" tabindex="-1">${view.title}</h2>
          <p class="about">${view.about}</p>
        </div>
      </header>
      ${problem ? problemBox(problem) : nothing}
      ${view.content}
    </section>
  `;
}

/**
 * Draws a problem, which screen readers say at once.
 *
 * @param problem The problem.
 * @returns The element.
 */
export function problemBox({ title, text }: Problem): TemplateResult {
  return html`
    <div class="problem" role="alert">
      <strong>${title}</strong>
      <p>${text}</p>
    </div>
  `;
}

/** Number with separators of thousands. */
export function count(value: number): string {
  return value.toLocaleString("en");
}

/** Number with its noun. */
export function counted(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? "" : "s"}`;
}

/** Share in percent. */
export function percent(share: number, digits = 0): string {
  return `${(100 * share).toFixed(digits)} %`;
}

/** Size of a file. */
export function megabytes(bytes: number): string {
  return bytes < 1e5
    ? `${Math.max(1, Math.round(bytes / 1e3))} kB`
    : `${(bytes / 1e6).toFixed(1)} MB`;
}

/**
 * Time in words.
 *
 * @param seconds The time.
 * @returns "less than a minute", "3 minutes", "2 hours 10 minutes".
 */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return "";
  if (seconds < 10) return "a few seconds";
  if (seconds < 90) return `${Math.round(seconds / 10) * 10} seconds`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return counted(minutes, "minute");
  const hours = Math.floor(minutes / 60);
  return `${counted(hours, "hour")} ${counted(minutes % 60, "minute")}`;
}
