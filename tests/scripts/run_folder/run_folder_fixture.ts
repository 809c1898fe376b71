import type { RunConfig } from "../../../scripts/run_folder/config.ts";
import { RunFolder } from "../../../scripts/run_folder/run_folder.ts";

/** The `config.json` of a run, with some entries of its own. */
export function runConfigOf(own: Record<string, unknown> = {}): RunConfig {
  return {
    flags: {},
    versions: { gradloop: "1.0.0" },
    adapter: "a GPU",
    digests: { model: { "model.safetensors": "m" }, data: { "a.tsv": "d" } },
    ...own,
  };
}

/** The folder of a new run. */
export function newFolder(outputDir: string): RunFolder {
  return new RunFolder({ outputDir, resume: undefined });
}

/** The folder of a run that goes on. */
export function resumedFolder(resume: string): RunFolder {
  return new RunFolder({ outputDir: resume, resume });
}

/** Sorted names in a folder. */
export async function list(path: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(path), ({ name }) => name)).sort();
}
