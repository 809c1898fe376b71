/**
 * Serves the page that teaches a text classifier, on this machine.
 *
 *     deno task page --port 8000
 *
 * `--allow-read`: the project. `--allow-net=127.0.0.1`: answers browsers on this
 * machine. No write, env, ffi or run. `--unstable-bundle`: Deno's bundler.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { describeFlags, type FlagTable } from "./cli/flag_help.ts";
import { readFlags, refusePositionals } from "./cli/flag_table.ts";
import { type Run, runMain } from "./cli/run_main.ts";
import { listen } from "./serving/listen.ts";
import { answer } from "./web/answer.ts";
import { makeSite } from "./web/site.ts";

interface Options {
  readonly port: number;
}

const DEFAULTS: Options = { port: 8000 };

const FLAGS: FlagTable = {
  port: {
    value: "N",
    min: 0,
    max: 65535,
    help: "port to listen on; 0 for a free one",
  },
};

/** Time for the answers to open requests at the end, in ms. */
const SHUTDOWN_MS = 1000;

function help(): string {
  return [
    "Serves the page that teaches a text classifier, at 127.0.0.1.",
    "",
    "./denow task page [flags]",
    "",
    ...describeFlags(FLAGS, { ...DEFAULTS }),
    "",
    "Open the address in a browser with WebGPU. Data and models stay in the browser.",
  ].join("\n");
}

function parse(args: readonly string[]): Options | "help" {
  const parsed = readFlags(args, FLAGS);
  if (parsed.help) return "help";
  refusePositionals(parsed);
  return { ...DEFAULTS, ...parsed.values } as Options;
}

async function serve({ port }: Options, { begin, signal }: Run): Promise<void> {
  const site = await makeSite();
  await listen({
    host: "127.0.0.1",
    ...{ port, signal, shutdownMs: SHUTDOWN_MS },
    failed: new Promise(() => {}), // nothing else can end it
    handle: (request) => Promise.resolve(answer(site, request)),
    onListen: (url) => {
      begin();
      console.log(`The page is at ${url}, until Ctrl-C`);
    },
  });
}

if (import.meta.main) await runMain({ parse, help }, serve);
