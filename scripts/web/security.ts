/**
 * The Content-Security-Policy of the page: its own files alone, and the Hugging Face
 * Hub for models; no text becomes a script.
 *
 * @module
 */

const HUB = "https://huggingface.co https://*.huggingface.co https://*.hf.co";

const DIRECTIVES = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'", // codecs of Parquet
  "style-src 'self'",
  "img-src 'self' data:",
  `connect-src 'self' ${HUB}`,
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
];

/** The policy as an element of the page, for hosts that set no headers. */
export const META_POLICY: string = DIRECTIVES.join("; ");

/** Headers of every file, where the host sets them. */
export const HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy": `${META_POLICY}; frame-ancestors 'none'`,
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
};
