import type { TextClassifier } from "../../../mod.ts";
import { LIMITS, type Limits } from "../../../scripts/serving/limits.ts";
import {
  PredictService,
  type PredictServiceOptions,
} from "../../../scripts/serving/predict_service.ts";

/** A service on loopback. */
export interface Serving extends AsyncDisposable {
  readonly service: PredictService;
  /** URL without a slash at its end. */
  readonly url: string;
  readonly port: number;
  /** Sends JSON to `/predict`. */
  post(body: unknown, init?: RequestInit): Promise<Response>;
}

/** Serves a classifier; needs the permission net. */
export function serving(
  classifier: PredictServiceOptions["classifier"],
  options: Partial<Omit<PredictServiceOptions, "limits">> & {
    limits?: Partial<Limits>;
  } = {},
): Serving {
  const service = new PredictService({
    model: "model",
    batchSize: 32,
    isLocal: true,
    ...options,
    classifier,
    limits: { ...LIMITS, ...options.limits },
  });
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    (request) => service.handle(request),
  );
  const { port } = server.addr;
  const url = `http://127.0.0.1:${port}`;
  return {
    service,
    url,
    port,
    post: (body, init) =>
      fetch(`${url}/predict`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: typeof body === "string" ? body : JSON.stringify(body),
        ...init,
      }),
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** A classifier whose answers a test gives. */
export function stubClassifier(
  predict: (input: unknown, signal: AbortSignal) => Promise<unknown>,
): PredictServiceOptions["classifier"] {
  return {
    labels: ["a", "b"],
    maxLength: 16,
    truncated: 0,
    predict:
      ((input: unknown, { signal }: { signal: AbortSignal }) =>
        predict(input, signal)) as TextClassifier["predict"],
  };
}

/** Status and reason of an answer that is JSON. */
export async function errorOf(
  response: Response,
): Promise<[status: number, error: string]> {
  const { error } = await response.json();
  return [response.status, error];
}
