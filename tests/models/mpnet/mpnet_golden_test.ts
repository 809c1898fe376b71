// The golden values are those of transformers: tests/models/fixtures/make_mpnet.py.
import { MPNetForSequenceClassification } from "../../../mod.ts";
import fixture from "../fixtures/mpnet.json" with { type: "json" };
import { testGolden } from "../golden_architecture.ts";

testGolden("an MPNet", MPNetForSequenceClassification, fixture);
