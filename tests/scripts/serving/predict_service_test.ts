import { assert, assertEquals } from "@std/assert";
import { TextClassifier } from "../../../mod.ts";
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
      { limits: { bodyBytes: 1000, textsPerRequest: 3, textCharacters: 9 } },
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
      ...[
        { text: "0123456789" },
        { text: "a", textPair: "0123456789" },
        { texts: ["a", "0123456789"] },
        { texts: [{ text: "a", textPair: "0123456789" }] },
      ].map((body) =>
        [
          `a long text, ${JSON.stringify(body)}`,
          () => post(body),
          413,
          "A text has 10 characters: send at most 9; the model reads the beginning of a long text alone",
        ] satisfies [string, () => Promise<Response>, number, string]
      ),
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
