import { assert, assertEquals } from "@std/assert";
import { needs, ROOT } from "../helpers/permissions.ts";
import { tempFolder } from "../helpers/temp_folder.ts";

/** Most bytes of the classification path, compressed. */
const LIMIT = 150_000;

/** Strings of the readers that survive minification. */
const TRACES = {
  Parquet: "it is not a Parquet file",
  Arrow: "it is not an Arrow file",
  apacheArrow: "recordBatches",
  Zstandard: "a Zstandard frame",
  brotli: "[BrotliDecompress]",
  ONNX: "producerName",
} as const;

/** Bundles a program of this folder for browsers, minified. */
async function bundle(name: string): Promise<string> {
  await using folder = await tempFolder();
  const output = `${folder.path}/bundle.js`;
  const entry = new URL(`tests/bundle/${name}`, ROOT).pathname;
  const flags = ["--quiet", "--platform=browser", "--minify"];
  const { code, stderr } = await new Deno.Command("deno", {
    args: ["bundle", ...flags, "--output", output, entry],
    cwd: ROOT,
  }).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  return await Deno.readTextFile(output);
}

async function gzip(text: string): Promise<number> {
  const stream = new Blob([text]).stream()
    .pipeThrough(new CompressionStream("gzip"));
  return (await new Response(stream).bytes()).length;
}

function tracesIn(code: string): string[] {
  return Object.entries(TRACES).filter(([, text]) => code.includes(text))
    .map(([name]) => name);
}

Deno.test(
  needs(
    "a bundle of the classification path has no Arrow, Parquet or ONNX, and is small",
    "read",
    "write",
    "run",
  ),
  async () => {
    const code = await bundle("classification.ts");
    assertEquals(tracesIn(code), []);
    const size = await gzip(code);
    assert(size < LIMIT, `it has ${size} bytes`);
  },
);

Deno.test(
  needs("a bundle that reads Parquet has its reader", "read", "write", "run"),
  async () => {
    const code = await bundle("parquet.ts");
    assertEquals(tracesIn(code), ["Parquet", "brotli"]);
  },
);
