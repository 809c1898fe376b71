import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import {
  BertForSequenceClassification,
  dataCollatorWithPadding,
  noGrad,
  requestDevice,
  type TextClassificationOutput,
  TextClassifier,
  type TextPair,
  Tokenizer,
} from "../../mod.ts";
import { assertAllClose, BATCH_INVARIANCE } from "../helpers/all_close.ts";
import { device } from "../helpers/device.ts";
import { fakeClock } from "../helpers/fake_clock.ts";
import { needs } from "../helpers/permissions.ts";
import { classifierFolder, textOf } from "./classifier_fixture.ts";

const scoresOf = (outputs: readonly TextClassificationOutput[]) =>
  outputs.map(({ score }) => score);
const labelsOf = (outputs: readonly TextClassificationOutput[]) =>
  outputs.map(({ label }) => label);

Deno.test(
  needs("TextClassifier gives the logits of the model", "read", "write"),
  async () => {
    await using folder = await classifierFolder(3);
    using classifier = await TextClassifier.fromPretrained(folder.path, {
      device,
    });
    const tokenizer = await Tokenizer.fromPretrained(folder.path);
    const model = await BertForSequenceClassification.fromPretrained(
      folder.path,
      { device },
    );
    const texts = Array.from({ length: 5 }, (_, i) => textOf(i));
    const batch = dataCollatorWithPadding(tokenizer)(
      texts.map((text) => ({
        ...tokenizer.encode(text, "rain .", {
          maxLength: 16,
        }),
      })),
    );
    using _scope = device.scope();
    const logits = await model.forward(batch).logits.toArray();
    const outputs = await classifier.predict(
      texts.map((text) => ({ text, textPair: "rain ." })),
      { topK: null, functionToApply: "none", batchSize: 2 },
    );
    const inOrder = outputs.flatMap((row) =>
      classifier.labels.map((label) =>
        row.find((output) => output.label === label)!.score
      )
    );
    assertAllClose(inOrder, logits, BATCH_INVARIANCE);
    assertEquals(classifier.truncated, 1); // of 15 words
  },
);

Deno.test(
  needs(
    "TextClassifier gives 200 calls at once the answers that each gets alone",
    "read",
    "write",
  ),
  async () => {
    await using folder = await classifierFolder(3);
    using classifier = await TextClassifier.fromPretrained(folder.path, {
      device,
    });
    const inputOf = (i: number): string | TextPair =>
      i % 3 === 0 ? { text: textOf(i), textPair: textOf(i + 1) } : textOf(i);
    const calls = Array.from({ length: 200 }, (_, i) => ({
      inputs: Array.from({ length: i % 5 }, (_, k) => inputOf(i + 31 * k)),
      options: { topK: null, batchSize: 1 + (i * 7) % 40 },
    }));
    const alone: TextClassificationOutput[][][] = [];
    for (const { inputs, options } of calls) {
      alone.push(await classifier.predict(inputs, options));
    }
    const { submits } = device.counters;
    const together = await Promise.all(
      calls.map(({ inputs, options }) => classifier.predict(inputs, options)),
    );
    assertEquals(
      together.map((call) => call.map(labelsOf)),
      alone.map((call) => call.map(labelsOf)),
    );
    assertAllClose(
      together.flat(2).map(({ score }) => score),
      alone.flat(2).map(({ score }) => score),
      BATCH_INVARIANCE,
    );
    // 400 texts; a call of few rows in a batch limits it.
    assert(device.counters.submits - submits < 120);
  },
);

Deno.test(
  needs("TextClassifier shares batches among calls", "read", "write"),
  async () => {
    await using folder = await classifierFolder(3);
    using classifier = await TextClassifier.fromPretrained(folder.path, {
      device,
    });
    await classifier.predict("rain");
    const rows: number[] = [];
    const { model } = classifier;
    const forward = model.forward.bind(model);
    Object.assign(model, {
      forward: (batch: Parameters<typeof forward>[0]) => {
        rows.push(batch.inputIds.shape[0]!);
        return forward(batch);
      },
    });
    const first = [1, 2, 3].map((i) => classifier.predict(textOf(i)));
    await Promise.resolve(); // the three run; the rest waits for them
    await Promise.resolve();
    const rest = Array.from(
      { length: 40 },
      (_, i) => classifier.predict([textOf(i), textOf(i + 1)]),
    );
    await Promise.all([...first, ...rest]);
    assertEquals(rows, [3, 32, 32, 16]);
  },
);

Deno.test(
  needs(
    "TextClassifier lets others take their turn between long texts",
    "read",
    "write",
  ),
  async () => {
    await using folder = await classifierFolder(3);
    using classifier = await TextClassifier.fromPretrained(folder.path, {
      device,
    });
    const { tokenizer } = classifier;
    const encode = tokenizer.encode.bind(tokenizer);
    const order: string[] = [];
    using clock = fakeClock();
    Object.assign(tokenizer, {
      encode: (...args: Parameters<typeof encode>) => {
        order.push("text");
        clock.ms += order.length === 1 ? 1 : 30;
        return encode(...args);
      },
    });
    setTimeout(() => order.push("other"));
    await classifier.predict(["rain", "the", "at"]);
    assertEquals(order, ["text", "text", "other", "text"]);
  },
);

