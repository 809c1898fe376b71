/** The root of the project, independent of the working directory. */
export const ROOT = new URL("../../", import.meta.url);
/** The only folder that tests write to; ignored by git. */
export const TMP = new URL("tests/tmp/", ROOT);

/** Permissions of tests, as granted by `deno task test`. */
export const PERMISSIONS = {
  /** Reads the files of the project. */
  read: { name: "read", path: ROOT },
  /** Writes below `tests/tmp`. */
  write: { name: "write", path: TMP },
  /** Serves on loopback. */
  net: { name: "net", host: "127.0.0.1" },
  /** Starts `deno`. */
  run: { name: "run", command: "deno" },
} as const satisfies Record<string, Deno.PermissionDescriptor>;

/** A key of {@linkcode PERMISSIONS}. */
export type Need = keyof typeof PERMISSIONS;

/**
 * Name and options of a test that needs permissions. Without one of them, as in
 * bare `deno test`, the test is ignored and its name says why.
 *
 *     Deno.test(needs("loadDataset() reads Arrow", "read"), async () => { … });
 */
export function needs(
  name: string,
  ...permissions: readonly Need[]
): { name: string; ignore: boolean } {
  const missing = permissions.filter((need) =>
    Deno.permissions.querySync(PERMISSIONS[need]).state !== "granted"
  );
  return {
    name: missing.length === 0
      ? name
      : `${name} (needs permission: ${missing.join(", ")})`,
    ignore: missing.length > 0,
  };
}

/**
 * Name and options of a test that needs permissions, and a shell, `/dev/full` or
 * `script` of Linux.
 */
export function needsLinux(
  name: string,
  ...permissions: readonly Need[]
): { name: string; ignore: boolean } {
  const options = needs(name, ...permissions);
  if (Deno.build.os === "linux") return options;
  return { name: `${name} (needs Linux)`, ignore: true };
}

/** Name and options of a test of cli-progress, which needs Node's readline: no browser has it. */
export function needsNode(name: string): { name: string; ignore: boolean } {
  if ("process" in globalThis) return { name, ignore: false };
  return { name: `${name} (needs Node's modules)`, ignore: true };
}
