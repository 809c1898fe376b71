import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { fileURLToPath } from "node:url";
import type { TensorInfo } from "../../lib/checkpoint/header.ts";
import {
  formatLoadReport,
  matchParameters,
  openModelFolder,
  saveModelFolder,
} from "../../lib/checkpoint/hugging_face.ts";
import {
  loadSafetensors,
  type SafetensorsInput,
  type SafetensorsSource,
  saveSafetensors,
} from "../../lib/checkpoint/safetensors.ts";
import { needs, TMP } from "../helpers/permissions.ts";

const OPTIONS = {
  baseModelPrefix: "bert",
  keysToIgnoreOnLoadUnexpected: [/^cls\./, /(^|\.)position_ids$/],
};
type Shapes = Record<string, number[]>;

/** Matches tensors and parameters that are given by name and shape. */
function match(tensors: Shapes, parameters: Shapes) {
  const infos = Object.entries(tensors).map(
    ([name, shape]): [string, TensorInfo] => [
      name,
      { dtype: "F32", shape, offset: 0, byteLength: 0 },
    ],
  );
  return matchParameters(
    { path: "models/x", tensors: new Map(infos) },
    Object.entries(parameters).map(([name, shape]) => [name, { shape }]),
    OPTIONS,
  );
}

Deno.test("matchParameters() finds equal names, and says what is left", () => {
  const report = match(
    { "bert.a": [2], "bert.other": [1], "bert.b": [3, 4] },
    { "bert.a": [2], "bert.b": [3, 4], "classifier.weight": [2, 3] },
  );
  assertEquals(report, {
    sources: new Map([["bert.a", "bert.a"], ["bert.b", "bert.b"]]),
    missing: ["classifier.weight"],
    unexpected: ["bert.other"],
  });
});

Deno.test("matchParameters() adds the base model's prefix", () => {
  const report = match(
    { "pooler.dense.bias": [2] },
    { "bert.pooler.dense.bias": [2], "classifier.bias": [2] },
  );
  assertEquals(report, {
    sources: new Map([["bert.pooler.dense.bias", "pooler.dense.bias"]]),
    missing: ["classifier.bias"],
    unexpected: [],
  });
});

Deno.test("matchParameters() takes the base model's prefix off", () => {
  const report = match(
    {
      "bert.pooler.dense.bias": [2],
      "bart.pooler.dense.bias": [2],
      "classifier.bias": [2],
    },
    { "pooler.dense.bias": [2] },
  );
  assertEquals(report, {
    sources: new Map([["pooler.dense.bias", "bert.pooler.dense.bias"]]),
    missing: [],
    unexpected: ["bart.pooler.dense.bias", "classifier.bias"],
  });
});

Deno.test("matchParameters() reads gamma and beta of a LayerNorm as weight and bias", () => {
  const report = match(
    {
      "bert.embeddings.LayerNorm.gamma": [2],
      "embeddings.LayerNorm.beta": [2],
      "bert.gamma": [2],
    },
    {
      "bert.embeddings.LayerNorm.weight": [2],
      "bert.embeddings.LayerNorm.bias": [2],
      "bert.weight": [2],
    },
  );
  assertEquals(report, {
    sources: new Map([
      ["bert.embeddings.LayerNorm.weight", "bert.embeddings.LayerNorm.gamma"],
      ["bert.embeddings.LayerNorm.bias", "embeddings.LayerNorm.beta"],
    ]),
    missing: ["bert.weight"],
    unexpected: ["bert.gamma"],
  });
});

Deno.test("matchParameters() leaves out what the caller ignores", () => {
  const report = match(
    {
      "bert.a": [2],
      "cls.predictions.bias": [9],
      "cls.predictions.transform.LayerNorm.gamma": [9],
      "embeddings.position_ids": [1, 9],
      "bert.embeddings.position_ids": [1, 9],
      "bert.cls.x": [1],
      "my_position_ids": [1],
    },
    { "bert.a": [2] },
  );
  assertEquals(report.unexpected, ["bert.cls.x", "my_position_ids"]);
});

Deno.test("matchParameters() refuses other shapes, and names each", () => {
  assertThrows(
    () =>
      match(
        { "bert.a": [2], "classifier.weight": [2, 8], "classifier.bias": [2] },
        { "bert.a": [2], "classifier.weight": [3, 8], "classifier.bias": [3] },
      ),
    RangeError,
    "Cannot load models/x: classifier.weight is [2,8] in the checkpoint and [3,8] in the model; " +
      "classifier.bias is [2] in the checkpoint and [3] in the model: " +
      "make the model with the sizes of the checkpoint (numLabels for a classifier), or load another checkpoint",
  );
});

Deno.test("matchParameters() refuses two tensors for one parameter", () => {
  assertThrows(
    () => match({ "a": [2], "bert.a": [2] }, { "bert.a": [2] }),
    RangeError,
    'Cannot load models/x: its tensors "a" and "bert.a" are both for bert.a',
  );
});

