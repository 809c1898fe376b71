// The golden values are those of transformers: tests/models/fixtures/make_deberta_v2.py.
import { DebertaV2ForSequenceClassification } from "../../../mod.ts";
import fixture from "../fixtures/deberta_v2.json" with { type: "json" };
import c2p from "../fixtures/deberta_v2_c2p.json" with { type: "json" };
import ownKeys from "../fixtures/deberta_v2_own_keys.json" with {
  type: "json",
};
import p2c from "../fixtures/deberta_v2_p2c.json" with { type: "json" };
import { testGolden } from "../golden_architecture.ts";

const test = (name: string, values: Parameters<typeof testGolden>[2]) =>
  testGolden(name, DebertaV2ForSequenceClassification, values);

test("a DeBERTa-v3", fixture);
test("a DeBERTa-v2 with own projections of distances", ownKeys);
test("a DeBERTa-v2 with c2p alone", c2p);
test("a DeBERTa-v2 with p2c alone", p2c);
