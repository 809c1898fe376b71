import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import {
  type Batch,
  BertForSequenceClassification,
  HostTensor,
  loadAdapter,
  loadSafetensors,
  noGrad,
  requestDevice,
} from "../../mod.ts";
import { assertAllClose, LORA_MERGED } from "../helpers/all_close.ts";
import { needs } from "../helpers/permissions.ts";
import { type TrainFixture, trainFixture } from "./train_fixture.ts";

const LORA = "--lora-r 2 --lora-alpha 6 --lora-dropout 0.1";
const SETTINGS =
  "--model model --data data --output-dir runs/a --learning-rate 1e-2 --seed 5";
const BATCH: Batch = {
  inputIds: HostTensor.from([[2, 7, 40, 3]]),
  tokenTypeIds: HostTensor.from([[0, 0, 1, 1]]),
  attentionMask: HostTensor.from([[1, 1, 1, 1]]),
};

/** Fails unless the base model with the adapter of a run gives the logits of its model. */
async function assertSameModel(fixture: TrainFixture): Promise<void> {
  using device = await requestDevice();
  using _noGrad = noGrad();
  const load = (path: string) =>
    BertForSequenceClassification
      .fromPretrained(`${fixture.path}/${path}`, { device });
  const adapted = await load("model");
  const logitsOf = (model: BertForSequenceClassification) =>
    model.forward(BATCH).logits.toArray();
  const before = await logitsOf(adapted);
  await loadAdapter(adapted, `${fixture.path}/runs/a/adapter`);
  const merged = await load("runs/a/model");
  assertEquals(merged.loadReport, undefined);
  const expected = await logitsOf(merged);
  assertAllClose(await logitsOf(adapted), expected, LORA_MERGED);
  assertEquals(`${before}` === `${expected}`, false);
}

Deno.test(
  needs(
    "the train task with --lora-r trains an adapter, goes on with one, and merges it",
    "read",
    "write",
    "run",
  ),
  async () => {
    await using fixture = await trainFixture();
    const whole = await fixture.run(
      `${SETTINGS} ${LORA} --epochs 2 --batch-size 4`,
    );
    assertEquals([whole.code, whole.stderr], [0, whole.stderr]);
    // of A and B for query and value: 4 · 2 · 16; of the head: 2 · 17
    assertMatch(
      whole.stdout,
      /^LoRA trains 162 of [\d,]+ parameters \(\d\.\d\d %\)$/m,
    );
    const config = JSON.parse(
      await fixture.text("runs/a/adapter/adapter_config.json"),
    );
    const { r, lora_alpha: alpha, lora_dropout: dropout } = config;
    assertEquals({ r, alpha, dropout }, { r: 2, alpha: 6, dropout: 0.1 });
    await assertSameModel(fixture);

    const filesOf = async () => {
      const read = async (path: string) =>
        (await Deno.readFile(`${fixture.path}/runs/a/${path}`)).toBase64();
      return [
        await read("adapter/adapter_model.safetensors"),
        await read("model/model.safetensors"),
      ];
    };
    const expected = await filesOf();
    const moments = loadSafetensors(
      await Deno.readFile(
        `${fixture.path}/runs/a/checkpoint-3/optimizer.safetensors`,
      ),
    );
    assertEquals(moments.size, 2 * 6); // two for each trained parameter
    // as if it had been killed between its last files
    for (const path of ["results.json", "checkpoint-6", "model"]) {
      await Deno.remove(`${fixture.path}/runs/a/${path}`, { recursive: true });
    }
    const resumed = await fixture.run("--resume runs/a");
    assertEquals([resumed.code, resumed.stderr], [0, resumed.stderr]);
    assertStringIncludes(resumed.stdout, "Going on after step 3");
    assertEquals(await filesOf(), expected);
  },
);

Deno.test(
  needs(
    "the classify task with --lora-r trains an adapter with peft's scale",
    "read",
    "write",
    "run",
  ),
  async () => {
    await using fixture = await trainFixture();
    const { code, stderr } = await fixture.run(
      `${SETTINGS} --lora-r 3 --text-columns sentence1,sentence2 --label-column label --epochs 1`,
      { task: "classify" },
    );
    assertEquals([code, stderr], [0, stderr]);
    const config = JSON.parse(
      await fixture.text("runs/a/adapter/adapter_config.json"),
    );
    const { r, lora_alpha: alpha, lora_dropout: dropout } = config;
    assertEquals({ r, alpha, dropout }, { r: 3, alpha: 8, dropout: 0 });
    await assertSameModel(fixture);
  },
);
