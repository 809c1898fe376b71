/**
 * Uploads a model folder to the Hugging Face Hub.
 *
 *     deno task upload --model runs/mine/model --repo user/name
 *
 * `--allow-net` for the hosts of the Hub; only fetch and this task have the net.
 * `--allow-read=runs`: the model.
 * `--allow-env=HF_TOKEN,HF_ENDPOINT`: the token, another Hub.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { ProgressBar } from "../mod.ts";
import { describeFlags, type FlagTable } from "./cli/flag_help.ts";
import { readFlags, refusePositionals } from "./cli/flag_table.ts";
import { type Run, runMain } from "./cli/run_main.ts";
import { table } from "./cli/table.ts";
import { parseHubName } from "./hub/names.ts";
import { UploadClient } from "./hub/upload_client.ts";
import { modelFiles } from "./hub/upload_files.ts";
import { planUpload, type UploadPlan } from "./hub/upload_plan.ts";
import type { Repository, Target } from "./hub/upload_types.ts";

const FLAGS: FlagTable = {
  model: { value: "DIR", help: "the model folder of a run: runs/NAME/model" },
  repo: { value: "NAME", help: "the repository: user/name" },
  branch: { value: "NAME", help: "a branch, made if it is missing" },
  private: { help: "make a new repository private" },
  force: { help: "overwrite another model, or files of somebody else" },
  dryRun: { help: "say what would be uploaded, and send nothing" },
};

const MEGABYTE = 1e6;

interface Options extends Target {
  readonly model: string;
  readonly isPrivate: boolean;
  readonly isForced: boolean;
  readonly isDryRun: boolean;
}

function help(): string {
  return [
    "Uploads a model folder to the Hugging Face Hub, in one commit.",
    "",
    "./denow task upload --model DIR --repo NAME [flags]",
    "",
    ...describeFlags(FLAGS, { branch: "main" }),
    "",
    "An upload that was interrupted goes on when the command is run again; files",
    "that are there already are not sent. Files of the repository that the folder",
    "lacks stay.",
    "Environment: HF_TOKEN, a token with the role write; HF_ENDPOINT for another Hub.",
  ].join("\n");
}

function parse(args: readonly string[]): Options | "help" {
  const { values, ...parsed } = readFlags(args, FLAGS);
  if (parsed.help) return "help";
  refusePositionals(parsed);
  const { model, repo, branch = "main" } = values;
  if (model === undefined || repo === undefined) {
    throw new TypeError(
      `Missing --${model === undefined ? "model" : "repo"}: give ${
        (model === undefined ? FLAGS.model : FLAGS.repo)!.help
      }, see --help`,
    );
  }
  if (parseHubName("model", `${repo}`)?.repo !== repo) {
    throw new TypeError(
      `--repo must be user/name, not "${repo}"; a branch has its own flag`,
    );
  }
  if (parseHubName("model", `a/b@${branch}`) === undefined) {
    throw new TypeError(`--branch must be a name, not "${branch}"`);
  }
  return {
    model: `${model}`,
    repo: `${repo}`,
    branch: `${branch}`,
    isPrivate: values.private === true,
    isForced: values.force === true,
    isDryRun: values.dryRun === true,
  };
}

async function upload(options: Options, run: Run): Promise<void> {
  const { repo, branch, isPrivate, isDryRun } = options;
  const { files, leftOut } = modelFiles(options.model);
  const endpoint = (Deno.env.get("HF_ENDPOINT") || "https://huggingface.co")
    .replace(/\/+$/, "");
  const token = Deno.env.get("HF_TOKEN");
  if (!token) {
    throw new Error(
      `HF_TOKEN is not set: make a token with the role write at ${endpoint}/settings/tokens`,
    );
  }
  const client = new UploadClient(endpoint, token, run.signal);
  await checkAccount(client, repo, endpoint);
  const repository = await client.repository(options);
  if (isPrivate && repository?.isPrivate === false) {
    throw new Error(
      `${repo} is there and public, so --private would not hide the model: make it private in its settings, or name another repository`,
    );
  }
  const plan = await planUpload(
    files,
    repository,
    (path) => client.read(repo, repository!.head!, path),
  );
  describe(options, repository, plan, leftOut);
  if (plan.conflicts.length > 0 && !options.isForced) {
    throw new Error(
      `${repo} has another model or files of others (${
        plan.conflicts.join("; ")
      }): name another repository, or overwrite them with --force`,
    );
  }
  const url = `${endpoint}/${repo}${
    branch === "main" ? "" : `/tree/${branch}`
  }`;
  const isNew = plan.files.some(({ change }) => change !== "same");
  if (isDryRun || !isNew) {
    console.log(
      isDryRun
        ? `Dry run: nothing was sent to ${url}`
        : `${repo} has the model already: ${url}`,
    );
    return;
  }
  run.begin();
  const head = repository?.head ??
    await makeBranch(client, options, repository);
  await send(client, options, head, plan);
  console.log(`${repo} has the model: ${url}`);
}

/** Throws if the token may not write; warns if it is of somebody else. */
async function checkAccount(
  client: UploadClient,
  repo: string,
  endpoint: string,
): Promise<void> {
  const { name, organizations, isReadOnly } = await client.account(repo);
  if (isReadOnly) {
    throw new Error(
      `HF_TOKEN, of ${name}, may only read: make a token with the role write at ${endpoint}/settings/tokens`,
    );
  }
  const owner = repo.split("/")[0]!.toLowerCase();
  const owners = [name, ...organizations].map((name) => name.toLowerCase());
  if (owners.includes(owner)) return;
  console.warn(
    `Warning: HF_TOKEN is of ${name}, and ${owner} is neither that user nor one of its organizations`,
  );
}

