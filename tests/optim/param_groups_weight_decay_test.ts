import { assertEquals } from "@std/assert";
import {
  BertConfig,
  BertForSequenceClassification,
  Parameter,
  paramGroupsWeightDecay,
  type Tensor,
} from "../../mod.ts";
import fixture from "../fixtures/tiny_bert.json" with { type: "json" };
import { device } from "../helpers/device.ts";

Deno.test("paramGroupsWeightDecay() exempts biases and LayerNorm weights", () => {
  const model = BertForSequenceClassification.fromConfig(
    BertConfig.fromJson(fixture.config),
    { device },
  );
  const groups = paramGroupsWeightDecay(model, 0.1);
  const names = new Map<Tensor, string>(
    [...model.namedParameters()].map(([name, parameter]) => [parameter, name]),
  );
  assertEquals(groups.map(({ weightDecay }) => weightDecay), [0.1, 0]);
  const dense = [
    "attention.self.query",
    "attention.self.key",
    "attention.self.value",
    "attention.output.dense",
    "intermediate.dense",
    "output.dense",
  ];
  assertEquals(
    groups[0]!.params.map((parameter) => names.get(parameter)!).sort(),
    [
      ...["word", "position", "token_type"].map((name) =>
        `bert.embeddings.${name}_embeddings.weight`
      ),
      ...[0, 1].flatMap((i) =>
        dense.map((name) => `bert.encoder.layer.${i}.${name}.weight`)
      ),
      "bert.pooler.dense.weight",
      "classifier.weight",
    ].sort(),
  );
  assertEquals(groups.flatMap(({ params }) => params).length, names.size);
});

// The patterns of transformers' get_decay_parameter_names, case-insensitive.
Deno.test("paramGroupsWeightDecay() exempts normalisation layers by name", () => {
  const exempt = [
    "bias",
    "a.bias",
    "layernorm.weight",
    "a.LayerNorm.weight",
    "input_layernorm.weight",
    "RMSNorm.weight",
    "norm.weight",
    "a.norm.weight",
    "final_norm.weight",
  ];
  const decayed = ["weight", "normal.weight", "a.normalize", "norms.weight"];
  const named = [...exempt, ...decayed].map((
    name,
  ): [string, Parameter] => [name, new Parameter(device, [1], () => {})]);
  const groups = paramGroupsWeightDecay({ namedParameters: () => named }, 1);
  const namesOf = ({ params }: { params: Parameter[] }) =>
    named.filter(([, p]) => params.includes(p)).map(([name]) => name);
  assertEquals(groups.map(namesOf), [decayed, exempt]);
});
