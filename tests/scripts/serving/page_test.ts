import {
  assert,
  assertEquals,
  assertMatch,
  assertNotMatch,
  assertStringIncludes,
} from "@std/assert";
import { pageResponse } from "../../../scripts/serving/page.ts";
import { PredictService } from "../../../scripts/serving/predict_service.ts";
import { LIMITS } from "../../../scripts/serving/limits.ts";
import { stubClassifier } from "./service_fixture.ts";

const html = await pageResponse().text();

Deno.test("the page loads nothing from elsewhere, and its policy allows its own script and style alone", async () => {
  const service = new PredictService({
    classifier: stubClassifier(() => Promise.resolve([])),
    model: "model",
    batchSize: 1,
    isLocal: true,
    limits: LIMITS,
  });
  const response = await service.handle(
    new Request("http://localhost/", { headers: { host: "localhost" } }),
  );
  assertEquals(await response.text(), html);
  const policy = response.headers.get("content-security-policy")!;
  for (const name of ["script", "style"]) {
    const elements = [
      ...html.matchAll(new RegExp(`<${name}>([^]*?)</${name}>`, "g")),
    ];
    assertEquals(elements.length, 1);
    const digest = await crypto.subtle.digest(
      "SHA-256",
      new TextEncoder().encode(elements[0]![1]),
    );
    const hash = new Uint8Array(digest).toBase64();
    assertStringIncludes(policy, `${name}-src 'sha256-${hash}'`);
  }
  assertMatch(policy, /^default-src 'none'; /);
  assertNotMatch(policy, /unsafe|\*/);
  assertNotMatch(html, /https?:|\bsrc=|@import|url\(/);
});

Deno.test("the page inserts texts as text, and its elements have names", () => {
  assertNotMatch(
    html,
    /innerHTML|outerHTML|insertAdjacentHTML|document\.write/,
  );
  assertNotMatch(html, / on\w+=/);
  assertMatch(html, /<html lang="en">/);
  const ids = [...html.matchAll(/<textarea id="(\w+)"/g)].map(([, id]) => id);
  assertEquals(ids.length, 2);
  for (const id of ids) assertStringIncludes(html, `<label for="${id}">`);
  assert(html.includes('role="alert"') && html.includes('role="status"'));
});
