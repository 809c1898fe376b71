/**
 * Errors in words that help.
 *
 * @module
 */
import { DeviceLostError, OutOfMemoryError } from "../../mod.ts";
import type { Problem, Request, Section } from "../messages.ts";

const TITLES: Readonly<Record<Section, string>> = {
  data: "This table cannot be used",
  model: "This model cannot be used",
  train: "The training ended",
  understand: "This text cannot be classified",
  takeAway: "The model cannot be packed",
};

/** Sections in which the errors of each request are shown. */
export const SECTIONS: Readonly<Record<Request["type"], Section>> = {
  openTable: "data",
  chooseData: "data",
  openModel: "model",
  start: "train",
  pause: "train",
  resume: "train",
  stop: "train",
  restore: "train",
  discard: "train",
  predict: "understand",
  explain: "understand",
  pack: "takeAway",
};

/** The problem of a browser without WebGPU. */
export const NO_WEBGPU: Problem = {
  section: "model",
  title: "This browser offers no WebGPU",
  text:
    "Training needs it. Chrome and Edge have it from version 113 on, Safari from 26, Firefox from 141 on Windows; update the browser, or switch on hardware acceleration in its settings. On Linux, Chrome needs a Vulkan driver and the flag chrome://flags/#enable-unsafe-webgpu. You can still look at your data here.",
};

/**
 * Explains an error.
 *
 * @param error The error.
 * @param section The section in which it arose.
 * @param canGoOn Whether the page offers to go on with the training.
 * @returns Title and text: what is the case, and what to do.
 */
export function explain(
  error: unknown,
  section: Section,
  canGoOn = false,
): Problem {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof OutOfMemoryError || isAllocation(error)) {
    return {
      section,
      title: "There is not enough memory",
      text:
        "The model and a batch do not fit into the memory of the graphics card. Choose a smaller batch under More settings, or a smaller model; other tabs and programs use the same memory.",
    };
  }
  if (error instanceof DeviceLostError) {
    return {
      section,
      title: "The graphics card was lost",
      text:
        `The browser took it away: after sleep, a driver update, or when memory ran out. ${
          canGoOn
            ? "“Go on” at the top of this page continues from the last evaluation."
            : section === "train"
            ? "Train again."
            : "Reload this page: it offers to open the trained model again."
        } If it happens again, choose a smaller batch under More settings or a smaller model, or start the browser anew.`,
    };
  }
  if (isName(error, "QuotaExceededError")) {
    return {
      section,
      title: "The browser has no space left",
      text:
        "The training goes on, but it cannot be kept for a reload: the disk, or the browser’s share of it, is full. Free some space before the next one.",
    };
  }
  if (isName(error, "NotReadableError") || isName(error, "NotFoundError")) {
    return {
      section,
      title: "The file has changed",
      text:
        "The browser cannot read it any more: it was moved, changed or deleted after it was chosen. Choose it again.",
    };
  }
  return { section, title: TITLES[section], text: withoutFlags(message) };
}

function isName(error: unknown, name: string): boolean {
  return error instanceof DOMException && error.name === name;
}

/** Browsers throw a RangeError where an array does not fit. */
function isAllocation(error: unknown): boolean {
  return error instanceof RangeError &&
    /array buffer allocation|invalid (?:typed )?array length/i.test(
      error.message,
    );
}

/** Messages of the library name the flags of its scripts, which a page does not have. */
function withoutFlags(message: string): string {
  return message.replace(/^Uncaught (?:\w*Error: )?/, "")
    .replaceAll(
      /(?:, | |: |; )?\b(?:with|use|give|name it with|by)? ?--[a-z-]+/g,
      "",
    );
}