function describe(
  { model, repo, branch, isPrivate }: Options,
  repository: Repository | undefined,
  { files, others }: UploadPlan,
  leftOut: readonly string[],
): void {
  const place = repository === undefined
    ? `a new repository, ${
      isPrivate ? "private" : "public unless its owner's settings say private"
    }`
    : repository.isPrivate
    ? "private"
    : "public";
  console.log(
    `${model} to ${repo}${
      branch === "main" ? "" : `, branch ${branch}`
    } (${place})`,
  );
  console.log(table(
    ["file", "MB", ""],
    files.map(({ path, size, change }) => [path, size / MEGABYTE, change]),
  ));
  const sent = files.filter(({ change }) => change !== "same");
  console.log(
    `${sent.length} of ${files.length} files to upload, ${
      megabytesOf(sent)
    } MB`,
  );
  if (others.length > 0) {
    console.log(
      `There and not in the folder, so they stay: ${others.join(", ")}`,
    );
  }
  if (leftOut.length > 0) console.log(`Left out: ${leftOut.join(", ")}`);
  if (!files.some(({ path }) => path === "README.md")) {
    console.warn(
      "Warning: the folder has no README.md, the card that the Hub shows",
    );
  }
}

/** Makes the repository, the branch or both; returns the branch's last commit. */
async function makeBranch(
  client: UploadClient,
  options: Options,
  repository: Repository | undefined,
): Promise<string> {
  const { repo, branch, isPrivate } = options;
  if (repository === undefined) await client.create(repo, isPrivate);
  if (branch !== "main") await client.createBranch(options);
  const head = (await client.repository(options))?.head;
  if (head !== undefined) return head;
  throw new Error(
    `The Hub does not show the branch ${branch} of ${repo} yet: run the same command again`,
  );
}

async function send(
  client: UploadClient,
  target: Target,
  head: string,
  { files }: UploadPlan,
): Promise<void> {
  const sent = files.filter(({ change }) => change !== "same");
  const total = megabytesOf(sent);
  const here = new URL(
    `file:///${encodePath(Deno.cwd().replaceAll("\\", "/"))}/`,
  );
  using progress = new ProgressBar(total, { label: "uploading", unit: "MB" });
  let [done, shown] = [0, 0];
  const show = (megabytes: number) => {
    for (; shown < Math.min(megabytes, total); shown++) progress.update();
  };
  await client.commit(
    target,
    head,
    sent.map(({ path, source }) => ({
      path,
      url: new URL(encodePath(source), here),
    })),
    (count) => show(Math.floor((done += count) / MEGABYTE)),
  );
  show(total); // with what the Hub had already
}

function megabytesOf(files: readonly { readonly size: number }[]): number {
  return Math.ceil(files.reduce((sum, { size }) => sum + size, 0) / MEGABYTE);
}

function encodePath(path: string): string {
  return encodeURI(path).replaceAll("#", "%23").replaceAll("?", "%3F");
}

if (import.meta.main) await runMain({ parse, help }, upload);
