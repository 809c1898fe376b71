import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { DeviceLostError, TextClassifier } from "../../../mod.ts";
import { assertAllClose, BATCH_INVARIANCE } from "../../helpers/all_close.ts";
import { device } from "../../helpers/device.ts";
import { needs } from "../../helpers/permissions.ts";
import {
  classifierFolder,
  textOf,
} from "../../inference/classifier_fixture.ts";
import { errorOf, serving, stubClassifier } from "./service_fixture.ts";

interface Output {
  readonly label: string;
  readonly score: number;
}

Deno.test(
  needs(
    "PredictService answers what predict() gives, to 200 requests at once",
    "read",
    "write",
    "net",
  ),
  async (t) => {
    await using folder = await classifierFolder(3);
    using classifier = await TextClassifier.fromPretrained(folder.path, {
      device,
    });
    await using served = serving(classifier);
    await t.step("of each form", async () => {
      const pair = { text: "rain", textPair: "the ferry" };
      const cases: [body: object, expected: unknown][] = [
        [{ text: "rain" }, await classifier.predict("rain")],
        [pair, await classifier.predict(pair)],
        [
          { text: "rain", topK: null },
          await classifier.predict("rain", { topK: null }),
        ],
        [{ texts: [] }, []],
        [{ texts: ["rain"] }, await classifier.predict(["rain"])],
        [
          { texts: ["rain", pair], topK: 2 },
          await classifier.predict(["rain", pair], { topK: 2 }),
        ],
      ];
      for (const [body, expected] of cases) {
        const response = await served.post(body);
        assertEquals(response.status, 200);
        assertEquals(response.headers.get("content-type"), "application/json");
        assertEquals(await response.json(), expected);
      }
    });
    await t.step("of clients at once", async () => {
      const bodies = Array.from({ length: 200 }, (_, i) => ({
        texts: Array.from(
          { length: 1 + i % 3 },
          (_, k) =>
            i % 2 === 0
              ? textOf(i + k)
              : { text: textOf(i), textPair: textOf(k) },
        ),
        topK: null,
      }));
      const answers = await Promise.all(bodies.map(async (body) => {
        const response = await served.post(body);
        return await response.json() as Output[][];
      }));
      for (const [i, { texts }] of bodies.entries()) {
        const alone = await classifier.predict(texts, { topK: null });
        const labels = (rows: readonly Output[][]) =>
          rows.map((row) => row.map(({ label }) => label));
        assertEquals(labels(answers[i]!), labels(alone));
        assertAllClose(
          answers[i]!.flat().map(({ score }) => score),
          alone.flat().map(({ score }) => score),
          BATCH_INVARIANCE,
        );
      }
    });
    await t.step("its state", async () => {
      const response = await fetch(`${served.url}/health`);
      const { truncated, ...state } = await response.json();
      assert(truncated > 0);
      assertEquals(state, {
        model: "model",
        labels: ["LABEL_0", "LABEL_1", "LABEL_2"],
        maxLength: 16,
        waitingTexts: 0,
      });
    });
    await t.step("a text that the model cannot take", async () => {
      assertEquals(await errorOf(await served.post({ texts: ["a", null] })), [
        400,
        "Cannot classify text 1: it is null; pass a string, or { text, textPair } for a pair",
      ]);
      assertEquals(await errorOf(await served.post({ text: "a", topK: 0 })), [
        400,
        "Cannot classify texts: topK is the number 0; it must be a whole number from 1, or null for all labels",
      ]);
    });
  },
);

const SHAPE =
  'send {"text": "…"} or {"text": "…", "textPair": "…"}, or several as {"texts": ["…"]}; "topK" may stand beside them';