Deno.test("matchParameters() refuses a checkpoint of another architecture", () => {
  assertThrows(
    () => match({ "h.0.attn.weight": [2] }, { "bert.a": [2], "bert.b": [2] }),
    RangeError,
    "Cannot load models/x: none of its 1 tensors is for this model, which has bert.a and 1 more",
  );
});

Deno.test("formatLoadReport() says what was missing and unexpected in one block", () => {
  const report = match(
    { "bert.a": [2], "seq_relationship.bias": [2] },
    {
      "bert.a": [2],
      "bert.encoder.layer.2.output.dense.bias": [2],
      "bert.encoder.layer.10.output.dense.bias": [2],
      "bert.encoder.layer.11.attention.output.dense.bias": [2],
      "classifier.weight": [2, 8],
      "classifier.bias": [2],
    },
  );
  assertEquals(
    formatLoadReport(report, "BertForSequenceClassification", "models/x"),
    `\
BertForSequenceClassification LOAD REPORT from: models/x
Key                                               | Status
--------------------------------------------------+-----------
seq_relationship.bias                             | UNEXPECTED
bert.encoder.layer.{2, 10}.output.dense.bias      | MISSING
bert.encoder.layer.11.attention.output.dense.bias | MISSING
classifier.weight                                 | MISSING
classifier.bias                                   | MISSING

Notes:
- UNEXPECTED: can be ignored when loading from different task/architecture; not ok if you expect identical arch.
- MISSING: those params were newly initialized because missing from the checkpoint. Consider training on your downstream task.`,
  );
  const complete = match({ "bert.a": [2] }, { "bert.a": [2] });
  assertEquals(formatLoadReport(complete, "BertModel", "models/x"), undefined);
});

