import { assertEquals } from "@std/assert";
import { loadModel } from "../../../scripts/train/model.ts";
import { parseFlags } from "../../../scripts/train/options.ts";
import { device } from "../../helpers/device.ts";
import { needs } from "../../helpers/permissions.ts";

Deno.test(
  needs("loadModel() makes layers checkpoints with the flag alone", "read"),
  async () => {
    const cases: [string, boolean][] = [
      ["--no-pretrained", false],
      ["--no-pretrained --gradient-checkpointing", true],
      ["--gradient-checkpointing", true],
    ];
    for (const [line, expected] of cases) {
      const options = parseFlags(line.split(" "));
      if (options === "help") throw new TypeError("not --help");
      const { isGradientCheckpointing } = await loadModel(options, device, {
        numLabels: 2,
        problemType: "single_label_classification",
        newHead: false,
      });
      assertEquals(isGradientCheckpointing, expected, line);
    }
  },
);
