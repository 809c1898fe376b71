/**
 * Answers of a server of the page.
 *
 * @module
 */
import { HEADERS } from "./security.ts";
import type { Site } from "./site.ts";

const TYPES: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  json: "application/json",
  svg: "image/svg+xml",
  tsv: "text/tab-separated-values; charset=utf-8",
};

/**
 * Answers a request with a file of the site.
 *
 * @param site The files.
 * @param request The request.
 * @returns The file; 404 if there is none, 405 for a method that changes something.
 */
export function answer(site: Site, request: Request): Response {
  const headers = new Headers(HEADERS);
  headers.set("cache-control", "no-cache");
  if (!["GET", "HEAD"].includes(request.method)) {
    headers.set("allow", "GET, HEAD");
    return new Response(null, { status: 405, headers });
  }
  const path = new URL(request.url).pathname.slice(1) || "index.html";
  const bytes = site.get(path);
  if (!bytes) return new Response("Not found", { status: 404, headers });
  const extension = path.split(".").at(-1)!;
  headers.set("content-type", TYPES[extension] ?? "application/octet-stream");
  headers.set("content-length", `${bytes.length}`);
  return new Response(request.method === "HEAD" ? null : bytes, { headers });
}
