/**
 * Entry point of the page: the worker, the state, and the redrawing.
 *
 * @module
 */
/// <reference lib="dom" />
import { openFile, openText } from "./data/section.ts";
import type { Reply, Request } from "./messages.ts";
import { openModel } from "./model/section.ts";
import { reduce } from "./reduce.ts";
import { type Action, INITIAL, type State } from "./state.ts";
import { render } from "./ui/html.ts";
import "./ui/line_chart.ts";
import type { Page } from "./ui/page.ts";
import { textsOf } from "./understand/try_box.ts";
import { view } from "./view.ts";

const worker = new Worker("worker.js", { type: "module" });
const root = document.querySelector<HTMLElement>("#page")!;
let isDrawn = true;

/** The page; its state changes with each event. */
const page: Page & { state: State } = {
  state: INITIAL,
  send: (request: Request) => worker.postMessage(request),
  act: (action: Action) => update(action),
};

function update(event: Reply | Action): void {
  const before = page.state;
  page.state = reduce(before, event);
  if (isDrawn) {
    isDrawn = false;
    requestAnimationFrame(draw);
  }
  follow(event, before);
}

function draw(): void {
  isDrawn = true;
  const section = document.activeElement?.closest("section");
  render(view(page), root);
  // What had the focus may be gone: the keyboard goes on from its section.
  if (section?.isConnected && document.activeElement === document.body) {
    section.querySelector("h2")!.focus({ preventScroll: true });
  }
}

/** Does what follows from an event, beside the new state. */
function follow(event: Reply | Action, before: State): void {
  const { state } = page;
  switch (event.type) {
    case "data":
      if (!state.model && !state.run && state.busy === undefined) {
        openModel(page, { kind: "embedded" });
      }
      break;
    case "typed":
    case "finished":
      askNext();
      break;
    case "prediction":
      isAsking = false;
      if (event.id !== before.trial.id) askNext();
      break;
    case "archive":
      download(event.blob, "model.zip");
      break;
    case "problem":
      isAsking = false;
      break;
  }
}

let isAsking = false;

/** Asks for the text that was typed last; while the worker answers, no other. */
function askNext(): void {
  const texts = textsOf(page);
  const isEmpty = texts.every((text) => text.trim() === "");
  if (isAsking || isEmpty || !page.state.result) return;
  isAsking = true;
  page.send({ type: "predict", id: page.state.trial.id, texts });
}

function download(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

worker.onmessage = ({ data }: MessageEvent<Reply>) => update(data);
worker.onerror = (event) => {
  event.preventDefault();
  update({
    type: "failed",
    problem: {
      section: "train",
      title: "The page’s worker ended",
      text:
        `Reload the page: it offers to go on from the last evaluation. (${event.message})`,
    },
  });
};

const isField = (target: EventTarget | null) =>
  target instanceof HTMLElement && target.matches("input, textarea, select");

addEventListener("paste", (event) => {
  const text = event.clipboardData?.getData("text/plain") ?? "";
  if (isField(event.target) || !text.includes("\n")) return;
  event.preventDefault();
  openText(page, text);
});

let dragged = 0;
const mark = (change: number) => {
  dragged = Math.max(0, dragged + change);
  document.body.classList.toggle("dragging", dragged > 0);
};
addEventListener("dragenter", () => mark(1));
addEventListener("dragleave", () => mark(-1));
addEventListener("dragover", (event) => event.preventDefault());
addEventListener("drop", async (event) => {
  event.preventDefault();
  mark(-dragged);
  const { dataTransfer } = event;
  if (!dataTransfer) return;
  const { files, ...folder } = await dropped(dataTransfer);
  const isModel = files.some(({ name }) =>
    /(^|\/)(config\.json|model\.safetensors|tokenizer\.json)$/.test(name)
  );
  if (isModel) openModel(page, { kind: "folder", files, ...folder });
  else if (files.length > 0) openFile(page, files[0]);
  else openText(page, dataTransfer.getData("text/plain"));
});

/** The files that were dropped; those of a folder with its name. */
async function dropped(
  { items, files }: DataTransfer,
): Promise<{ files: File[]; name?: string }> {
  const [entry] = [...items].map((item) => item.webkitGetAsEntry());
  if (!entry?.isDirectory) return { files: [...files] };
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const entries = await new Promise<FileSystemEntry[]>((resolve, reject) =>
    reader.readEntries(resolve, reject)
  );
  const found = entries.filter(({ isFile }) => isFile).map((entry) =>
    new Promise<File>((resolve, reject) =>
      (entry as FileSystemFileEntry).file(resolve, reject)
    )
  );
  return { files: await Promise.all(found), name: entry.name };
}

draw();
