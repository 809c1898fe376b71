/** Files that the browser may ask for, by path: `/ops/add_test.js` for `tests/ops/add_test.ts`. */
export type Bundle = ReadonlyMap<string, string>;

/** The parts of the `Deno` namespace that page.ts provides. */
const PROVIDED = /\bDeno\.(?=(?:test|permissions|build)\b)/g;
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
  return new Map(
    outputFiles.map((file) => [
      file.path.slice(file.path.indexOf(OUTPUT) + OUTPUT.length),
      file.text().replace(PROVIDED, "browserTests."),
    ]),
  );
}
