/** The project's root, whatever folder the tests are started from. */
export const ROOT = new URL("../../", import.meta.url);
/** The one folder that tests write to; git ignores it. */
export const TMP = new URL("tests/tmp/", ROOT);

/** What a test may need, as `deno task test` grants it. */
export const PERMISSIONS = {
  /** Read the project's files. */
  read: { name: "read", path: ROOT },
  /** Write below `tests/tmp`. */
  write: { name: "write", path: TMP },
  /** Serve on loopback. */
  net: { name: "net", host: "127.0.0.1" },
  /** Start `deno`. */
  run: { name: "run", command: "deno" },
} as const satisfies Record<string, Deno.PermissionDescriptor>;

/** A key of {@linkcode PERMISSIONS}. */
export type Need = keyof typeof PERMISSIONS;

/**
 * Name and options of a test that needs permissions. Where one was not granted,
 * as in bare `deno test`, the test shows as ignored and its name says why.
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
