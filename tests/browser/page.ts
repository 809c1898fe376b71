/**
 * The browser's part of `deno task test:browser`: loads one bundled test file, runs
 * its tests, and tells the server what happened, over a WebSocket.
 *
 * @module
 */
import { WORST_USE } from "../helpers/all_close.ts";
import * as tolerances from "../helpers/tolerances.ts";
import type { PageMessage } from "./messages.ts";
import { Registry } from "./registry.ts";
import { recordShaders } from "./shaders.ts";

const parameters = new URLSearchParams(location.search);
const file = parameters.get("file")!;
const registry = new Registry();

// In the bundle, `Deno.test` and so on of the tests read `browserTests.test`, so
// that the library sees no Deno.
Object.assign(globalThis, {
  browserTests: {
    test: registry.test,
    permissions: { querySync: () => ({ state: "denied" }) },
    build: { os: "browser" },
  },
});

const socket = new WebSocket(`ws://${location.host}/messages`);
socket.onmessage = ({ data }) => location.assign(data); // the next file
await new Promise((opened) => socket.onopen = opened);
const send = (message: PageMessage) => socket.send(JSON.stringify(message));

// deno-lint-ignore no-console
console.log = (...parts: unknown[]) =>
  send({ kind: "log", text: parts.join(" ") });

// Later, as a test may prevent the default with a listener that comes after these.
addEventListener("unhandledrejection", (event) => {
  setTimeout(() => event.defaultPrevented || registry.uncaught(event.reason));
});
addEventListener("error", (event) => {
  setTimeout(() => event.defaultPrevented || registry.uncaught(event.error));
});

/** The largest use of each tolerance, by its name. */
function uses(): Record<string, number> {
  return Object.fromEntries(
    Object.entries(tolerances).flatMap(([name, tolerance]) => {
      const used = WORST_USE.get(tolerance);
      return used === undefined ? [] : [[name, used]];
    }),
  );
}

const shaders = recordShaders();
try {
  const info = (await navigator.gpu?.requestAdapter())?.info;
  const adapter = info
    ? [info.vendor, info.architecture, info.device, info.description]
      .filter((part) => part !== "").join(" ")
    : "no WebGPU adapter";
  await import(file);
  const filter = parameters.get("filter") ?? "";
  send({ kind: "begin", adapter });
  for await (const result of registry.run(filter)) {
    send({ kind: "result", result });
  }
  send({ kind: "end", tolerances: uses(), shaders: await shaders.report() });
} catch (error) {
  send({
    kind: "broken",
    error: error instanceof Error ? error.stack ?? error.message : `${error}`,
  });
}
