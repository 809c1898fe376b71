// The rates are those of PyTorch's groups: tests/models/fixtures/make_layer_decay.py.
import { assertEquals, assertThrows } from "@std/assert";
import {
  AdamW,
  AutoModelForSequenceClassification,
  paramGroupsLayerDecay,
  type Tensor,
} from "../../mod.ts";
import { sequenceClassifierOf } from "../../lib/models/auto.ts";
import { assertAllClose, F64_HOST } from "../helpers/all_close.ts";
import { device } from "../helpers/device.ts";
import fixture from "../models/fixtures/layer_decay.json" with { type: "json" };

const { lr, decay } = fixture;

function modelOf({ config }: { config: Record<string, unknown> }) {
  const { configClass } = sequenceClassifierOf(config.model_type, "");
  return AutoModelForSequenceClassification.fromConfig(
    configClass.fromJson(config),
    { device },
  );
}

Deno.test("paramGroupsLayerDecay() gives each parameter the rate of its layer, once", async (t) => {
  for (const { config, rates } of fixture.models) {
    await t.step(config.model_type, () => {
      const model = modelOf({ config });
      const names = new Map<Tensor, string>(
        [...model.namedParameters()].map(([name, p]) => [p, name]),
      );
      const optimizer = new AdamW(paramGroupsLayerDecay(model, { lr, decay }));
      const actual = optimizer.paramGroups.flatMap((group) =>
        group.params.map((p) => [names.get(p)!, group.lr] as const)
      );
      const expected: Record<string, number | undefined> = rates;
      assertEquals(
        actual.map(([name]) => name).sort(),
        Object.keys(rates).sort(),
      );
      for (const [name, rate] of actual) {
        assertAllClose([rate], [expected[name]!], F64_HOST, name);
      }
    });
  }
});

Deno.test("paramGroupsLayerDecay() lists the groups from the head down", () => {
  const groups = paramGroupsLayerDecay(modelOf(fixture.models[0]!), {
    lr: 1,
    decay: 0.5,
  });
  assertEquals(groups.map(({ lr }) => lr), [1, 0.5, 0.25, 0.125, 0.0625]);
  const [[classifier]] = [groups[0]!.params.toReversed()];
  assertEquals(classifier!.shape, [2]); // its bias
});

Deno.test("paramGroupsLayerDecay() refuses rates that are none", () => {
  const model = modelOf(fixture.models[0]!);
  for (
    const options of [{ lr: 0, decay }, { lr, decay: 1.1 }, { lr, decay: 0 }]
  ) {
    assertThrows(
      () => paramGroupsLayerDecay(model, options),
      RangeError,
      `Cannot make parameter groups with { lr: ${options.lr}, decay: ${options.decay} }: lr must be above 0`,
    );
  }
});