Deno.test(
  needs("PredictService refuses other requests with a reason", "net"),
  async (t) => {
    await using served = serving(
      stubClassifier(() => Promise.resolve([])),
      { limits: { bodyBytes: 1000, textsPerRequest: 3 } },
    );
    const { post, url } = served;
    const json = { "content-type": "application/json" };
    const request = (path: string, init?: RequestInit) =>
      fetch(`${url}${path}`, init);
    const cases: [
      name: string,
      send: () => Promise<Response>,
      status: number,
      error: string,
    ][] = [
      [
        "another path",
        () => request("/v1"),
        404,
        "There is nothing at /v1: known are /, /health, /predict",
      ],
      [
        "a path that objects have",
        () => request("/constructor"),
        404,
        "There is nothing at /constructor: known are /, /health, /predict",
      ],
      [
        "GET",
        () => request("/predict"),
        405,
        "/predict does not take GET: send POST",
      ],
      [
        "a preflight of another site",
        () => request("/predict", { method: "OPTIONS" }),
        405,
        "/predict does not take OPTIONS: send POST",
      ],
      [
        "POST to the page",
        () => request("/", { method: "POST", body: "a" }),
        405,
        "/ does not take POST: send GET",
      ],
      [
        "a form",
        () => post("{}", { headers: { "content-type": "text/plain" } }),
        415,
        'The content type is text/plain: send JSON with "Content-Type: application/json"',
      ],
      [
        "no content type",
        () => post("", { headers: {}, body: new Uint8Array(2) }),
        415,
        'The content type is none: send JSON with "Content-Type: application/json"',
      ],
      [
        "no body",
        () => request("/predict", { method: "POST", headers: json }),
        400,
        `The body is not valid JSON (Unexpected end of JSON input): ${SHAPE}`,
      ],
      [
        "bytes",
        () => post("", { body: Uint8Array.of(0x22, 0xff, 0x22) }),
        400,
        `The body is not UTF-8: ${SHAPE}`,
      ],
      ["a list", () => post([]), 400, `The body is no JSON object: ${SHAPE}`],
      ["null", () => post("null"), 400, `The body is no JSON object: ${SHAPE}`],
      ["nothing", () => post({}), 400, `No text: ${SHAPE}`],
      [
        "another key",
        () => post({ inputs: "a" }),
        400,
        `There is no key "inputs": ${SHAPE}`,
      ],
      [
        "texts that are none",
        () => post({ texts: "a" }),
        400,
        `"texts" is no array: ${SHAPE}`,
      ],
      [
        "both",
        () => post({ texts: ["a"], textPair: "a" }),
        400,
        `"text" and "texts" exclude each other: ${SHAPE}`,
      ],
      [
        "many texts",
        () => post({ texts: ["a", "b", "c", "d"] }),
        413,
        "There are 4 texts: send at most 3 in a request",
      ],
      [
        "a large body",
        () => post({ text: "a".repeat(1000) }),
        413,
        "The body has more than 1000 bytes: send fewer texts in a request",
      ],
      [
        "a body of 10 MB without its length",
        () => {
          let left = 100;
          const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
            pull(controller) {
              if (left-- === 0) controller.close();
              else controller.enqueue(new Uint8Array(100_000).fill(32));
            },
          });
          return post("", { body });
        },
        413,
        "The body has more than 1000 bytes: send fewer texts in a request",
      ],
    ];
    for (const [name, send, status, error] of cases) {
      await t.step(`${name}: ${status}`, async () => {
        const response = await send();
        assertEquals(
          response.headers.get("x-content-type-options"),
          "nosniff",
        );
        const allow = response.headers.get("allow");
        assertEquals(allow !== null, status === 405);
        assertEquals(await errorOf(response), [status, error]);
      });
    }
    await t.step("and takes a content type with a charset", async () => {
      const response = await post({ text: "a" }, {
        headers: { "content-type": "Application/JSON;charset=utf-8" },
      });
      assertEquals([response.status, await response.json()], [200, []]);
    });
  },
);

