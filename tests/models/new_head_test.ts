import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import {
  AutoModelForSequenceClassification,
  BertConfig,
  BertForSequenceClassification,
  requestDevice,
} from "../../mod.ts";
import { needs } from "../helpers/permissions.ts";
import { tempFolder } from "../helpers/temp_folder.ts";

Deno.test(
  needs(
    "fromPretrained() with newHead keeps the encoder and draws the head",
    "read",
    "write",
  ),
  async (t) => {
    using device = await requestDevice();
    await using folder = await tempFolder();
    const config = new BertConfig({
      vocabSize: 9,
      hiddenSize: 4,
      numHiddenLayers: 1,
      numAttentionHeads: 2,
      intermediateSize: 8,
      maxPositionEmbeddings: 8,
      numLabels: 3,
    });
    const original = BertForSequenceClassification.fromConfig(config, {
      device,
      seed: 1,
    });
    await original.savePretrained(folder.path);
    const load = (options: object) =>
      AutoModelForSequenceClassification.fromPretrained(folder.path, {
        device,
        seed: 2,
        ...options,
      });
    for (const numLabels of [2, 3]) {
      await t.step(`${numLabels} labels`, async () => {
        const model = await load({ numLabels, newHead: true });
        const parameters = model.stateDict();
        for (const [name, parameter] of original.namedParameters()) {
          const [ours, theirs] = [
            await parameters[name]!.toArray(),
            await parameter.toArray(),
          ];
          if (name === "classifier.weight") assertNotEquals(ours, theirs);
          else if (name !== "classifier.bias") assertEquals(ours, theirs, name);
        }
        assertMatch(model.loadReport!, /\nclassifier\.weight +\| NEW\n/);
        assertMatch(
          model.loadReport!,
          /\n- NEW: those params were newly initialized although the checkpoint has them: its values are for other labels\.$/,
        );
        assertEquals(/MISSING|UNEXPECTED/.test(model.loadReport!), false);
      });
    }
    await t.step("the head of the checkpoint without it", async () => {
      const model = await load({});
      assertEquals(model.loadReport, undefined);
      assertEquals(
        await model.stateDict()["classifier.weight"]!.toArray(),
        await original.stateDict()["classifier.weight"]!.toArray(),
      );
    });
  },
);
