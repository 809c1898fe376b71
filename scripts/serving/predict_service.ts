/**
 * Requests to a classifier and their answers.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { DeviceLostError, type TextClassifier } from "../../mod.ts";
import { HttpError } from "./http_error.ts";
import type { Limits } from "./limits.ts";
import { pageResponse, SECURITY_HEADERS } from "./page.ts";
import { readPredictRequest } from "./request_body.ts";

/** Names of this machine, in the `Host` header of a request to it. */
const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;

/** Settings of a {@linkcode PredictService}. */
export interface PredictServiceOptions {
  /** The classifier. */
  readonly classifier: Pick<
    TextClassifier,
    "predict" | "labels" | "maxLength" | "truncated"
  >;
  /** Its name for the page. */
  readonly model: string;
  /** Most texts of a batch. */
  readonly batchSize: number;
  /** Whether requests are refused that name another host, as those of a web page do that has its name point to this machine. */
  readonly isLocal: boolean;
  /** Limits of requests. */
  readonly limits: Limits;
}

type Handler = (request: Request) => Response | Promise<Response>;

/** Answers requests. Texts of requests that come together are classified together. */
export class PredictService {
  /** Rejects once the device is lost, after which there are no more predictions. */
  readonly failed: Promise<never>;
  readonly #options: PredictServiceOptions;
  readonly #routes: Readonly<Record<string, Record<string, Handler>>>;
  #fail: (error: Error) => void;
  #openRequests = 0;
  #waitingTexts = 0;

  /** Makes a service. */
  constructor(options: PredictServiceOptions) {
    const { promise, reject } = Promise.withResolvers<never>();
    promise.catch(() => {}); // for callers that do not look
    this.failed = promise;
    this.#fail = reject;
    this.#options = options;
    this.#routes = {
      "/": { GET: pageResponse },
      "/health": { GET: () => this.#health() },
      "/predict": { POST: (request) => this.#limited(request) },
    };
  }

  /** Answers a request; never rejects. */
  async handle(request: Request): Promise<Response> {
    let response: Response;
    try {
      response = await this.#route(request);
    } catch (error) {
      response = this.#errorResponse(error as Error, request.signal);
    }
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) {
      response.headers.set(name, value);
    }
    return response;
  }

  #route(request: Request): Response | Promise<Response> {
    const host = request.headers.get("host") ?? "";
    if (this.#options.isLocal && !LOOPBACK.test(host)) {
      throw new HttpError(
        421,
        `This server answers to 127.0.0.1 and localhost, not to ${host}: use one of these, or start it with --host`,
      );
    }
    const { pathname } = new URL(request.url);
    const methods = Object.hasOwn(this.#routes, pathname)
      ? this.#routes[pathname]!
      : undefined;
    if (!methods) {
      throw new HttpError(
        404,
        `There is nothing at ${pathname}: known are ${
          Object.keys(this.#routes).join(", ")
        }`,
      );
    }
    // The answer to HEAD is that to GET; its body is not sent.
    const method = request.method === "HEAD" ? "GET" : request.method;
    const handler = Object.hasOwn(methods, method)
      ? methods[method]
      : undefined;
    if (handler) return handler(request);
    const allow = Object.keys(methods).join(", ");
    throw new HttpError(
      405,
      `${pathname} does not take ${request.method}: send ${allow}`,
      { allow },
    );
  }

  #health(): Response {
    const { classifier, model } = this.#options;
    const { labels, maxLength, truncated } = classifier;
    return Response.json({
      model,
      labels,
      maxLength,
      truncated,
      waitingTexts: this.#waitingTexts,
    });
  }

  /** Refuses a request if there are too many, before its body is read. */
  async #limited(request: Request): Promise<Response> {
    const { openRequests } = this.#options.limits;
    if (this.#openRequests >= openRequests) {
      throw tooMany(`${openRequests} requests`);
    }
    this.#openRequests++;
    try {
      return await this.#predict(request);
    } finally {
      this.#openRequests--;
    }
  }

  async #predict(request: Request): Promise<Response> {
    const { limits, classifier, batchSize } = this.#options;
    const { input, topK } = await readPredictRequest(request, limits);
    const count = Array.isArray(input) ? input.length : 1;
    if (this.#waitingTexts + count > limits.waitingTexts) {
      throw tooMany(`${this.#waitingTexts} texts`);
    }
    const options = { topK, batchSize, signal: request.signal };
    this.#waitingTexts += count;
    try {
      return Response.json(
        Array.isArray(input)
          ? await classifier.predict(input, options)
          : await classifier.predict(input, options),
      );
    } finally {
      this.#waitingTexts -= count;
    }
  }

  #errorResponse(error: Error, { aborted, reason }: AbortSignal): Response {
    // A client that left gets no answer.
    if (aborted && error === reason) return new Response(null, { status: 408 });
    if (error instanceof HttpError) return error.toResponse();
    // Those of predict() are about the text.
    if (error instanceof TypeError || error instanceof RangeError) {
      return new HttpError(400, error.message).toResponse();
    }
    console.error(`error: ${error.message}`);
    if (error instanceof DeviceLostError) this.#fail(error);
    return new HttpError(500, error.message).toResponse();
  }
}

function tooMany(what: string): HttpError {
  return new HttpError(
    429,
    `${what} wait already: send this again in a second`,
    { "retry-after": "1" },
  );
}
