import { assertEquals } from "@std/assert";
import { warnOfPair } from "../../../scripts/inference/pair_warning.ts";
import { modelCard } from "../../../scripts/model_card/model_card.ts";
import { needs } from "../../helpers/permissions.ts";
import { printed } from "../../helpers/printed.ts";
import { tempFolder } from "../../helpers/temp_folder.ts";
import { CARD } from "../model_card/card_fixture.ts";

Deno.test(
  needs(
    "warnOfPair() warns where the card of the model has single texts",
    "read",
    "write",
  ),
  async () => {
    await using folder = await tempFolder();
    const warned = async (sentences: readonly string[]) => {
      using output = printed();
      await warnOfPair(folder.path, sentences);
      return output.lines;
    };
    const card = (textColumns: readonly string[]) =>
      Deno.writeTextFile(
        `${folder.path}/README.md`,
        modelCard({ ...CARD, dataset: { ...CARD.dataset, textColumns } }),
      );
    assertEquals(await warned(["a", "b"]), []); // no card
    await card(["text"]);
    assertEquals(await warned(["a", "b"]), [
      "Warning: the model was trained on single texts, and the two texts are taken as one pair; for two answers give one text a line on standard input",
    ]);
    assertEquals(await warned(["a"]), []);
    assertEquals(await warned([]), []);
    await card(["question", "answer"]);
    assertEquals(await warned(["a", "b"]), []);
  },
);
