// The golden values are those of transformers: tests/models/fixtures/make_modernbert.py.
import { ModernBertForSequenceClassification } from "../../../mod.ts";
import fixture from "../fixtures/modernbert.json" with { type: "json" };
import variant from "../fixtures/modernbert_variant.json" with { type: "json" };
import { testGolden } from "../golden_architecture.ts";

const options = { noGradient: /^$/ };
testGolden(
  "a ModernBERT",
  ModernBertForSequenceClassification,
  fixture,
  options,
);
testGolden(
  "a ModernBERT with biases, mean pooling and other activations",
  ModernBertForSequenceClassification,
  variant,
  options,
);
