/**
 * Errors with an HTTP status.
 *
 * @module
 */

/** An answer to a request that is refused. */
export class HttpError extends Error {
  /** The status code. */
  readonly status: number;
  /** Further headers. */
  readonly headers: Readonly<Record<string, string>>;

  /**
   * Makes an error.
   *
   * @param status The status code.
   * @param reason The reason, for the client.
   * @param headers Further headers.
   */
  constructor(
    status: number,
    reason: string,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(reason);
    this.status = status;
    this.headers = headers;
  }

  /** The answer: `{ "error": … }`. */
  toResponse(): Response {
    return Response.json({ error: this.message }, {
      status: this.status,
      headers: { ...this.headers },
    });
  }
}
