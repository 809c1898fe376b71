/**
 * Fetches models and data sets from the Hugging Face Hub into `data/hub`, where
 * the other tasks find them by the same names.
 *
 *     deno task fetch --model google-bert/bert-base-uncased --dataset nyu-mll/glue:mrpc
 *
 * `--allow-net` for the hosts of the Hub; no other task has the net.
 * `--allow-read=data/hub --allow-write=data/hub`: the files.
 * `--allow-env=HF_TOKEN,HF_ENDPOINT`: a token for private repositories, another Hub.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { ProgressBar } from "../mod.ts";
import { describeFlags, type FlagTable } from "./cli/flag_help.ts";
import { readFlags } from "./cli/flag_table.ts";
import { type Run, runMain } from "./cli/run_main.ts";
import { HubClient } from "./hub/client.ts";
import {
  type Download,
  fetchFile,
  isComplete,
  partialName,
  syncNames,
} from "./hub/download.ts";
import { HUB_FOLDER, type HubName, parseHubName } from "./hub/names.ts";
import { planFiles } from "./hub/plan.ts";

const FLAGS: FlagTable = {
  model: { value: "NAME", help: "a model: owner/name" },
  dataset: {
    value: "NAME",
    help: "a data set: owner/name, or owner/name:configuration",
  },
};

const MEGABYTE = 1e6;

function help(): string {
  return [
    `Fetches models and data sets from the Hugging Face Hub into ${HUB_FOLDER}.`,
    "",
    "./denow task fetch [flags]",
    "",
    ...describeFlags(FLAGS, {}),
    "",
    "A name may end in @revision. The other tasks take the same names for --model",
    "and --data. Interrupted downloads resume when the command is run again.",
    "Environment: HF_TOKEN for private repositories, HF_ENDPOINT for another Hub.",
  ].join("\n");
}

function parse(args: readonly string[]): readonly HubName[] | "help" {
  const { values, positionals, help } = readFlags(args, FLAGS);
  if (help) return "help";
  const names = (["model", "dataset"] as const).flatMap((type) => {
    const value = values[type];
    if (value === undefined) return [];
    const name = parseHubName(type, `${value}`);
    if (name) return [name];
    throw new TypeError(
      `--${type} must be ${
        FLAGS[type]!.help
      }, optionally with @revision, not "${value}"`,
    );
  });
  if (names.length > 0 && positionals.length === 0) return names;
  throw new TypeError(
    positionals.length > 0
      ? `Unexpected argument "${
        positionals[0]
      }": give --model or --dataset before each name`
      : "Nothing to fetch: give --model or --dataset with a name, see --help",
  );
}

async function fetchAll(
  names: readonly HubName[],
  { begin, signal }: Run,
): Promise<void> {
  const client = new HubClient(
    Deno.env.get("HF_ENDPOINT") || "https://huggingface.co",
    Deno.env.get("HF_TOKEN") || undefined,
    signal,
  );
  const repositories: { name: HubName; downloads: Download[] }[] = [];
  for (const name of names) {
    const files = await planFiles(client, name);
    const downloads = files
      .map((file) => ({
        file,
        target: `${name.folder}/${file.as ?? file.path}`,
      }));
    repositories.push({ name, downloads });
  }
  begin();
  for (const { name, downloads } of repositories) {
    await fetchRepository(client, name, downloads);
  }
}

/** Downloads every file before any gets its final name: a run that is killed leaves nothing that looks complete. */
async function fetchRepository(
  client: HubClient,
  name: HubName,
  downloads: readonly Download[],
): Promise<void> {
  const missing: Download[] = [];
  for (const download of downloads) {
    const isPresent = await isComplete(download.target, download.file);
    if (!isPresent) missing.push(download);
  }
  const bytes = missing.reduce((sum, { file }) => sum + file.size, 0);
  const megabytes = Math.ceil(bytes / MEGABYTE);
  console.log(
    `${name.repo}: ${missing.length} of ${downloads.length} files to fetch, ${megabytes} MB`,
  );
  {
    using progress = new ProgressBar(megabytes, {
      label: "fetching",
      unit: "MB",
    });
    let [done, shown] = [0, 0];
    for (const download of missing) {
      await Deno.mkdir(download.target.replace(/\/[^/]*$/, ""), {
        recursive: true,
      });
      await fetchFile(client, name, download, (count) => {
        done += count;
        for (; shown < Math.ceil(done / MEGABYTE); shown++) progress.update();
      });
    }
  }
  if (missing.length > 0) await renameFiles(downloads, missing);
  console.log(`${name.repo} is in ${name.folder}`);
}

/**
 * Gives the downloads their final names. The last file, without which nothing can
 * be loaded, loses its name first and gets it back last, on the disk as well.
 */
async function renameFiles(
  downloads: readonly Download[],
  missing: readonly Download[],
): Promise<void> {
  const last = downloads.at(-1)!;
  if (missing.includes(last)) {
    await Deno.remove(last.target).catch(ignoreMissing);
  } else {
    await Deno.rename(last.target, partialName(last));
  }
  const others = missing.filter((download) => download !== last);
  for (const group of [others, [last]]) {
    await syncNames(downloads);
    for (const download of group) {
      await Deno.rename(partialName(download), download.target);
    }
  }
  await syncNames(downloads);
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}

if (import.meta.main) await runMain({ parse, help }, fetchAll);
