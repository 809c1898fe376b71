import { assertEquals, assertRejects } from "@std/assert";
import {
  AutoConfig,
  AutoModelForSequenceClassification,
  type InputFiles,
  OnnxModel,
  type OutputFiles,
  TextClassifier,
  Tokenizer,
} from "../../mod.ts";
import tiny from "../fixtures/tiny_bert.json" with { type: "json" };
import wordPiece from "../fixtures/word_piece.json" with { type: "json" };
import { device } from "../helpers/device.ts";
import { needs } from "../helpers/permissions.ts";
import { tempFolder } from "../helpers/temp_folder.ts";
import golden from "../inference/fixtures/pipeline.json" with { type: "json" };
import { bytesOf, renamed } from "./model_folder.ts";
import { saveSafetensors } from "../../mod.ts";

const blobOf = (value: unknown) => new Blob([JSON.stringify(value)]);

/** A classifier of three labels, whose files are values of every kind. */
function classifierFiles(): InputFiles {
  const { config, weights } = golden.models["3"];
  return {
    "config.json": new Response(JSON.stringify(config)),
    "model.safetensors": bytesOf({ weights }),
    "tokenizer.json": blobOf(wordPiece.tokenizer),
    "tokenizer_config.json": new File(
      [JSON.stringify({ "tokenizer_class": "PreTrainedTokenizerFast" })],
      "tokenizer_config.json",
    ),
  };
}

Deno.test("a model, its tokenizer and its ONNX file are saved into an object, and load from it", async () => {
  const source = classifierFiles();
  const model = await AutoModelForSequenceClassification
    .fromPretrained(source, { device });
  assertEquals(model.loadReport, undefined);
  const files: OutputFiles = {};
  await model.savePretrained(files);
  const tokenizer = await Tokenizer.fromPretrained(source);
  await tokenizer.savePretrained(files);
  using onnx = await OnnxModel.fromPretrained(files);
  assertEquals(await onnx.savePretrained(files), "onnx/model.onnx");
  assertEquals(Object.keys(files), [
    "model.safetensors",
    "config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "onnx/model.onnx",
  ]);
  assertEquals(
    await files["tokenizer.json"]!.text(),
    JSON.stringify(wordPiece.tokenizer),
  );

  const text = "the ferry leaves at seven .";
  using classifier = await TextClassifier.fromPretrained(source, { device });
  using other = await TextClassifier.fromPretrained(files, { device });
  const [before, after] = [
    await classifier.predict(text, { topK: null }),
    await other.predict(text, { topK: null }),
  ];
  assertEquals(after, before);
  assertEquals(after.length, 3);
});

Deno.test(
  needs("files in memory are those of a folder", "read", "write"),
  async () => {
    await using folder = await tempFolder();
    const files: OutputFiles = {};
    const source = classifierFiles();
    const model = await AutoModelForSequenceClassification
      .fromPretrained(source, { device });
    const tokenizer = await Tokenizer.fromPretrained(source);
    using onnx = await OnnxModel.fromPretrained(source);
    for (const target of [folder.path, files]) {
      await model.savePretrained(target);
      await tokenizer.savePretrained(target, { modelMaxLength: 9 });
      await onnx.savePretrained(target, { dtype: "q8" });
    }
    assertEquals(Object.keys(files).length, 5);
    for (const [name, file] of Object.entries(files)) {
      const saved = await Deno.readFile(`${folder.path}/${name}`);
      assertEquals(await file.bytes(), saved, name);
    }
  },
);

Deno.test("fromPretrained() reads shards among files", async () => {
  const names = ["model-00001-of-00002.safetensors", "b.safetensors"];
  const isFirst = (name: string) => name.includes("embeddings");
  const halves = [isFirst, (name: string) => !isFirst(name)]
    .map((keep) => renamed((name) => keep(name) ? name : undefined));
  const index = Object.fromEntries(
    halves.flatMap((half, i) =>
      Object.keys(half).map((name) => [name, names[i]])
    ),
  );
  const files = {
    "config.json": blobOf(tiny.config),
    "model.safetensors.index.json": blobOf({ "weight_map": index }),
    [names[0]!]: saveSafetensors(halves[0]!),
    [names[1]!]: new Blob([saveSafetensors(halves[1]!)]),
  };
  const model = await AutoModelForSequenceClassification
    .fromPretrained(files, { device });
  const whole = await AutoModelForSequenceClassification.fromPretrained({
    "config.json": blobOf(tiny.config),
    "model.safetensors": bytesOf(tiny),
  }, { device });
  const expected = new Map(whole.namedParameters());
  for (const [name, parameter] of model.namedParameters()) {
    if (name.startsWith("classifier")) continue;
    assertEquals(
      await parameter.toArray(),
      await expected.get(name)!.toArray(),
      name,
    );
  }
});

Deno.test("fromPretrained() names the file that is missing or torn", async () => {
  const config = { "config.json": blobOf(tiny.config) };
  const weights = bytesOf(tiny);
  const cases: [InputFiles, string][] = [
    [
      { "model.safetensors": weights },
      "Cannot read config.json: it is not among the given files (model.safetensors): a model folder needs config.json, model.safetensors and tokenizer.json",
    ],
    [
      config,
      "Cannot read model.safetensors: it is not among the given files (config.json): a model folder needs config.json, model.safetensors and tokenizer.json",
    ],
    [
      { ...config, "model.safetensors": weights.subarray(0, -4) },
      "Cannot read model.safetensors: its header describes",
    ],
    [
      { ...config, "model.safetensors": saveSafetensors({}) },
      "Cannot load the given files: none of its 0 tensors matches this model",
    ],
    [
      { ...config, "pytorch_model.bin": weights },
      "Cannot load the given files: its weights are in pytorch_model.bin only",
    ],
    [
      { "config.json": new Blob(["{}"]) },
      "Cannot read config.json: it has no model_type",
    ],
  ];
  for (const [files, message] of cases) {
    await assertRejects(
      () =>
        AutoModelForSequenceClassification.fromPretrained(files, { device }),
      Error,
      message,
    );
  }
  await assertRejects(
    () => Tokenizer.fromPretrained(config),
    Error,
    "Cannot read a tokenizer from the given files: it has no tokenizer.json",
  );
  const { vocabSize } = await AutoConfig.fromPretrained(config);
  assertEquals(vocabSize, tiny.config.vocab_size);
});

Deno.test(
  needs("a model and its tokenizer load from a URL", "net"),
  async () => {
    const files = classifierFiles();
    const bodies = new Map<string, BodyInit>();
    for (const [name, file] of Object.entries(files)) {
      const body = file instanceof Response ? await file.text() : file;
      bodies.set(`/models/a/${name}`, body as BodyInit);
    }
    const requested: string[] = [];
    await using server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      (request) => {
        const { pathname } = new URL(request.url);
        requested.push(pathname);
        const body = bodies.get(pathname);
        return new Response(body ?? null, { status: body ? 200 : 404 });
      },
    );
    const url = `http://127.0.0.1:${server.addr.port}/models/a`;
    for (const source of [url, new URL(`${url}/`)]) {
      using classifier = await TextClassifier.fromPretrained(source, {
        device,
      });
      assertEquals(classifier.labels.length, 3);
    }
    const weights = requested.filter((name) => name.endsWith(".safetensors"));
    assertEquals(weights.length, 2); // once a model
    await assertRejects(
      () =>
        AutoModelForSequenceClassification.fromPretrained(`${url}/none`, {
          device,
        }),
      Error,
      `Cannot read ${url}/none/config.json: there is no such file: a model folder needs config.json, model.safetensors and tokenizer.json`,
    );
  },
);