Deno.test(
  needs("PredictService ends requests that take too long or are many", "net"),
  async (t) => {
    await t.step("a slow body: 408", async () => {
      await using served = serving(
        stubClassifier(() => Promise.resolve([])),
        { limits: { bodyMs: 200 } },
      );
      using client = await Deno.connect({
        hostname: "127.0.0.1",
        port: served.port,
      });
      await client.write(new TextEncoder().encode(
        'POST /predict HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{"te',
      ));
      const buffer = new Uint8Array(4000);
      let answer = "";
      while (!answer.includes("again")) {
        const count = await client.read(buffer);
        assert(count !== null, answer);
        answer += new TextDecoder().decode(buffer.subarray(0, count));
      }
      assertStringIncludes(answer, "HTTP/1.1 408 ");
      assertStringIncludes(answer, "The body did not come within 0.2 s");
    });
    await t.step("many texts or requests: 429", async () => {
      const { promise, resolve } = Promise.withResolvers<unknown>();
      let calls = 0;
      const { promise: full, resolve: isFull } = Promise.withResolvers<void>();
      await using served = serving(
        stubClassifier(() => {
          if (++calls === 2) isFull();
          return promise;
        }),
        { limits: { waitingTexts: 5, openRequests: 3 } },
      );
      const first = [["a", "b"], ["c", "d"]].map((texts) =>
        served.post({ texts })
      );
      await full;
      const refused = await served.post({ texts: ["e", "f"] });
      assertEquals(refused.headers.get("retry-after"), "1");
      assertEquals(await errorOf(refused), [
        429,
        "4 texts wait already: send this again in a second",
      ]);
      const third = served.post({ text: "e" });
      while (calls < 3) await new Promise((resolve) => setTimeout(resolve, 5));
      assertEquals(await errorOf(await served.post({ text: "f" })), [
        429,
        "3 requests wait already: send this again in a second",
      ]);
      resolve([]);
      for (const answer of [...first, third]) {
        assertEquals(await (await answer).json(), []);
      }
      const later = await served.post({ texts: ["a", "b", "c", "d", "e"] });
      assertEquals([later.status, await later.json()], [200, []]);
    });
  },
);

Deno.test(
  needs("PredictService gives up on the texts of a client that left", "net"),
  async () => {
    const { promise, resolve } = Promise.withResolvers<AbortSignal>();
    await using served = serving(stubClassifier((_, signal) => {
      resolve(signal);
      return new Promise((_, reject) =>
        signal.addEventListener("abort", () => reject(signal.reason))
      );
    }));
    const controller = new AbortController();
    const answer = served.post({ text: "a" }, { signal: controller.signal });
    answer.catch(() => {});
    const signal = await promise;
    const left = new Promise((resolve) =>
      signal.addEventListener("abort", resolve)
    );
    controller.abort();
    await left;
    const { waitingTexts } = await (await fetch(`${served.url}/health`)).json();
    assertEquals(waitingTexts, 0);
  },
);

Deno.test(
  needs("PredictService answers to names of this machine alone", "net"),
  async () => {
    const classifier = stubClassifier(() => Promise.resolve([]));
    const statusOf = async (isLocal: boolean, host: string) => {
      await using served = serving(classifier, { isLocal });
      using client = await Deno.connect({
        hostname: "127.0.0.1",
        port: served.port,
      });
      await client.write(new TextEncoder().encode(
        `HEAD / HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`,
      ));
      const answer = await new Response(client.readable).text();
      return /^HTTP\/1.1 (\d+)/.exec(answer)?.[1];
    };
    for (const host of ["127.0.0.1:8000", "LocalHost", "[::1]:80"]) {
      assertEquals(await statusOf(true, host), "200", host);
    }
    for (const host of ["evil.example", "localhost.evil.example:8000"]) {
      assertEquals(await statusOf(true, host), "421", host);
      assertEquals(await statusOf(false, host), "200", host);
    }
  },
);

Deno.test(
  needs("PredictService fails with its device, not with other errors", "net"),
  async () => {
    const errors = [new Error("first"), new DeviceLostError("second")];
    await using served = serving(
      stubClassifier(() => Promise.reject(errors.shift())),
    );
    const { error: printError } = console;
    const lines: string[] = [];
    console.error = (line: string) => void lines.push(line);
    try {
      for (const reason of ["first", "second"]) {
        const response = await served.post({ text: "a" });
        assertEquals(await errorOf(response), [500, reason]);
      }
    } finally {
      console.error = printError;
    }
    assertEquals(lines, ["error: first", "error: second"]);
    await assertRejects(() => served.service.failed, Error, "second");
  },
);
