import { assertEquals, assertMatch } from "@std/assert";
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