Deno.test(
  needs(
    "TextClassifier gives up on the texts of an aborted call alone",
    "read",
    "write",
  ),
  async () => {
    await using folder = await classifierFolder(3);
    using classifier = await TextClassifier.fromPretrained(folder.path, {
      device,
    });
    const controller = new AbortController();
    const reason = new Error("the reader left");
    const texts = Array.from({ length: 20 }, (_, i) => textOf(i));
    const aborted = classifier.predict(texts, {
      batchSize: 2,
      signal: controller.signal,
    });
    const other = classifier.predict(texts);
    const { submits } = device.counters;
    controller.abort(reason);
    assertEquals(await assertRejects(() => aborted), reason);
    assertEquals((await other).length, 20);
    assert(device.counters.submits - submits < 6, "its texts still ran");
    assertEquals(
      await assertRejects(() =>
        classifier.predict("rain", { signal: controller.signal })
      ),
      reason,
    );
  },
);

Deno.test(
  needs(
    "TextClassifier leaves gradients and scopes of others alone",
    "read",
    "write",
  ),
  async () => {
    await using folder = await classifierFolder(3);
    using classifier = await TextClassifier.fromPretrained(folder.path, {
      device,
    });
    const model = await BertForSequenceClassification.fromPretrained(
      folder.path,
      { device },
    );
    const batch = dataCollatorWithPadding(classifier.tokenizer)([
      { ...classifier.tokenizer.encode("rain"), label: 1 },
    ]);
    const prediction = classifier.predict(textOf(3));
    await Promise.resolve();
    await Promise.resolve();
    using _step = device.scope();
    const { loss } = model.forward(batch); // while a batch of the classifier runs
    await prediction;
    loss.backward();
    assert(Number.isFinite(await loss.item()));
  },
);

Deno.test(
  needs("TextClassifier frees what it holds", "read", "write"),
  async (t) => {
    await using folder = await classifierFolder(3);
    using shared = await requestDevice();
    const load = () =>
      TextClassifier.fromPretrained(folder.path, { device: shared });
    const texts = Array.from({ length: 8 }, (_, i) => textOf(i));
    {
      using classifier = await load();
      await classifier.predict(texts); // what the device keeps for itself
    }
    const { liveBytes } = shared.memory;
    await t.step("between calls, and the model with it", async () => {
      {
        using classifier = await load();
        await classifier.predict(texts);
        const { liveBytes } = shared.memory;
        const { liveBuffers } = shared.counters;
        for (let i = 0; i < 50; i++) {
          await Promise.all([
            classifier.predict(texts.slice(0, 1 + i % 8)),
            classifier.predict(textOf(i)),
          ]);
        }
        assertEquals(shared.memory.liveBytes, liveBytes);
        assertEquals(shared.counters.liveBuffers, liveBuffers);
      }
      assertEquals(shared.memory.liveBytes, liveBytes);
    });
    await t.step("an unanswered call rejects, and later ones", async () => {
      const classifier = await load();
      const call = classifier.predict(texts);
      classifier[Symbol.dispose]();
      const error = await assertRejects(() => call);
      assertStringIncludes(`${error}`, "the classifier was disposed");
      await assertRejects(
        () => classifier.predict("rain"),
        Error,
        "Cannot classify texts: the classifier is disposed; predict before its scope ends",
      );
      classifier[Symbol.dispose](); // again, without effect
      assertEquals(shared.memory.liveBytes, liveBytes);
    });
    await t.step("a device of its own", async () => {
      const classifier = await TextClassifier.fromPretrained(folder.path);
      assertEquals((await classifier.predict("rain")).length, 1);
      const call = classifier.predict("rain");
      classifier[Symbol.dispose]();
      await assertRejects(() => call, Error, "the classifier was disposed");
      const [parameter] = classifier.model.parameters();
      await assertRejects(() => parameter!.toArray(), Error, "destroyed");
    });
  },
);

Deno.test(
  needs(
    "TextClassifier gives labels of several per row whether they are predicted",
    "read",
    "write",
  ),
  async () => {
    const problem = { "problem_type": "multi_label_classification" };
    await using plain = await classifierFolder(3, problem);
    using classifier = await TextClassifier.fromPretrained(plain.path, {
      device,
    });
    const texts = Array.from({ length: 6 }, (_, i) => textOf(i));
    const all = await classifier.predict(texts, { topK: null });
    for (const { score, predicted } of all.flat()) {
      assertEquals(predicted, score >= 0.5);
    }
    const thresholds = {
      "LABEL_1": all[0]!.find(({ label }) => label === "LABEL_1")!.score,
    };
    await using tuned = await classifierFolder(3, { ...problem, thresholds });
    using other = await TextClassifier.fromPretrained(tuned.path, { device });
    // The batch of one call, so that the scores are the same bits.
    const again = await other.predict(texts, { topK: null });
    assertEquals(again.map(scoresOf), all.map(scoresOf));
    assertEquals(
      again[0]!.find(({ label }) => label === "LABEL_1")!.predicted,
      true,
    );
    for (const { label, score, predicted } of again.flat()) {
      assertEquals(
        predicted,
        score >= (label === "LABEL_1" ? thresholds.LABEL_1 : 0.5),
      );
    }
    using _noGrad = noGrad();
    const logits = await other.predict(texts, {
      topK: null,
      functionToApply: "none",
    });
    assertEquals(
      logits.flat().filter(({ predicted }) => predicted).length,
      again.flat().filter(({ predicted }) => predicted).length,
    );
  },
);
