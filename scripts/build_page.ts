/**
 * Writes the page to `dist/page`, for any host of static files.
 *
 *     deno task build-page
 *
 * `--allow-read`: the project. `--allow-write=dist`: the folder. No net, env, ffi or
 * run. `--unstable-bundle`: Deno's bundler.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { removeFolder, writeFile, writeFolder } from "../mod.ts";
import { gzipSize } from "./bundle/gzip.ts";
import { readFlags, refusePositionals } from "./cli/flag_table.ts";
import { type Run, runMain } from "./cli/run_main.ts";
import { table } from "./cli/table.ts";
import { HEADERS } from "./web/security.ts";
import { makeSite, type Site } from "./web/site.ts";

const FOLDER = "dist/page";

/** Bytes of all files as gzip that the page may have. */
const MAX_BYTES = 6e6;

function help(): string {
  return [
    `Writes the page to ${FOLDER}, for any host of static files.`,
    "",
    "./denow task build-page",
    "",
    "An older one is replaced. Serve it over https: browsers offer WebGPU nowhere else,",
    "except at 127.0.0.1. Its headers are in _headers, as Netlify and Cloudflare read",
    "them; without them the page has its policy in a meta element.",
  ].join("\n");
}

function parse(args: readonly string[]): Record<never, never> | "help" {
  const parsed = readFlags(args, {});
  if (parsed.help) return "help";
  refusePositionals(parsed);
  return {};
}

async function build(_options: object, { begin }: Run): Promise<void> {
  const site = await makeSite();
  begin();
  await removeFolder(FOLDER);
  await writeFolder(FOLDER, async (folder) => {
    for (const [path, bytes] of site) {
      const [name, ...parents] = path.split("/").reverse();
      const parent = [folder, ...parents.reverse()].join("/");
      await writeFile(parent, name!, [bytes]);
    }
    await writeFile(folder, "_headers", headersFile());
  });
  await printSizes(site);
}

/** Headers of all files, as several hosts read them. */
function headersFile(): string {
  const lines = Object.entries(HEADERS)
    .map(([name, value]) => `  ${name}: ${value}\n`);
  return `/*\n${lines.join("")}`;
}

async function printSizes(site: Site): Promise<void> {
  const rows: [string, number, number][] = [];
  for (const [path, bytes] of site) {
    rows.push([path, bytes.length, await gzipSize(new Blob([bytes]))]);
  }
  const kilobytes = (bytes: number) => `${(bytes / 1e3).toFixed(1)} kB`;
  const total = rows.reduce((sum, [, , gzip]) => sum + gzip, 0);
  const lines = table(
    ["file", "size", "gzip"],
    rows.map(([path, size, gzip]) => [path, kilobytes(size), kilobytes(gzip)]),
  );
  console.log(lines);
  console.log(`${FOLDER}: ${kilobytes(total)} as gzip`);
  if (total > MAX_BYTES) {
    throw new RangeError(
      `The page has ${kilobytes(total)} as gzip, and may have ${
        kilobytes(MAX_BYTES)
      }: leave out what few visitors need, or load it later`,
    );
  }
}

if (import.meta.main) await runMain({ parse, help }, build);
