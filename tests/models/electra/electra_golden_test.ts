import { ElectraForSequenceClassification } from "../../../mod.ts";
import fixture from "../fixtures/electra.json" with { type: "json" };
import { testGolden } from "../golden_architecture.ts";

testGolden("an ELECTRA", ElectraForSequenceClassification, fixture);
