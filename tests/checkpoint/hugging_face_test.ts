import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import {
  openModelFolder,
  saveModelFolder,
} from "../../lib/checkpoint/hugging_face.ts";
import {
  loadSafetensors,
  type SafetensorsInput,
  type SafetensorsSource,
  saveSafetensors,
} from "../../lib/checkpoint/safetensors.ts";
import { needs } from "../helpers/permissions.ts";
import { tempFolder } from "../helpers/temp_folder.ts";

/** Calls `use` with a folder that holds `files`. */
async function withFolder(
  files: Record<string, string | Uint8Array>,
  use: (folder: string) => Promise<void>,
): Promise<void> {
  await using folder = await tempFolder();
  for (const [name, content] of Object.entries(files)) {
    await Deno.writeFile(
      `${folder.path}/${name}`,
      typeof content === "string" ? new TextEncoder().encode(content) : content,
    );
  }
  await use(folder.path);
}

/** Makes the files of a model folder with these tensors. */
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
        "pytorch_model.bin": "", // ignored if there is a safetensors file
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
        assertEquals([...await folder.read("x")], [0.5, -2]);
        assertEquals([...await folder.read("half")], [1, 2 ** -24, -Infinity]);
        assertEquals([...await folder.read("brain")], [1, -2]);
        assertEquals([...await folder.read("scalar")], [7]);
        assertEquals([...await folder.read("x")], [0.5, -2]); // in any order, repeatedly
      },
    ),
);

Deno.test(
  needs(
    "openModelFolder() refuses values that are not floats",
    "read",
    "write",
  ),
  () =>
    withFolder(
      modelFiles({ x: X, n: { shape: [1], data: new BigInt64Array(1) } }),
      async (path) => {
        using folder = await openModelFolder(path);
        await assertRejects(
          () => folder.read("n"),
          TypeError,
          `Cannot load tensor "n" of ${path}/model.safetensors: it is I64, but a parameter takes F32, F16 or BF16`,
        );
        await assertRejects(
          () => folder.read("y"),
          RangeError,
          `No tensor "y" in ${path}`,
        );
      },
    ),
);

Deno.test(
  needs("openModelFolder() names the problem and the file", "read", "write"),
  async (t) => {
    const whole = modelFiles({ x: X });
    const weights = whole["model.safetensors"] as Uint8Array;
    const { "config.json": config } = whole as { "config.json": string };
    const cases: [string, Record<string, string | Uint8Array>, string][] = [
      ["an empty folder", {}, `read {}/config.json${NEEDS}`],
      [
        "no weights",
        { "config.json": config },
        `read {}/model.safetensors${NEEDS}`,
      ],
      [
        "pickled weights only",
        { "config.json": config, "pytorch_model.bin": "" },
        "load {}: its weights are in pytorch_model.bin only, a pickle file, and reading one runs code inside it: " +
        "load it in transformers and call save_pretrained, which writes model.safetensors",
      ],
      [
        "a config that is not JSON",
        { ...whole, "config.json": "{" },
        "read {}/config.json: it is not valid JSON: ",
      ],
      [
        "a config that is not an object",
        { ...whole, "config.json": "[]" },
        "read {}/config.json: it must hold a JSON object",
      ],
      [
        "empty weights",
        { ...whole, "model.safetensors": "" },
        "read {}/model.safetensors: it has 0 bytes, fewer than the 8",
      ],
      [
        "a truncated header",
        { ...whole, "model.safetensors": weights.subarray(0, 20) },
        "read {}/model.safetensors: its header declares 56 bytes, but the file has 20: it is truncated; copy or download it again",
      ],
      [
        "truncated values",
        { ...whole, "model.safetensors": weights.subarray(0, -1) },
        "read {}/model.safetensors: its header describes 72 bytes, but the file has 71: it is truncated; copy or download it again",
      ],
    ];
    for (const [name, files, message] of cases) {
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
  needs("openModelFolder() detects a file that shrinks", "read", "write"),
  () =>
    withFolder(modelFiles({ x: X }), async (path) => {
      using folder = await openModelFolder(path);
      await Deno.truncate(`${path}/model.safetensors`, 70);
      await assertRejects(
        () => folder.read("x"),
        SyntaxError,
        `Cannot read ${path}/model.safetensors: it ends at byte 70, too early: it is truncated; copy or download it again`,
      );
    }),
);

Deno.test({
  name: "openModelFolder() names the flag of a missing read permission",
  permissions: { read: false },
  fn: async () => {
    await assertRejects(
      () => openModelFolder("models/bert/"),
      Deno.errors.NotCapable,
      "Cannot read models/bert/config.json: Deno has no permission to, run it with --allow-read=models/bert",
    );
  },
});

Deno.test({
  name: "saveModelFolder() names the flag of a missing write permission",
  permissions: { write: false },
  fn: async () => {
    await assertRejects(
      () => saveModelFolder("out/model", {}, []),
      Deno.errors.NotCapable,
      "Cannot write out/model/model.safetensors: Deno has no permission to, run it with --allow-write=out/model",
    );
  },
});

/** Lists tensors to save, unsorted. */
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
    "saveModelFolder() round-trips, and always writes the same bytes",
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
      assertEquals(await folder.read("a"), X.data);

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
    "saveModelFolder() keeps the old files if it fails",
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

Deno.test(
  needs("a name of the Hub is answered with the way to fetch it", "read"),
  async () => {
    for (const name of ["bert-base-uncased", "google-bert/bert-base-uncased"]) {
      const { message } = await assertRejects(
        () => openModelFolder(name),
        Error,
      );
      assertStringIncludes(
        message,
        "download a model of the Hugging Face Hub with deno task fetch --model OWNER/NAME, then name the folder data/hub/models/OWNER/NAME",
      );
    }
  },
);
