import { assertEquals, assertMatch } from "@std/assert";
import { answer } from "../../scripts/web/answer.ts";
import { META_POLICY } from "../../scripts/web/security.ts";

const SITE = new Map([
  ["index.html", new TextEncoder().encode("<p>")],
  ["model/model.safetensors", new Uint8Array([1, 2, 3])],
]);

function get(path: string, method = "GET"): Response {
  return answer(SITE, new Request(`http://127.0.0.1${path}`, { method }));
}

Deno.test("answer() serves the files of the site alone, with its policy", async () => {
  const page = get("/");
  assertEquals(page.headers.get("content-type"), "text/html; charset=utf-8");
  assertEquals(await page.text(), "<p>");
  for (const response of [page, get("/nothing"), get("/", "POST")]) {
    assertMatch(
      response.headers.get("content-security-policy")!,
      /default-src 'none'.*frame-ancestors 'none'/,
    );
  }
  assertEquals(get("/../deno.json").status, 404);
  assertEquals(get("/", "POST").status, 405);
  const head = get("/model/model.safetensors", "HEAD");
  assertEquals(head.headers.get("content-length"), "3");
  assertEquals(await head.text(), "");
});

Deno.test("the policy allows no script of others and no code from text", () => {
  assertMatch(META_POLICY, /script-src 'self' 'wasm-unsafe-eval';/);
  assertEquals(
    /(?<!wasm-)unsafe|\*(?!\.(huggingface\.co|hf\.co))/.test(META_POLICY),
    false,
  );
});
