import { RobertaForSequenceClassification } from "../../../mod.ts";
import fixture from "../fixtures/roberta.json" with { type: "json" };
import { testGolden } from "../golden_architecture.ts";

testGolden("a RoBERTa", RobertaForSequenceClassification, fixture);
