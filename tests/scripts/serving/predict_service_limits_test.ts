import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { DeviceLostError } from "../../../mod.ts";
import { LIMITS } from "../../../scripts/serving/limits.ts";
import { PredictService } from "../../../scripts/serving/predict_service.ts";
import { needs } from "../../helpers/permissions.ts";
import { errorOf, serving, stubClassifier } from "./service_fixture.ts";

interface Output {
  readonly label: string;
  readonly score: number;
}

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

Deno.test("PredictService blames a body that breaks off on its client", async () => {
  const service = new PredictService({
    classifier: stubClassifier(() => Promise.resolve([])),
    model: "model",
    batchSize: 32,
    isLocal: false,
    limits: LIMITS,
  });
  const body = new ReadableStream({
    pull(controller) {
      controller.error(new Deno.errors.Http("unexpected EOF"));
    },
  });
  const response = await service.handle(
    new Request("http://127.0.0.1/predict", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    }),
  );
  assertEquals(response.headers.get("connection"), "close");
  assertEquals(await errorOf(response), [
    400,
    "The body broke off: unexpected EOF: send it again",
  ]);
});

Deno.test(
  needs("PredictService fails with its device, not with other errors", "net"),
  async () => {
    const errors = [new Error("first"), new DeviceLostError("second")];
    await using served = serving(
      stubClassifier(() => Promise.reject(errors.shift())),
    );
    const { error } = console;
    const lines: string[] = [];
    const print = (line: string) => void lines.push(line);
    Object.assign(console, { error: print });
    try {
      for (const reason of ["first", "second"]) {
        const response = await served.post({ text: "a" });
        assertEquals(await errorOf(response), [500, reason]);
      }
    } finally {
      Object.assign(console, { error });
    }
    assertEquals(lines, ["error: first", "error: second"]);
    await assertRejects(() => served.service.failed, Error, "second");
  },
);
