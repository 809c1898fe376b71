// The golden values are PyTorch's and transformers', in f64 from f32 weights:
// tests/fixtures/make_problem_types.py.
import { assertEquals } from "@std/assert";
import {
  BertConfig,
  BertForSequenceClassification,
  HostTensor,
  type ProblemType,
} from "../../mod.ts";
import fixture from "../fixtures/problem_types.json" with { type: "json" };
import { assertAllClose, GOLDEN_GRAD } from "../helpers/all_close.ts";
import { KERNEL_SETS } from "../helpers/kernel_sets.ts";
import { batchOf, gradientsOf, tensorsOf } from "./fixture_model.ts";
import { assertOutputs } from "./golden_architecture.ts";

const CASES: {
  problemType: ProblemType;
  given?: ProblemType;
  dtype: "i32" | "f32";
}[] = [
  {
    problemType: "multi_label_classification",
    given: "multi_label_classification",
    dtype: "f32",
  },
  {
    problemType: "multi_label_classification",
    given: "multi_label_classification",
    dtype: "i32",
  },
  { problemType: "multi_label_classification", dtype: "f32" },
  { problemType: "regression", given: "regression", dtype: "f32" },
];

Deno.test("a sequence classifier of any problem type gives the loss and every gradient of transformers", async (t) => {
  for (const { name: kernels, device } of KERNEL_SETS) {
    for (const { problemType, given, dtype } of CASES) {
      const how = given === undefined ? "inferred" : "given";
      await t.step(
        `${problemType}, ${how}, ${dtype}, ${kernels} kernels`,
        async () => {
          const { batch, ...expected } = fixture[
            problemType as keyof Omit<typeof fixture, "config" | "weights">
          ];
          const config = BertConfig.fromJson(
            fixture.config,
            given === undefined ? {} : { problemType: given },
          );
          const model = BertForSequenceClassification.fromConfig(config, {
            device,
          });
          model.loadStateDict(tensorsOf(fixture.weights));
          using _scope = device.scope();
          const labels = HostTensor.from(batch.labels, dtype);
          const outputs = model.forward({
            ...batchOf({ ...batch, labels: [] }),
            labels,
          });
          outputs.loss.backward();
          await assertOutputs(outputs, expected);
          const gradients = tensorsOf(expected.gradients);
          const actual = await gradientsOf(model);
          assertEquals(
            Object.keys(actual).sort(),
            Object.keys(gradients).sort(),
          );
          for (const [name, gradient] of Object.entries(actual)) {
            assertAllClose(gradient, gradients[name]!, GOLDEN_GRAD, name);
          }
          const saved = config.toJson("BertForSequenceClassification");
          assertEquals(saved.problem_type, problemType);
        },
      );
    }
  }
});
