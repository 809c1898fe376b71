import { assertEquals, assertRejects } from "@std/assert";
import { CallQueue, PredictCall } from "../../lib/inference/predict_call.ts";

const callOf = (texts: readonly string[], batchSize = 4) =>
  new PredictCall(texts.map((text) => [text]), batchSize);
const indices = (batch: { index: number }[]) => batch.map(({ index }) => index);

Deno.test("PredictCall.take() gives the longest texts first, equal ones in order", () => {
  const call = new PredictCall(
    [["bb"], ["a"], ["b", "bb"], ["aa"], ["aaaaa"]],
    9,
  );
  assertEquals(indices(call.take(2)), [4, 2]);
  assertEquals(indices(call.take(2)), [0, 3]);
  assertEquals(call.isWaiting, true);
  assertEquals(indices(call.take(2)), [1]);
  assertEquals(call.isWaiting, false);
});

Deno.test("PredictCall resolves in the order of its texts, with the last answer", async () => {
  const call = callOf(["a", "b"]);
  call.answer(1, Float32Array.of(1));
  assertEquals(call.isSettled, false);
  call.answer(0, Float32Array.of(0));
  assertEquals(call.isSettled, true);
  assertEquals(await call.logits, [Float32Array.of(0), Float32Array.of(1)]);
});

Deno.test("PredictCall.fail() ends it, and its texts wait no more", async () => {
  const queue = new CallQueue();
  const call = callOf(["a", "b"], 1);
  queue.push(call);
  assertEquals(indices(queue.nextBatch()), [0]);
  call.fail(new Error("aborted"));
  call.answer(0, Float32Array.of(0));
  assertEquals(queue.nextBatch(), []);
  await assertRejects(() => call.logits, Error, "aborted");
});

Deno.test("CallQueue.nextBatch() fills batches with the texts of several calls", async (t) => {
  const names = (queue: CallQueue) => {
    const batches: string[] = [];
    for (let batch; (batch = queue.nextBatch()).length > 0;) {
      batches.push(batch.map(({ text }) => text).join(" "));
    }
    return batches;
  };
  const queueOf = (...calls: PredictCall[]) => {
    const queue = new CallQueue();
    calls.forEach((call) => queue.push(call));
    return queue;
  };
  await t.step("short calls do not wait for all of a long one", () => {
    const long = callOf(Array.from({ length: 9 }, (_, i) => `l${i}`));
    const queue = queueOf(long, callOf(["a"]), callOf(["b"]));
    assertEquals(names(queue), ["l0 l1 l2 l3", "a b l4 l5", "l6 l7 l8"]);
  });
  await t.step("none has more texts than any of its calls allows", () => {
    const queue = queueOf(
      callOf(["a"]),
      callOf(["b", "c", "d"], 2),
      callOf(["e"], 1),
      callOf(["f"]),
    );
    assertEquals(names(queue), ["a b", "e", "f c", "d"]);
  });
  await t.step("one with one text skips those that are full", () => {
    const queue = queueOf(callOf(["a"], 1), callOf(["b"], 1), callOf(["c"]));
    assertEquals(names(queue), ["a", "b", "c"]);
  });
});
