/**
 * Connection to a Hub: the token for that host alone, redirects, rate limits.
 *
 * @module
 */
// deno-lint-ignore-file no-console

const MAX_REDIRECTS = 5;
/** Window of the rate limits: https://huggingface.co/docs/hub/rate-limits */
const MAX_WAIT_SECONDS = 300;

/** A request: GET by default. */
export interface HubRequest {
  /** The HTTP method. */
  readonly method?: string;
  /** Headers, without the token. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The body. */
  readonly body?: string | Uint8Array<ArrayBuffer>;
}

/** A host that did not respond, or a connection that broke. */
export class ConnectionError extends Error {}

/**
 * Makes the error of a response.
 *
 * @param response The response; its status is not one of success.
 * @param seconds Seconds until the next request is allowed, if they are known.
 */
export type ErrorOf = (
  response: Response,
  seconds: number | undefined,
) => Error | Promise<Error>;

/** Sends requests to a Hub, and to the hosts that it names. */
export class HubConnection {
  /** URL of the Hub, without a trailing slash. */
  readonly endpoint: string;
  readonly #token: string | undefined;
  readonly #signal: AbortSignal;
  readonly #script: string;

  /**
   * Makes a connection, without sending a request.
   *
   * @param endpoint URL of the Hub: `https://huggingface.co`.
   * @param token Token, sent to that host only, not to the targets of redirects.
   * @param signal Aborts every request.
   * @param script The script, for a message about its permissions.
   * @throws {TypeError} If the endpoint is not a URL, or the token has invalid characters.
   */
  constructor(
    endpoint: string,
    token: string | undefined,
    signal: AbortSignal,
    script: string,
  ) {
    if (!/^https?:\/\//.test(endpoint) || !URL.canParse(endpoint)) {
      throw new TypeError(
        `HF_ENDPOINT must be a URL such as https://huggingface.co, not "${endpoint}"`,
      );
    }
    if (token !== undefined && !/^[\x21-\x7e]+$/.test(token)) {
      throw new TypeError(
        "HF_TOKEN has characters that no token has: copy it again from the settings of the Hub",
      );
    }
    this.endpoint = endpoint.replace(/\/+$/, "");
    this.#token = token;
    this.#signal = signal;
    this.#script = script;
  }

  /**
   * Sends a request, and waits out rate limits up to a maximum.
   *
   * @param url Its URL.
   * @param request Method, headers and body.
   * @param errorOf Makes the error of a response without success.
   * @returns The response.
   * @throws {ConnectionError} If the host cannot be reached.
   * @throws {Error} If the Hub refuses the request, as `errorOf` makes it.
   */
  async request(
    url: string,
    request: HubRequest,
    errorOf: ErrorOf,
  ): Promise<Response> {
    for (let waited = 0;;) {
      const response = await this.#follow(url, request);
      if (response.ok) return response;
      const seconds = secondsToWait(response);
      if (
        response.status !== 429 || seconds === undefined ||
        waited + seconds > MAX_WAIT_SECONDS
      ) {
        const error = await errorOf(response, seconds);
        if (!response.bodyUsed) await response.body?.cancel();
        throw error;
      }
      await response.body?.cancel();
      console.error(
        `Rate limit of the Hub reached: continuing in ${seconds} s`,
      );
      await delay(1000 * seconds, this.#signal);
      waited += seconds;
    }
  }

  /** Follows redirects manually, so that only the Hub gets the token; those of a GET only. */
  async #follow(url: string, request: HubRequest): Promise<Response> {
    const hub = new URL(this.endpoint);
    let target = new URL(url);
    for (let i = 0; i <= MAX_REDIRECTS; i++) {
      if (hub.protocol === "https:" && target.protocol !== "https:") {
        throw new Error(
          `The Hub redirects to ${target.origin}, which is not encrypted: nothing is fetched from there`,
        );
      }
      const auth = target.origin === hub.origin && this.#token !== undefined
        ? { Authorization: `Bearer ${this.#token}` }
        : {};
      const response = await this.#send(target, {
        ...request,
        headers: { ...request.headers, ...auth },
      });
      const location = response.headers.get("Location");
      const { method = "GET" } = request;
      if (
        response.status < 300 || response.status >= 400 || !location ||
        method !== "GET"
      ) {
        return response;
      }
      await response.body?.cancel();
      target = new URL(location, target);
    }
    throw new Error(
      `The Hub redirects more than ${MAX_REDIRECTS} times: try again later`,
    );
  }

  async #send(target: URL, request: HubRequest): Promise<Response> {
    try {
      return await fetch(target, {
        ...request,
        // Not compressed, so that ranges and sizes are those of the file.
        headers: { ...request.headers, "Accept-Encoding": "identity" },
        redirect: "manual",
        signal: this.#signal,
      });
    } catch (cause) {
      if (this.#signal.aborted) throw cause;
      if (cause instanceof Deno.errors.NotCapable) {
        throw new Error(
          `${target.host} is not among the hosts that this task may reach: for another Hub run ${this.#script} with --allow-net=${target.host}`,
          { cause },
        );
      }
      throw new ConnectionError(
        `Cannot reach ${target.host}: check the network, and HF_ENDPOINT if it is set`,
        { cause },
      );
    }
  }
}

/** Seconds until the next request is allowed, if the response has them. */
function secondsToWait({ headers }: Response): number | undefined {
  const seconds = headers.get("Retry-After")?.match(/^\d+$/)?.[0] ??
    headers.get("RateLimit")?.match(/;\s*t=(\d+)/)?.[1];
  return seconds === undefined ? undefined : Math.max(1, Number(seconds));
}

/**
 * Waits.
 *
 * @param ms Milliseconds.
 * @param signal Ends the waiting when it is aborted.
 * @throws The reason of the abort.
 */
export function delay(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason));
    setTimeout(resolve, ms);
  });
}
