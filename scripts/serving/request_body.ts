/**
 * Bodies of requests, within limits.
 *
 * @module
 */
import type { TextPair } from "../../mod.ts";
import { HttpError } from "./http_error.ts";
import type { Limits } from "./limits.ts";

/** A request for predictions. */
export interface PredictRequest {
  /** One text or pair, or several. */
  readonly input: TextPair | (string | TextPair)[];
  /** Labels for each text; `null` for all. */
  readonly topK: number | null;
}

const SHAPE =
  'send {"text": "…"} or {"text": "…", "textPair": "…"}, or several as {"texts": ["…"]}; "topK" may stand beside them';
const KEYS = ["text", "textPair", "texts", "topK"];

/**
 * Reads the body of a request for predictions.
 *
 * @param request The request.
 * @param limits Size and time of the body, number of texts.
 * @returns Its texts, of which the classifier checks the types.
 * @throws {HttpError} 400, 408, 413 or 415.
 */
export async function readPredictRequest(
  request: Request,
  limits: Limits,
): Promise<PredictRequest> {
  const type = request.headers.get("content-type") ?? "none";
  if (!/^application\/json\s*(;|$)/i.test(type)) {
    throw new HttpError(
      415,
      `The content type is ${type}: send JSON with "Content-Type: application/json"`,
    );
  }
  const body = parse(await readBody(request, limits));
  const { text, textPair, texts, topK = 1 } = body;
  if (texts === undefined) {
    if (text === undefined) throw new HttpError(400, `No text: ${SHAPE}`);
    checkLengths([text, textPair], limits);
    return { input: { text, textPair }, topK } as PredictRequest;
  }
  if (!Array.isArray(texts)) {
    throw new HttpError(400, `"texts" is no array: ${SHAPE}`);
  }
  if (text !== undefined || textPair !== undefined) {
    throw new HttpError(400, `"text" and "texts" exclude each other: ${SHAPE}`);
  }
  if (texts.length > limits.textsPerRequest) {
    throw new HttpError(
      413,
      `There are ${texts.length} texts: send at most ${limits.textsPerRequest} in a request`,
    );
  }
  checkLengths(texts.flatMap(textsOf), limits);
  return { input: texts, topK } as PredictRequest;
}

/** The parts of a text or pair. */
function textsOf(input: unknown): unknown[] {
  return typeof input === "object" && input !== null
    ? Object.values(input)
    : [input];
}

function checkLengths(
  texts: readonly unknown[],
  { textCharacters }: Limits,
): void {
  const long = texts.find((text) =>
    typeof text === "string" && text.length > textCharacters
  ) as string | undefined;
  if (long === undefined) return;
  throw new HttpError(
    413,
    `A text has ${long.length} characters: send at most ${textCharacters}; the model reads the beginning of a long text alone`,
  );
}

/** Reads the whole body. */
async function readBody(
  { headers, body }: Request,
  { bodyBytes, bodyMs }: Limits,
): Promise<Uint8Array> {
  const tooLarge = () =>
    new HttpError(
      413,
      `The body has more than ${bodyBytes} bytes: send fewer texts in a request`,
    );
  if (Number(headers.get("content-length")) > bodyBytes) throw tooLarge();
  const reader = body?.getReader();
  if (!reader) return new Uint8Array();
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    reader.cancel().catch(() => {});
  }, bodyMs);
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for (let next; !(next = await reader.read().catch(brokenOff)).done;) {
      size += next.value.length;
      if (size > bodyBytes) throw tooLarge();
      chunks.push(next.value);
    }
  } finally {
    clearTimeout(timer);
    reader.cancel().catch(() => {}); // what was not read
  }
  if (isLate) {
    throw new HttpError(
      408,
      `The body did not come within ${bodyMs / 1000} s: send it again`,
      { connection: "close" },
    );
  }
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}

/** The client left, or the server ends. */
function brokenOff({ message }: Error): never {
  throw new HttpError(
    400,
    `The body broke off: ${message}: send it again`,
    { connection: "close" },
  );
}

/** Parses a JSON object with the known keys. */
function parse(bytes: Uint8Array): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    const reason = error instanceof SyntaxError
      ? `not valid JSON (${error.message})`
      : "not UTF-8";
    throw new HttpError(400, `The body is ${reason}: ${SHAPE}`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new HttpError(400, `The body is no JSON object: ${SHAPE}`);
  }
  const unknown = Object.keys(value).find((key) => !KEYS.includes(key));
  if (unknown === undefined) return { ...value };
  throw new HttpError(
    400,
    `There is no key ${JSON.stringify(unknown)}: ${SHAPE}`,
  );
}
