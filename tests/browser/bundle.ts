/** Files that the browser may ask for, by path: `/tests/ops/add_test.js` for `tests/ops/add_test.ts`. */
export type Bundle = ReadonlyMap<string, string>;

/** The parts of the `Deno` namespace that page.ts provides. */
const PROVIDED = /\bDeno\.(?=(?:test|permissions|build)\b)/g;
/** The page that runs the tests, as a path of a {@linkcode Bundle}. */
export const PAGE = "/tests/browser/page.js";
/** Never written: the results stay in memory. */
const OUTPUT = "/bundle";

/**
 * Bundles test files, and the page that runs them, for a browser.
 *
 * @param root Folder of the project.
 * @param files Paths below `tests/`, such as `tests/ops/add_test.ts`.
 */
export async function bundle(
  root: URL,
  files: readonly string[],
): Promise<Bundle> {
  const { success, errors, outputFiles = [] } = await Deno.bundle({
    entrypoints: ["tests/browser/page.ts", ...files]
      .map((path) => new URL(path, root).pathname),
    outputDir: OUTPUT,
    platform: "browser",
    codeSplitting: true,
    keepNames: true, // messages name classes
    write: false,
  });
  if (!success) {
    throw new Error(
      `Cannot bundle the tests: ${errors.map(({ text }) => text).join("\n")}`,
    );
  }
  const paths = outputFiles.map(({ path }) =>
    path.slice(path.indexOf(OUTPUT) + OUTPUT.length)
  );
  // The paths begin at the folder that all entry points share.
  const page = paths.find((path) => PAGE.endsWith(path))!;
  const shared = PAGE.slice(0, -page.length);
  return new Map(
    outputFiles.map((file, i) => [
      shared + paths[i],
      file.text().replace(PROVIDED, "browserTests."),
    ]),
  );
}
