// RoBERTa, ELECTRA, ALBERT, DeBERTa and MPNet through the tasks.
import { assertEquals, assertMatch } from "@std/assert";
import {
  AlbertConfig,
  AutoModelForSequenceClassification,
  DebertaV2Config,
  ElectraConfig,
  HostTensor,
  MPNetConfig,
  noGrad,
  RobertaConfig,
  Tokenizer,
} from "../../mod.ts";
import { contentOf } from "../data/tokenizer/class_content.ts";
import { assertAllClose, GOLDEN_LOGITS } from "../helpers/all_close.ts";
import { device } from "../helpers/device.ts";
import { needs } from "../helpers/permissions.ts";
import { logitsOf } from "../onnx/exported.ts";
import { trainFixture } from "./train_fixture.ts";

const SIZES = {
  vocabSize: 700,
  hiddenSize: 16,
  numHiddenLayers: 2,
  numAttentionHeads: 2,
  intermediateSize: 32,
  maxPositionEmbeddings: 64,
};
const CASES = [
  {
    type: "roberta",
    config: new RobertaConfig({ ...SIZES, typeVocabSize: 1 }),
  },
  {
    type: "electra",
    config: new ElectraConfig({ ...SIZES, embeddingSize: 8 }),
  },
  { type: "albert", config: new AlbertConfig({ ...SIZES, embeddingSize: 8 }) },
  {
    type: "deberta-v2",
    config: new DebertaV2Config({
      ...SIZES,
      relativeAttention: true,
      posAttType: "p2c|c2p",
      positionBuckets: 16,
    }),
  },
  { type: "mpnet", config: new MPNetConfig(SIZES) },
];

for (const { type, config } of CASES) {
  Deno.test(
    needs(
      `the tasks take ${type} models`,
      "read",
      "write",
      "run",
    ),
    async () => {
      await using fixture = await trainFixture();
      await AutoModelForSequenceClassification.fromConfig(config, { device })
        .savePretrained(`${fixture.path}/${type}`);
      const content = contentOf(type, false);
      await fixture.write(`${type}/tokenizer.json`, JSON.stringify(content));
      const run = async (
        flags: string,
        options: Parameters<typeof fixture.run>[1] = {},
      ) => {
        const { code, stdout, stderr } = await fixture.run(flags, options);
        assertEquals(code, 0, stderr);
        return stdout;
      };
      const data = `--data data --max-steps 2 --output-dir`;
      const shown = await run(`--model ${type} ${data} runs/a`);
      assertMatch(shown, /One forward: loss \d\.\d{4}, logits \[\d, 2\]/);
      const model = "--model runs/a/model";
      if (type === "roberta") {
        await run(
          `--model ${type} ${data} runs/b --text-columns sentence1,sentence2`,
          { task: "classify" },
        );
        await run(`${model} --data data`, { task: "evaluate" });
      }
      assertMatch(
        await run(model, { task: "predict", texts: ["the ferry", "rain"] }),
        /"label":"LABEL_[01]"/,
      );
      await run(model, { task: "export" });

      const path = `${fixture.path}/runs/a/model`;
      const tokenizer = await Tokenizer.fromPretrained(path);
      const { inputIds } = tokenizer.encode("the ferry leaves", "at seven");
      const from = (row: number[]) => HostTensor.from([row]);
      const batch = {
        inputIds: from(inputIds),
        tokenTypeIds: from(inputIds.map(() => 0)),
        attentionMask: from(inputIds.map(() => 1)),
      };
      const trained = await AutoModelForSequenceClassification
        .fromPretrained(path, { device });
      assertEquals(trained.loadReport, undefined);
      using _noGrad = noGrad();
      using _scope = device.scope();
      assertAllClose(
        await logitsOf(await Deno.readFile(`${path}/onnx/model.onnx`), batch),
        await trained.forward(batch).logits.toArray(),
        GOLDEN_LOGITS,
      );
    },
  );
}
