/** The messages of Deno for errors of a disk, which have no class of their own. */
const ERRORS = {
  ENOSPC: "No space left on device (os error 28)",
  EIO: "Input/output error (os error 5)",
};

/** File operations; `open` for writing only. */
export type Call = "open" | "write" | "fsync" | "rename" | "mkdir";

/** The operation that fails, and its failure. */
export interface FaultOptions {
  /** Part of the paths whose operations count. */
  readonly paths: string;
  /** The operation; undefined for all. */
  readonly call?: Call;
  /** Number of the operation that fails, from 1. */
  readonly nth: number;
  /** An error, or death of the process before the operation, or in the middle of a write. */
  readonly fault: keyof typeof ERRORS | "SIGKILL";
  /** Whether every later one fails too. */
  readonly isLasting?: boolean;
}

/** A fault of this process; `using` ends it. */
export interface Fault extends Disposable {
  /** Operations so far, each with its path: `write runs/a/config.json`. */
  readonly operations: readonly string[];
}

type Operation = (this: object, ...args: unknown[]) => unknown;

/** Functions of `Deno`, of which the first argument is a path. */
const FUNCTIONS: Readonly<Record<string, Call>> = {
  create: "open",
  mkdir: "mkdir",
  open: "open",
  rename: "rename",
  writeFile: "write",
  writeTextFile: "write",
};

/** Methods of `Deno.FsFile`. */
const METHODS: Readonly<Record<string, Call>> = {
  sync: "fsync",
  syncData: "fsync",
  write: "write",
};

/**
 * Makes the n-th file operation of this process fail. A write that fails has
 * written a half. `FsFile.writable` is not covered.
 *
 *     using fault = injectFault({ paths: "runs/a", call: "write", nth: 3, fault: "ENOSPC" });
 */
export function injectFault(options: FaultOptions): Fault {
  const { paths, call, nth, fault, isLasting = false } = options;
  const pathOf = new WeakMap<object, string>();
  const log: string[] = [];
  const mustFail = (kind: Call, path: string) => {
    if (!path.includes(paths) || kind !== (call ?? kind)) return false;
    log.push(`${kind} ${path}`);
    return log.length === nth || (isLasting && log.length > nth);
  };
  const fail = (): never => {
    if (fault !== "SIGKILL") throw new Error(ERRORS[fault]);
    Deno.kill(Deno.pid, "SIGKILL");
    while (true);
  };
  const remember = (file: unknown, path: unknown) => {
    if (file instanceof Deno.FsFile) pathOf.set(file, `${path}`);
    return file;
  };

  const replaced = new DisposableStack();
  const replace = (target: object, name: string, kind: Call) => {
    const isFailing = (self: object, args: unknown[]) => {
      const { write, append } = Object(args[1]);
      if (name === "open" && !write && !append) return false; // for reading
      return mustFail(kind, pathOf.get(self) ?? `${args[0]}`);
    };
    const operations = target as Record<string, Operation>;
    const original = operations[name]!;
    const originalSync = operations[`${name}Sync`]!;
    replaced.defer(() => {
      operations[name] = original;
      operations[`${name}Sync`] = originalSync;
    });
    operations[name] = async function (...args) {
      if (!isFailing(this, args)) {
        return remember(await original.apply(this, args), args[0]);
      }
      if (kind === "write") await original.apply(this, firstHalf(args));
      return fail();
    };
    operations[`${name}Sync`] = function (...args) {
      if (!isFailing(this, args)) {
        return remember(originalSync.apply(this, args), args[0]);
      }
      if (kind === "write") originalSync.apply(this, firstHalf(args));
      return fail();
    };
  };
  for (const [name, kind] of Object.entries(FUNCTIONS)) {
    replace(Deno, name, kind);
  }
  for (const [name, kind] of Object.entries(METHODS)) {
    replace(Deno.FsFile.prototype, name, kind);
  }
  return {
    operations: log,
    [Symbol.dispose]: () => replaced.dispose(),
  };
}

/** Halves the text or bytes to be written; leaves paths and options. */
function firstHalf(args: unknown[]): unknown[] {
  const at = args[0] instanceof Uint8Array ? 0 : 1;
  const content = args[at] as string | Uint8Array;
  return args.with(at, content.slice(0, Math.floor(content.length / 2)));
}

/** Flags of `deno run` that inject a fault before the main module is loaded. */
export function faultFlags(options: FaultOptions): string[] {
  const url = new URL(import.meta.url);
  url.searchParams.set("fault", JSON.stringify(options));
  const kill = options.fault === "SIGKILL" ? ["--allow-run"] : [];
  return [`--preload=${url}`, ...kill];
}

const fault = new URL(import.meta.url).searchParams.get("fault");
if (fault !== null) injectFault(JSON.parse(fault));
