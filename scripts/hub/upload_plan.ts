/**
 * Comparison of a model folder with a repository: what an upload sends, and
 * whether it would overwrite something that is not its own.
 *
 * @module
 */
import { isComplete } from "./download.ts";
import type { ModelFile } from "./upload_files.ts";
import type { BranchFile, Repository } from "./upload_types.ts";

/** A weight file of any library. */
const WEIGHTS = /\.(safetensors|bin|onnx|gguf|h5|msgpack|ckpt|pth?)$/;

/** Change of a file by an upload. */
export type Change = "new" | "changed" | "same";

/** An upload that is planned. */
export interface UploadPlan {
  /** The files of the folder, each with its change. */
  readonly files: readonly (ModelFile & { readonly change: Change })[];
  /** Paths of the repository that are not in the folder, and stay. */
  readonly others: readonly string[];
  /** Reasons not to upload without `--force`. */
  readonly conflicts: readonly string[];
}

/**
 * Compares a model folder with a repository.
 *
 * @param files The files of the folder.
 * @param repository The repository; undefined if there is none yet.
 * @param readText Reads a text file of the repository.
 * @returns The plan.
 */
export async function planUpload(
  files: readonly ModelFile[],
  repository: Repository | undefined,
  readText: (path: string) => Promise<string>,
): Promise<UploadPlan> {
  const remote = repository?.files ?? new Map<string, BranchFile>();
  const planned: UploadPlan["files"][number][] = [];
  const conflicts: string[] = [];
  for (const file of files) {
    const there = remote.get(file.path);
    const isSame = there && await isComplete(file.source, there);
    const change = isSame ? "same" : there ? "changed" : "new";
    planned.push({ ...file, change });
    if (change !== "changed") continue;
    if (!there!.isOurs) {
      conflicts.push(`${file.path} there was written by somebody else`);
    }
    const own = ["config.json", "README.md"].includes(file.path)
      ? await Deno.readTextFile(file.source)
      : "";
    if (file.path === "config.json") {
      conflicts.push(
        ...differences(identity(own), identity(await readText(file.path))),
      );
    } else if (file.path === "README.md") {
      conflicts.push(
        ...differences(base(own), base(await readText(file.path))),
      );
    }
  }
  const paths = new Set(files.map(({ path }) => path));
  const others = [...remote.values()].filter(({ path }) =>
    !paths.has(path) && !path.startsWith(".git")
  );
  const weights = others.find(({ path, isOurs }) =>
    !isOurs && WEIGHTS.test(path)
  );
  if (weights) conflicts.push(`${weights.path} there is of another model`);
  return { files: planned, others: others.map(({ path }) => path), conflicts };
}

/** Properties that tell models apart, with their names. */
type Identity = ReadonlyMap<string, string>;

/** Architecture and labels of a configuration; none if it cannot be read. */
function identity(config: string): Identity {
  let json: Record<string, unknown>;
  try {
    json = Object(JSON.parse(config));
  } catch {
    return new Map();
  }
  const labels = Object.values(Object(json.id2label));
  return new Map([
    ["model_type", `${json.model_type}`],
    ["architectures", `${json.architectures}`],
    ["hidden_size", `${json.hidden_size ?? json.dim}`],
    ["labels", labels.join(", ")],
  ]);
}

/** The base model in the metadata of a card; none if it has no such line. */
function base(card: string): Identity {
  const [, metadata = ""] = card.match(/^---\r?\n(.*?)\r?\n---/s) ?? [];
  const [, name] = metadata.match(/^base_model: *["']?([^"'\s]+)/m) ?? [];
  return new Map(name === undefined ? [] : [["base_model", name]]);
}

function differences(own: Identity, there: Identity): string[] {
  return [...own].flatMap(([name, value]) => {
    const other = there.get(name);
    if (other === undefined || other === value) return [];
    return [`${name} there is ${other || "none"}, here ${value || "none"}`];
  });
}
