import { DataLoader } from "../../mod.ts";
import { type FaultOptions, injectFault } from "../helpers/faulty_files.ts";

/** Batch size of the loaders of an evaluation; those of training have another one. */
export const EVALUATION_BATCH_SIZE = 3;

/** Events of a process at which it can be interrupted; in a removal, a part of the folder is gone. */
export type MomentEvent =
  | "training batch"
  | "last batch of an epoch"
  | "evaluation batch"
  | "removal";

/** The n-th event of a kind in a process, and its consequence. */
export interface Moment {
  readonly event: MomentEvent;
  /** Number of the event, from 1. */
  readonly nth: number;
  /** A signal to the process itself, or a command that it runs. */
  readonly action: Deno.Signal | readonly string[];
}

/** Everything that happens to a process, by itself. */
export interface Staging {
  readonly moment?: Moment;
  readonly fault?: FaultOptions;
  /** Part of the paths whose operations are reported at the end, on stderr. */
  readonly reported?: string;
}

/** What a reported process did. */
export interface Report {
  /** Its file operations, as `write runs/a/config.json`. */
  readonly operations: readonly string[];
  /** Number of events of each kind. */
  readonly events: Readonly<Record<MomentEvent, number>>;
}

/** Prefix of the line with the {@linkcode Report}. */
export const REPORT = "report: ";

/** Flags of `deno run` that stage a process before its main module is loaded. */
export function stagingFlags(staging: Staging): string[] {
  const url = new URL(import.meta.url);
  url.searchParams.set("staging", JSON.stringify(staging));
  return [`--preload=${url}`, "--allow-run"]; // Deno.kill needs it
}

async function act({ action }: Moment): Promise<void> {
  if (typeof action !== "string") {
    const [command, ...args] = action;
    await new Deno.Command(command!, { args, stderr: "inherit" }).output();
    return;
  }
  if (action === "SIGKILL") {
    Deno.kill(Deno.pid, action);
    while (true);
  }
  const { promise, resolve } = Promise.withResolvers<void>();
  Deno.addSignalListener(action, resolve);
  Deno.kill(Deno.pid, action);
  await promise; // else the loop is some steps further when it is received
}

function stage({ moment, fault, reported }: Staging): void {
  const events = {
    "training batch": 0,
    "last batch of an epoch": 0,
    "evaluation batch": 0,
    "removal": 0,
  };
  const happens = async (event: MomentEvent) => {
    events[event]++;
    if (event === moment?.event && events[event] === moment.nth) {
      await act(moment);
    }
  };

  const iterate = DataLoader.prototype[Symbol.asyncIterator];
  DataLoader.prototype[Symbol.asyncIterator] = async function* () {
    for await (const batch of iterate.call(this)) {
      if (this.batchSize === EVALUATION_BATCH_SIZE) {
        await happens("evaluation batch");
      } else {
        await happens("training batch");
        if (this.state.batch === this.length) {
          await happens("last batch of an epoch");
        }
      }
      yield batch;
    }
  };
  const remove = Deno.remove;
  Deno.remove = async (path, options) => {
    if (options?.recursive) {
      for await (const { name } of Deno.readDir(path)) {
        await remove(`${path}/${name}`, options);
        break;
      }
      await happens("removal");
    }
    await remove(path, options);
  };
  if (fault) injectFault(fault);
  if (reported === undefined) return;
  const { operations } = injectFault({
    paths: reported,
    nth: Infinity,
    fault: "EIO",
  });
  const report = { operations, events };
  addEventListener("unload", () => {
    const line = `\n${REPORT}${JSON.stringify(report)}\n`;
    Deno.stderr.writeSync(new TextEncoder().encode(line));
  });
}

const staging = new URL(import.meta.url).searchParams.get("staging");
if (staging !== null) stage(JSON.parse(staging));