/** Runs `use` with a folder that holds `files` and is removed afterwards. */
async function withFolder(
  files: Record<string, string | Uint8Array>,
  use: (folder: string) => Promise<void>,
): Promise<void> {
  await Deno.mkdir(TMP, { recursive: true });
  const folder = await Deno.makeTempDir({ dir: fileURLToPath(TMP) });
  try {
    for (const [name, content] of Object.entries(files)) {
      await Deno.writeFile(
        `${folder}/${name}`,
        typeof content === "string"
          ? new TextEncoder().encode(content)
          : content,
      );
    }
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A model folder's files with these tensors. */
function modelFiles(
  tensors: Record<string, SafetensorsInput>,
): Record<string, string | Uint8Array> {
  return {
    "config.json": '{"model_type": "bert"}',
    "model.safetensors": saveSafetensors(tensors),
  };
}

const X = { shape: [2], data: new Float32Array([0.5, -2]) };
const NEEDS =
  ": there is no such file: a model folder needs config.json, model.safetensors and tokenizer.json";

Deno.test(
  needs("openModelFolder() reads config and tensors", "read", "write"),
  () =>
    withFolder(
      {
        "pytorch_model.bin": "", // beside the safetensors file it does no harm
        ...modelFiles({
          x: X,
          half: {
            dtype: "F16",
            shape: [3],
            data: Uint16Array.of(0x3c00, 1, 0xfc00),
          },
          brain: {
            dtype: "BF16",
            shape: [1, 2],
            data: Uint16Array.of(0x3f80, 0xc000),
          },
          scalar: { shape: [], data: new Float32Array([7]) },
        }),
      },
      async (path) => {
        using folder = await openModelFolder(path + "/");
        assertEquals(folder.config, { model_type: "bert" });
        assertEquals(folder.tensors.get("brain")?.shape, [1, 2]);
        assertEquals([...folder.read("x")], [0.5, -2]);
        assertEquals([...folder.read("half")], [1, 2 ** -24, -Infinity]);
        assertEquals([...folder.read("brain")], [1, -2]);
        assertEquals([...folder.read("scalar")], [7]);
        assertEquals([...folder.read("x")], [0.5, -2]); // in any order, any number of times
      },
    ),
);

Deno.test(
  needs("openModelFolder() refuses values that are no floats", "read", "write"),
  () =>
    withFolder(
      modelFiles({ x: X, n: { shape: [1], data: new BigInt64Array(1) } }),
      async (path) => {
        using folder = await openModelFolder(path);
        assertThrows(
          () => folder.read("n"),
          TypeError,
          `Cannot load tensor "n" of ${path}/model.safetensors: it is I64, a parameter takes F32, F16 or BF16`,
        );
        assertThrows(
          () => folder.read("y"),
          RangeError,
          `No tensor "y" in ${path}/model.safetensors`,
        );
      },
    ),
);

Deno.test(
  needs("openModelFolder() says what is wrong, and where", "read", "write"),
  async (t) => {
    const whole = modelFiles({ x: X });
    const weights = whole["model.safetensors"] as Uint8Array;
    const { "config.json": config } = whole as { "config.json": string };
    const wrong: [string, Record<string, string | Uint8Array>, string][] = [
      ["an empty folder", {}, `read {}/config.json${NEEDS}`],
      [
        "no weights",
        { "config.json": config },
        `read {}/model.safetensors${NEEDS}`,
      ],
      [
        "pickled weights only",
        { "config.json": config, "pytorch_model.bin": "" },
        "load {}: its weights are in pytorch_model.bin only, a pickle file, and reading one runs code that it brings: " +
        "load it in transformers and call save_pretrained, which writes model.safetensors",
      ],
      [
        "a config that is no JSON",
        { ...whole, "config.json": "{" },
        "read {}/config.json: it is not valid JSON: ",
      ],
      [
        "a config that is no object",
        { ...whole, "config.json": "[]" },
        "read {}/config.json: it must hold a JSON object",
      ],
      [
        "empty weights",
        { ...whole, "model.safetensors": "" },
        "read {}/model.safetensors: it has 0 bytes, fewer than the 8",
      ],
      [
        "a torn header",
        { ...whole, "model.safetensors": weights.subarray(0, 20) },
        "read {}/model.safetensors: its header claims 56 bytes, but the file has 20: it is torn, copy or download it again",
      ],
      [
        "torn values",
        { ...whole, "model.safetensors": weights.subarray(0, -1) },
        "read {}/model.safetensors: its header describes 72 bytes, but the file has 71: it is torn, copy or download it again",
      ],
    ];
    for (const [name, files, message] of wrong) {
      await t.step(name, () =>
        withFolder(files, async (folder) => {
          await assertRejects(
            () => openModelFolder(folder),
            Error,
            `Cannot ${message.replace("{}", folder)}`,
          );
        }));
    }
  },
);

Deno.test(
  needs("openModelFolder() notices a file that shrinks", "read", "write"),
  () =>
    withFolder(modelFiles({ x: X }), async (path) => {
      using folder = await openModelFolder(path);
      await Deno.truncate(`${path}/model.safetensors`, 70);
      assertThrows(
        () => folder.read("x"),
        SyntaxError,
        `Cannot read ${path}/model.safetensors: it ends at byte 70`,
      );
    }),
);

Deno.test({
  name: "openModelFolder() names the flag where Deno may not read",
  permissions: { read: false },
  fn: async () => {
    await assertRejects(
      () => openModelFolder("models/bert/"),
      Deno.errors.NotCapable,
      "Cannot read models/bert/config.json: Deno was not allowed to, run it with --allow-read=models/bert",
    );
  },
});

Deno.test({
  name: "saveModelFolder() names the flag where Deno may not write",
  permissions: { write: false },
  fn: async () => {
    await assertRejects(
      () => saveModelFolder("out/model", {}, []),
      Deno.errors.NotCapable,
      "Cannot write out/model/model.safetensors: Deno was not allowed to, run it with --allow-write=out/model",
    );
  },
});

/** Tensors to be saved, in no particular order. */
function sources(): SafetensorsSource[] {
  return [
    { name: "b", dtype: "F32", shape: [1], data: () => new Float32Array([3]) },
    {
      name: "a",
      dtype: "F32",
      shape: [2],
      data: () => Promise.resolve(X.data),
    },
  ];
}

Deno.test(
  needs(
    "saveModelFolder() writes what is read again, always the same bytes",
    "read",
    "write",
  ),
  () =>
    withFolder({}, async (root) => {
      const path = `${root}/new/model`;
      await saveModelFolder(path, { model_type: "bert", a: [1] }, sources());
      const weights = await Deno.readFile(`${path}/model.safetensors`);
      const loaded = loadSafetensors(weights);
      assertEquals(loaded.metadata, { format: "pt" });
      assertEquals([...loaded.keys()], ["a", "b"]);
      assertEquals(loaded.get("a"), { dtype: "F32", ...X });
      assertEquals(
        await Deno.readTextFile(`${path}/config.json`),
        '{\n  "a": [\n    1\n  ],\n  "model_type": "bert"\n}\n',
      );
      using folder = await openModelFolder(path);
      assertEquals(folder.read("a"), X.data);

      const leftOver = `${path}/model.safetensors.partial`; // of a run that was killed
      await Deno.writeFile(leftOver, new Uint8Array(weights.length + 1));
      await saveModelFolder(
        path,
        { a: [1], model_type: "bert" },
        sources().reverse(),
      );
      assertEquals(await Deno.readFile(`${path}/model.safetensors`), weights);
      const names = await Array.fromAsync(Deno.readDir(path), (e) => e.name);
      assertEquals(names.sort(), ["config.json", "model.safetensors"]);
    }),
);

Deno.test(
  needs(
    "saveModelFolder() leaves the old files where it fails",
    "read",
    "write",
  ),
  () =>
    withFolder(modelFiles({ x: X }), async (path) => {
      const before = await Deno.readFile(`${path}/model.safetensors`);
      const failing = {
        ...sources()[0]!,
        data: () => Promise.reject(new Error("Device lost")),
      };
      await assertRejects(
        () => saveModelFolder(path, {}, [sources()[1]!, failing]),
        Error,
        "Device lost",
      );
      assertEquals(await Deno.readFile(`${path}/model.safetensors`), before);
      const names = await Array.fromAsync(Deno.readDir(path), (e) => e.name);
      assertEquals(names.sort(), ["config.json", "model.safetensors"]);
    }),
);
