import {
  assertEquals,
  assertGreater,
  assertMatch,
  assertNotEquals,
} from "@std/assert";
import {
  DistilBertConfig,
  DistilBertForSequenceClassification,
  requestDevice,
} from "../../mod.ts";
import { needs } from "../helpers/permissions.ts";
import { trainFixture } from "./train_fixture.ts";

Deno.test(
  needs("the train task trains a DistilBERT", "read", "write", "run"),
  async () => {
    await using fixture = await trainFixture();
    using device = await requestDevice();
    const config = new DistilBertConfig({
      vocabSize: 85,
      dim: 16,
      nLayers: 1,
      nHeads: 2,
      hiddenDim: 32,
      maxPositionEmbeddings: 32,
    });
    const path = `${fixture.path}/distilbert`;
    await DistilBertForSequenceClassification.fromConfig(config, { device })
      .savePretrained(path);
    await fixture.write(
      "distilbert/tokenizer.json",
      await fixture.text("model/tokenizer.json"),
    );
    const { code, stdout, error } = await fixture.run(
      "--model distilbert --data data --output-dir runs/a --max-steps 3 --dropout 0.25",
    );
    assertEquals([code, error], [0, error]);
    assertMatch(stdout, /One forward: loss \d\.\d{4}, logits \[\d, 2\]/);
    const saved = JSON.parse(await fixture.text("runs/a/model/config.json"));
    assertEquals(
      [saved.model_type, saved.dropout, saved.attention_dropout],
      ["distilbert", 0.25, 0.25],
    );
    assertEquals(saved.seq_classif_dropout, 0.25);
    assertEquals(saved.architectures, ["DistilBertForSequenceClassification"]);
    const events = await fixture.events("a");
    assertEquals(events.at(-1)?.event, "eval");
  },
);

Deno.test(
  needs(
    "train_mrpc.ts --no-pretrained starts the same model from random weights",
    "read",
    "write",
    "run",
  ),
  async (t) => {
    await using fixture = await trainFixture();
    const evaluated = async (name: string, flags: string) => {
      // The loss of the initial model: learning rate 0 changes nothing.
      const run = await fixture.run(
        `${flags} --data data --max-steps 1 --learning-rate 0 --output-dir runs/${name}`,
      );
      assertEquals(run.code, 0, run.stderr);
      assertEquals(
        run.stdout.includes("\nThe model starts from random weights"),
        flags.includes("--no-pretrained"),
      );
      return (await fixture.events(name)).at(-1)!.loss;
    };
    const pretrained = await evaluated("a", "--model model");
    const random = await evaluated("b", "--model model --no-pretrained");
    // Three of five labels are 1. The logits of the fixture are about 0 and 1, those
    // of a new classifier about 0: losses of 0.6 · 0.313 + 0.4 · 1.313, and log 2.
    assertEquals(Math.round(100 * pretrained), 71);
    assertEquals(Math.round(100 * random), 69);
    await t.step("by the seed, and without reading weights", async () => {
      await Deno.remove(`${fixture.path}/model/model.safetensors`);
      const flags = "--model model --no-pretrained --seed";
      assertEquals(await evaluated("c", `${flags} 42`), random);
      assertNotEquals(await evaluated("d", `${flags} 7`), random);
    });
    await t.step("of any architecture", async () => {
      await fixture.write(
        "model/config.json",
        '{"model_type": "distilbert", "vocab_size": 85, "dim": 16, "n_layers": 1, "n_heads": 2, "hidden_dim": 32}',
      );
      await evaluated("e", "--model model --no-pretrained");
      const saved = JSON.parse(await fixture.text("runs/e/model/config.json"));
      assertEquals(saved.model_type, "distilbert");
    });
  },
);

Deno.test(
  needs(
    "train_mrpc.ts gets the embedded BERT above the word overlap baseline in 60 steps",
    "read",
    "write",
    "run",
  ),
  async () => {
    await using fixture = await trainFixture();
    const run = await fixture.run("--max-steps 60 --output-dir runs/a");
    assertEquals(run.code, 0, run.stderr);
    // 0.892 when measured; word overlap gets 0.712, the majority class 0.680.
    const { accuracy } = JSON.parse(await fixture.text("runs/a/results.json"));
    assertGreater(accuracy, 0.8);
  },
);
