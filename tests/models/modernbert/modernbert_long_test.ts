// The golden values are those of transformers: tests/models/fixtures/make_modernbert.py.
import { ModernBertForSequenceClassification } from "../../../mod.ts";
import fixture from "../fixtures/modernbert_long.json" with { type: "json" };
import { KERNEL_SETS } from "../../helpers/kernel_sets.ts";
import { assertResults } from "../golden_architecture.ts";
import { goldenModel } from "../golden_fixture.ts";

Deno.test("a ModernBERT gives the logits, the loss and every gradient of transformers at its window's edge and on long rows", async (t) => {
  for (const { name: kernels, device } of KERNEL_SETS) {
    for (const { batch, ...expected } of fixture.cases) {
      const lengths = batch.attentionMask.map((row) =>
        row.filter(Boolean).length
      );
      await t.step(`rows of ${lengths}, ${kernels} kernels`, async () => {
        const model = goldenModel(
          ModernBertForSequenceClassification,
          fixture,
          { device },
        );
        await assertResults(model.eval(), batch, expected, device);
      });
    }
  }
});
