import { assertEquals, assertRejects } from "@std/assert";
import { DeviceLostError, Module, saveSafetensors } from "../../../mod.ts";
import { loadWeights } from "../../../scripts/run_folder/model_selection.ts";
import { RunFolder } from "../../../scripts/run_folder/run_folder.ts";
import { saveModel } from "../../../scripts/run_folder/save_model.ts";
import { needs } from "../../helpers/permissions.ts";
import { printed } from "../../helpers/printed.ts";
import { tempFolder } from "../../helpers/temp_folder.ts";

const lose = () => Promise.reject(new DeviceLostError("lost"));

class LostModel extends Module {
  override loadStateDict(): never {
    throw new DeviceLostError("lost");
  }
}

Deno.test(
  needs("the loss of the device is no failure of the disk", "read", "write"),
  async (t) => {
    await using temp = await tempFolder();
    const { path } = temp;
    using output = printed();
    await t.step("RunFolder.attempt()", async () => {
      const options = { outputDir: `${path}/a`, resume: undefined };
      const folder = new RunFolder(options);
      const attempt = () => folder.attempt("a checkpoint", lose);
      await assertRejects(attempt, DeviceLostError, "lost");
    });
    await t.step("saveModel()", async () => {
      const places = { folder: path, checkpoint: path };
      const save = () => saveModel(places, [{ savePretrained: lose }]);
      await assertRejects(save, DeviceLostError, "lost");
    });
    await t.step("loadWeights()", async () => {
      await Deno.writeFile(`${path}/model.safetensors`, saveSafetensors({}));
      const load = () => loadWeights(new LostModel(), path);
      await assertRejects(load, DeviceLostError, "lost");
    });
    assertEquals(output.lines, []);
  },
);
