/**
 * Bundles the library for browsers and Node: `dist/gradloop.js`, minified, with its
 * types in `gradloop.d.ts`. Parquet, ONNX and Zstandard are files of their own beside
 * it, loaded when they are used.
 *
 *     deno task bundle
 *
 * `--allow-read`: the project and its packages. `--allow-write=dist`: the bundle.
 * `--allow-env`: the settings of the packages that join the types.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { writeFile } from "../mod.ts";
import { bundleDeclarations } from "./bundle/declarations.ts";
import { gzipSize } from "./bundle/gzip.ts";
import { loadMinifier } from "./bundle/syntax.ts";
import { describeFlags, type FlagTable } from "./cli/flag_help.ts";
import { readFlags, refusePositionals } from "./cli/flag_table.ts";
import { runMain } from "./cli/run_main.ts";
import { table } from "./cli/table.ts";

const ENTRY = new URL("../mod.ts", import.meta.url);
const NAME = "gradloop";

/** The settings of a run. */
interface Options {
  readonly outputDir: string;
}

const DEFAULTS: Options = { outputDir: "dist" };

const FLAGS: FlagTable = {
  outputDir: { value: "DIR", help: "folder of the bundle" },
};

function help(): string {
  return [
    "Bundles the library for browsers and Node, with its types.",
    "",
    "./denow task bundle [flags]",
    "",
    ...describeFlags(FLAGS, { ...DEFAULTS }),
    "",
    `Writes ${NAME}.js and ${NAME}.d.ts, and beside them the files that`,
    "Parquet, ONNX and Zstandard need, which are loaded when they are used.",
  ].join("\n");
}

function parse(args: readonly string[]): Options | "help" {
  const parsed = readFlags(args, FLAGS);
  if (parsed.help) return "help";
  refusePositionals(parsed);
  return { ...DEFAULTS, ...parsed.values };
}

async function bundle({ outputDir }: Options): Promise<void> {
  const { outputFiles = [], errors } = await Deno.bundle({
    entrypoints: [ENTRY.href],
    outputDir,
    platform: "browser",
    codeSplitting: true,
    write: false,
  });
  if (errors.length > 0) {
    throw new Error(
      `Cannot bundle: ${errors.map(({ text }) => text).join("; ")}`,
    );
  }
  using minifier = await loadMinifier();
  const files = new Map<string, string>();
  for (const file of outputFiles) {
    const name = file.path.slice(file.path.lastIndexOf("/") + 1);
    const code = await minifier.minify(file.text());
    files.set(name === "mod.js" ? `${NAME}.js` : name, code);
  }
  files.set(`${NAME}.d.ts`, await bundleDeclarations(ENTRY));
  await removeOld(outputDir);
  const rows: [string, string, string][] = [];
  for (const [name, text] of files) {
    await writeFile(outputDir, name, text);
    const content = new Blob([text]);
    const compressed = await gzipSize(content);
    rows.push([name, kilobytes(content.size), kilobytes(compressed)]);
  }
  console.log(table([`${outputDir}/`, "kB", "gzip"], rows));
}

/** Removes the files of an earlier bundle: their names change with their content. */
async function removeOld(folder: string): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  for await (const { name } of Deno.readDir(folder)) {
    if (/\.(js|d\.ts)$/.test(name)) await Deno.remove(`${folder}/${name}`);
  }
}

function kilobytes(bytes: number): string {
  return (bytes / 1000).toFixed(1);
}

if (import.meta.main) await runMain({ parse, help }, bundle);
