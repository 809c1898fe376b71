// The cost of a new architecture: the folder tests/models/nano_bert, put into a
// copy of lib/models, and a line in architectures.ts.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { HostTensor } from "../../mod.ts";
import tiny from "../fixtures/tiny_bert.json" with { type: "json" };
import wordPiece from "../fixtures/word_piece.json" with { type: "json" };
import { assertAllClose, GOLDEN_LOGITS } from "../helpers/all_close.ts";
import { needs, ROOT } from "../helpers/permissions.ts";
import { tempFolder } from "../helpers/temp_folder.ts";
import { logitsOf } from "../onnx/exported.ts";
import { tsv } from "../scripts/train_fixture.ts";

const CONFIG = {
  ...tiny.config,
  "model_type": "nano_bert",
  "vocab_size": 85,
  "hidden_size": 16,
  "intermediate_size": 20,
  "num_hidden_layers": 2,
};

/** Prints the logits of a saved model for one pair of tokens. */
const READ = `
import { AutoModelForSequenceClassification, HostTensor, requestDevice } from "./mod.ts";
using device = await requestDevice();
const model = await AutoModelForSequenceClassification.fromPretrained("runs/nano/model", { device });
const ids = HostTensor.from([[2, 7, 9, 3]]);
const zeros = HostTensor.from([[0, 0, 0, 0]]);
const ones = HostTensor.from([[1, 1, 1, 1]]);
using _scope = device.scope();
const { logits } = model.forward({ inputIds: ids, tokenTypeIds: zeros, attentionMask: ones });
console.log(JSON.stringify({ report: model.loadReport ?? null, logits: [...await logits.toArray()] }));
`;

async function copy(from: URL, to: URL): Promise<void> {
  if ((await Deno.stat(from)).isFile) return await Deno.copyFile(from, to);
  await Deno.mkdir(to);
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    const path = isDirectory ? `${name}/` : name;
    await copy(new URL(path, from), new URL(path, to));
  }
}

Deno.test(
  needs(
    "a new architecture is a folder and a line: it trains, saves, loads, predicts and is exported",
    "read",
    "write",
    "run",
  ),
  async () => {
    await using project = await tempFolder();
    const at = (path: string) => new URL(path, project.url);
    const parts = [
      "lib/",
      "scripts/",
      "data/",
      "vendor/",
      "mod.ts",
      "deno.json",
    ];
    for (const part of [...parts, "deno.lock"]) {
      await copy(new URL(part, ROOT), at(part));
    }
    const folder = at("lib/models/nano_bert/");
    await Deno.mkdir(folder);
    const source = await Deno.readTextFile(
      new URL("tests/models/nano_bert/mod.ts", ROOT),
    );
    await Deno.writeTextFile(
      new URL("mod.ts", folder),
      source.replaceAll("../../../lib/models/", "../")
        .replaceAll("../../../lib/", "../../"),
    );
    await Deno.writeTextFile(
      at("lib/models/architectures.ts"),
      'export * from "./nano_bert/mod.ts";\n',
      { append: true },
    );
    await Deno.writeTextFile(at("read.ts"), READ);
    await Deno.mkdir(at("model/"));
    await Deno.writeTextFile(at("model/config.json"), JSON.stringify(CONFIG));
    await Deno.writeTextFile(
      at("model/tokenizer.json"),
      JSON.stringify(wordPiece.tokenizer),
    );
    await Deno.mkdir(at("pairs/"));
    await Deno.writeTextFile(at("pairs/train.tsv"), tsv([1, 0, 1, 1, 0, 1]));
    await Deno.writeTextFile(at("pairs/validation.tsv"), tsv([1, 0, 1]));

    const run = async (...args: string[]) => {
      const { code, stdout, stderr } = await new Deno.Command("deno", {
        args: [
          "run",
          "--no-prompt",
          "--allow-read",
          "--allow-write=runs",
          ...args,
        ],
        cwd: project.url,
        stdin: "null",
      }).output();
      const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
      assertEquals(code, 0, decode(stderr));
      return decode(stdout);
    };
    await run(
      ..."scripts/train_mrpc.ts --model model --data pairs --no-pretrained --epochs 1 --output-dir runs/nano"
        .split(" "),
    );
    const config = JSON.parse(
      await Deno.readTextFile(at("runs/nano/model/config.json")),
    );
    assertEquals(config.model_type, "nano_bert");
    assertEquals(config.architectures, ["NanoBertForSequenceClassification"]);

    const { report, logits } = JSON.parse(await run("read.ts"));
    assertEquals(report, null);
    assert(logits.every(Number.isFinite));

    const predicted = await run(
      ..."scripts/predict.ts --model runs/nano/model ferry rain".split(" "),
    );
    assertMatch(predicted, /"label":"LABEL_[01]"/);

    await run(..."scripts/export_onnx.ts --model runs/nano/model".split(" "));
    const file = await Deno.readFile(at("runs/nano/model/onnx/model.onnx"));
    const batch = {
      inputIds: HostTensor.from([[2, 7, 9, 3]]),
      tokenTypeIds: HostTensor.from([[0, 0, 0, 0]]),
      attentionMask: HostTensor.from([[1, 1, 1, 1]]),
    };
    assertAllClose(await logitsOf(file, batch), logits, GOLDEN_LOGITS);
  },
);
