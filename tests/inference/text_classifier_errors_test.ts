import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { loadSafetensors, saveSafetensors, TextClassifier } from "../../mod.ts";
import { device } from "../helpers/device.ts";
import { needs } from "../helpers/permissions.ts";
import { printed } from "../helpers/printed.ts";
import { classifierFolder } from "./classifier_fixture.ts";

Deno.test(
  needs("TextClassifier names the text that it cannot take", "read", "write"),
  async (t) => {
    await using folder = await classifierFolder(3);
    using classifier = await TextClassifier.fromPretrained(folder.path, {
      device,
    });
    // deno-lint-ignore no-explicit-any -- wrong on purpose
    const wrong = (input: any, options?: any) =>
      classifier.predict(input, options);
    const cases: [
      input: unknown,
      options: unknown,
      type: typeof TypeError | typeof RangeError,
      message: string,
    ][] = [
      [
        ["rain", 5],
        {},
        TypeError,
        "Cannot classify text 1: it is the number 5; pass a string, or { text, textPair } for a pair",
      ],
      [
        ["rain", ["a", "b"]],
        {},
        TypeError,
        "Cannot classify text 1: it is an array; pass a string, or { text, textPair } for a pair",
      ],
      [
        undefined,
        {},
        TypeError,
        "Cannot classify a text: it is undefined; pass a string, or { text, textPair } for a pair",
      ],
      [
        [{ text: null }],
        {},
        TypeError,
        "Cannot classify text 0: its text is null, not a string",
      ],
      [
        { text: "rain", textPair: 7 },
        {},
        TypeError,
        "Cannot classify a text: its textPair is the number 7, not a string",
      ],
      [
        ["rain", { text: "rain", "text_pair": "rain" }],
        {},
        TypeError,
        'Cannot classify text 1: there is no option "text_pair"; use textPair',
      ],
      [
        "rain",
        { topK: 0 },
        RangeError,
        "Cannot classify texts: topK is the number 0; it must be a whole number from 1, or null for all labels",
      ],
      [
        "rain",
        { batchSize: 1.5 },
        RangeError,
        "Cannot classify texts: batchSize is the number 1.5; it must be a whole number from 1",
      ],
      [
        "rain",
        { functionToApply: "tanh" },
        RangeError,
        'Cannot classify texts: functionToApply is "tanh"; it must be one of sigmoid, softmax, none',
      ],
      [
        "rain",
        { signal: new AbortController() },
        TypeError,
        "Cannot classify texts: signal is an AbortController; give the signal of an AbortController",
      ],
      [
        "rain",
        { "top_k": 1 },
        TypeError,
        'Cannot classify texts: there is no option "top_k"; use topK',
      ],
    ];
    for (const [input, options, type, message] of cases) {
      await t.step(message, async () => {
        const error = await assertRejects(() => wrong(input, options), type);
        assertEquals(error.message, message);
      });
    }
    await t.step("no text is no error", async () => {
      assertEquals(await classifier.predict([]), []);
    });
  },
);

Deno.test(
  needs(
    "TextClassifier rejects the call of a token that the model lacks, not those beside it",
    "read",
    "write",
  ),
  async () => {
    await using folder = await classifierFolder(3);
    using classifier = await TextClassifier.fromPretrained(folder.path, {
      device,
    });
    const [bad, good] = await Promise.allSettled([
      classifier.predict(["rain", "the cyclist", "rain"]),
      classifier.predict(["rain"]),
    ]);
    assertEquals(
      bad.status === "rejected" && bad.reason.message,
      "Cannot classify text 1: it has token 89, and the vocabulary of the model has 85: its tokenizer.json belongs to another model",
    );
    assertEquals(good.status, "fulfilled");
  },
);

Deno.test(
  needs(
    "TextClassifier.fromPretrained() refuses what does not fit",
    "read",
    "write",
  ),
  async (t) => {
    const rejects = async (
      config: Record<string, unknown>,
      options: Record<string, unknown>,
      message: string,
    ) => {
      await using folder = await classifierFolder(3, config);
      const before = device.memory.liveBytes;
      const error = await assertRejects(() =>
        TextClassifier.fromPretrained(folder.path, { device, ...options })
      ) as Error;
      assertEquals(error.message.replace(folder.path, "DIR"), message);
      assertEquals(device.memory.liveBytes, before);
    };
    await t.step("maxLength", async () => {
      await rejects(
        {},
        { maxLength: 17 },
        "Cannot load a classifier: maxLength is 17, and the model takes 16 tokens; give at most that",
      );
      await rejects(
        {},
        { maxLength: 2 },
        "Cannot truncate to 2 tokens: maxLength must be a whole number from 3, the number of special tokens",
      );
    });
    await t.step("options", () =>
      rejects(
        {},
        { "max_length": 3 },
        'Cannot load a classifier: there is no option "max_length"; use maxLength',
      ));
    await t.step("thresholds", () =>
      rejects(
        {
          "problem_type": "multi_label_classification",
          thresholds: { "LABEL_3": 0.4 },
        },
        {},
        'Cannot use DIR/config.json: its thresholds name "LABEL_3", and the labels are LABEL_0, LABEL_1, LABEL_2',
      ));
  },
);

Deno.test(
  needs(
    "TextClassifier.fromPretrained() warns of a head without weights, and predict() rejects broken ones",
    "read",
    "write",
  ),
  async () => {
    await using folder = await classifierFolder(3);
    const path = `${folder.path}/model.safetensors`;
    const tensors = loadSafetensors(await Deno.readFile(path));
    const bias = tensors.get("classifier.bias")!;
    tensors.delete("classifier.bias");
    await Deno.writeFile(path, saveSafetensors(tensors));
    {
      using output = printed();
      using _ = await TextClassifier.fromPretrained(folder.path, { device });
      assertStringIncludes(output.lines.join("\n"), "classifier.bias");
    }
    const broken = { ...bias, data: Float32Array.of(0, NaN, 0) };
    tensors.set("classifier.bias", broken);
    await Deno.writeFile(path, saveSafetensors(tensors));
    using _output = printed();
    using classifier = await TextClassifier.fromPretrained(folder.path, {
      device,
    });
    const error = await assertRejects(
      () => classifier.predict(["rain"]),
      Error,
    );
    assertStringIncludes(error.message, "Cannot classify text 0: its logits");
  },
);
