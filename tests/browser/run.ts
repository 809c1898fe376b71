/**
 * Runs test files in Chromium, on its software adapter, and prints them as
 * `deno test` does, and a line of JSON.
 *
 *     deno task test:browser                     # all that a browser can run
 *     deno task test:browser tests/optim gelu    # files with one of these in their path
 *     deno task test:browser tests/random_test.ts   # a file of another folder
 *     deno task test:browser --filter "softmax()"   # tests with this in their name
 *
 * `--allow-read=.`: the tests. `--allow-write=tests/tmp`: the profile of the
 * browser. `--allow-net=127.0.0.1`: serves the tests. `--allow-env=CHROMIUM`: the
 * path of the browser, if it has an unusual one. `--allow-run`: starts it.
 * Exits 1 if a test fails.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { ROOT } from "../helpers/permissions.ts";
import { sourceFiles } from "../helpers/source_files.ts";
import { tempFolder } from "../helpers/temp_folder.ts";
import { bundle, PAGE } from "./bundle.ts";
import { type Browser, startChromium } from "./chromium.ts";
import { FileRun } from "./file_run.ts";
import { printFile, printSummary, Summary } from "./report.ts";

/** Folders whose tests run in a browser; those that need a file or a process are ignored. */
const FOLDERS = "ops nn models lora optim tensor gpu training".split(" ");

/** Isolated, so that the page has SharedArrayBuffer. */
const HEADERS = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
};

const HTML = `<!doctype html><meta charset="utf-8"><title>gradloop tests</title>
<script type="module" src="${PAGE}"></script>`;

/** Files that are named in full, whatever their folder, and those with a part in their path. */
async function selectFiles(args: readonly string[]): Promise<string[]> {
  const files = args.filter((arg) => arg.endsWith(".ts"));
  const parts = args.filter((arg) => !arg.endsWith(".ts"));
  if (args.length > 0 && parts.length === 0) return files;
  for (const folder of FOLDERS) {
    for (const { path } of await sourceFiles(`tests/${folder}/`, "_test.ts")) {
      if (parts.length === 0 || parts.some((part) => path.includes(part))) {
        files.push(path);
      }
    }
  }
  if (files.length > 0) return [...new Set(files)];
  throw new Error(
    `Cannot test in a browser: no file of tests/{${FOLDERS}} has ${
      parts.join(" or ")
    } in its path`,
  );
}

async function main(): Promise<void> {
  const { _: parts, filter = "" } = parseArgs(Deno.args, {
    string: ["filter"],
  });
  const files = await selectFiles(parts.map(String));
  const scripts = await bundle(ROOT, files);
  let current: FileRun | undefined;
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    (request) => {
      const { pathname } = new URL(request.url);
      if (pathname === "/messages") {
        const { socket, response } = Deno.upgradeWebSocket(request);
        current?.connect(socket);
        return response;
      }
      const script = scripts.get(pathname);
      if (script !== undefined) {
        return new Response(script, {
          headers: { ...HEADERS, "content-type": "text/javascript" },
        });
      }
      if (pathname.endsWith(".js")) current?.end(`${pathname} is not bundled`);
      return pathname === "/"
        ? new Response(HTML, {
          headers: { ...HEADERS, "content-type": "text/html" },
        })
        : new Response(null, { status: 404 });
    },
  );
  const address = (file: string) => {
    const script = `/${file.replace(/\.ts$/, ".js")}`;
    const query = new URLSearchParams({ file: script, filter: `${filter}` });
    return `http://127.0.0.1:${server.addr.port}/?${query}`;
  };
  await using profile = await tempFolder();
  const summary = new Summary();
  let browser: Browser | undefined;
  try {
    for (const file of files) {
      const page = current?.socket;
      const run = current = new FileRun(file);
      if (browser && page) page.send(address(file));
      else {
        browser = await startChromium(address(file), profile.path);
        browser.ended.then((reason) => current?.end(reason));
      }
      const outcome = await run.outcome;
      summary.add(outcome);
      printFile(outcome);
      if (!run.socket) { // crashed: the next file gets another browser
        await browser[Symbol.asyncDispose]();
        browser = undefined;
      }
    }
    printSummary(summary, browser?.name ?? "Chromium");
  } finally {
    await browser?.[Symbol.asyncDispose]();
  }
  if (summary.failed > 0) Deno.exitCode = 1;
}

if (import.meta.main) await main();
