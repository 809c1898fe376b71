/**
 * The page to try a model on.
 *
 * @module
 */
import html from "./page.html" with { type: "text" };

/** Hash of the only element of a name in the page, as a Content-Security-Policy has it. */
async function hashOf(element: "script" | "style"): Promise<string> {
  const [, content] = html.split(new RegExp(`</?${element}>`));
  const bytes = new TextEncoder().encode(content);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return `'sha256-${digest.toBase64()}'`;
}

/**
 * Headers of all answers: nothing may be loaded from elsewhere, and no other page may
 * show one in a frame.
 */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy": [
    "default-src 'none'",
    `script-src ${await hashOf("script")}`,
    `style-src ${await hashOf("style")}`,
    "connect-src 'self'",
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cache-control": "no-store",
};

/** Returns the page. */
export function pageResponse(): Response {
  return new Response(html, {
    headers: { "content-type": "text/html; charset=utf-8" },
  });
}
