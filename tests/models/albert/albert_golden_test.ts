import { AlbertForSequenceClassification } from "../../../mod.ts";
import fixture from "../fixtures/albert.json" with { type: "json" };
import { testGolden } from "../golden_architecture.ts";

testGolden("an ALBERT", AlbertForSequenceClassification, fixture);
