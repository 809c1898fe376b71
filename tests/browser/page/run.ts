/**
 * Uses the page in Chromium as a person does, on its software adapter: takes a
 * sample, trains, types, downloads; reloads in the middle and goes on. Leaves the
 * pictures, the model and the page's probabilities in `tests/tmp/page`, where
 * `compare.py` and `compare.mjs` find them.
 *
 *     deno run --unstable-bundle --lock=tests/browser/page/page.lock -A \
 *       tests/browser/page/run.ts [part of a name]
 *
 * All permissions, which playwright-core needs; it is no part of `deno task test`.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { answer } from "../../../scripts/web/answer.ts";
import { makeSite } from "../../../scripts/web/site.ts";
import { ROOT } from "../../helpers/permissions.ts";
import { CHECKS } from "./checks.ts";

const OUT = new URL("tests/tmp/page/", ROOT).pathname;

const [wanted = ""] = Deno.args;
await Deno.mkdir(OUT, { recursive: true });
const site = await makeSite();
const server = Deno.serve(
  { hostname: "127.0.0.1", port: 0, onListen() {} },
  (request) => answer(site, request),
);
const origin = `http://127.0.0.1:${server.addr.port}/`;
let failed = 0;
for (const [name, check] of Object.entries(CHECKS)) {
  if (!name.includes(wanted)) continue;
  const start = performance.now();
  const profile = await Deno.makeTempDir({ dir: OUT });
  try {
    const notes = await check({ origin, profile, out: OUT });
    const seconds = ((performance.now() - start) / 1000).toFixed(0);
    console.log(`ok      ${name} (${seconds} s)`);
    for (const note of notes) console.log(`        ${note}`);
  } catch (error) {
    failed++;
    console.log(
      `FAILED  ${name}\n${error instanceof Error ? error.stack : error}`,
    );
  }
  await Deno.remove(profile, { recursive: true }).catch(() => {});
}
await server.shutdown();
Deno.exit(failed === 0 ? 0 : 1);
