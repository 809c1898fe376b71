/**
 * Checks that an exported model equals the model itself: classifies labelled rows
 * with both, the ONNX file in transformers.js, the library that it is made for.
 *
 *     deno task check-onnx --model runs/…/model --data PATH
 *
 * `--allow-read`: the model and the data that the flags name, and the package.
 * `--allow-ffi`: transformers.js runs ONNX in onnxruntime, which is native code
 * and no sandbox holds; so no other script loads it. `--allow-env`: its native
 * libraries read their settings there. No net, write or run. `--lock`: the package
 * is pinned in a separate file, because Deno downloads everything in `deno.lock`
 * for every task, and this is 480 MB.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { checkHelp } from "./transformers_js/check_flags.ts";

// Not a literal in the import: with a package among its imports, a script
// downloads everything in its lock file, even for --help.
const CHECK: string = "./transformers_js/check.ts";

if (import.meta.main) {
  if (Deno.args.includes("--help")) console.log(checkHelp());
  else await (await import(CHECK) as { main(): Promise<void> }).main();
}
