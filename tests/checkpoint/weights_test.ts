import { assertEquals, assertRejects } from "@std/assert";
import { openModelFolder } from "../../lib/checkpoint/hugging_face.ts";
import {
  type SafetensorsInput,
  saveSafetensors,
} from "../../lib/checkpoint/safetensors.ts";
import { needs } from "../helpers/permissions.ts";
import { tempFolder } from "../helpers/temp_folder.ts";

type Files = Record<string, string | Uint8Array>;

const [FIRST, SECOND] = [
  "model-00001-of-00002.safetensors",
  "model-00002-of-00002.safetensors",
];
const INDEX = "model.safetensors.index.json";

/** Makes a tensor of the values. */
function tensor(...values: number[]): SafetensorsInput {
  return { shape: [values.length], data: Float32Array.from(values) };
}

/** Makes an index in the form of transformers' `save_pretrained`. */
function indexOf(weightMap: unknown): string {
  return JSON.stringify({
    metadata: { "total_parameters": 4, "total_size": 16 },
    "weight_map": weightMap,
  });
}

/** Files of a folder with two shards. */
const SHARDED = {
  "config.json": "{}",
  [INDEX]: indexOf({ a: FIRST, b: FIRST, c: SECOND }),
  [FIRST!]: saveSafetensors({ a: tensor(1), b: tensor(2, 3) }),
  [SECOND!]: saveSafetensors({ c: tensor(4) }),
} satisfies Files;

async function withFolder(
  files: Files,
  use: (path: string) => Promise<void>,
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

Deno.test(
  needs("openModelFolder() reads shards as one checkpoint", "read", "write"),
  () =>
    withFolder(SHARDED, async (path) => {
      using folder = await openModelFolder(path);
      assertEquals([...folder.tensors.keys()], ["a", "b", "c"]);
      assertEquals(folder.tensors.get("c")?.fileName, SECOND);
      for (
        const [name, values] of Object.entries({ c: [4], a: [1], b: [2, 3] })
      ) {
        assertEquals([...await folder.read(name)], values);
      }
      await assertRejects(
        () => folder.read("d"),
        RangeError,
        'No tensor "d" in ',
      );
    }),
);

Deno.test(
  needs(
    "openModelFolder() prefers the unsharded file, as transformers does",
    "read",
    "write",
  ),
  () =>
    withFolder(
      {
        ...SHARDED,
        "model.safetensors": saveSafetensors({ a: tensor(7) }),
        "pytorch_model.bin": "",
      },
      async (path) => {
        using folder = await openModelFolder(path);
        assertEquals([...folder.tensors.keys()], ["a"]);
        assertEquals([...await folder.read("a")], [7]);
      },
    ),
);

Deno.test(
  needs("openModelFolder() rejects bad shards and indices", "read", "write"),
  async (t) => {
    const { [SECOND!]: second, ...withoutSecond } = SHARDED;
    const remedy = "copy or download the whole model again";
    const outside = (name: unknown) =>
      `read {}/${INDEX}: it lists "a" in ${
        JSON.stringify(name)
      }, which is not the name of a .safetensors file in this folder: ${remedy}`;
    const cases: [string, Files, string][] = [
      [
        "a missing shard",
        withoutSecond,
        `read {}/${SECOND}: there is no such file, and ${INDEX} names it: ${remedy}`,
      ],
      [
        "a truncated shard",
        { ...SHARDED, [SECOND!]: second!.slice(0, -1) as Uint8Array },
        `read {}/${SECOND}: its header describes 68 bytes, but the file has 67: it is truncated; copy or download it again`,
      ],
      [
        "a tensor that its shard lacks",
        { ...SHARDED, [INDEX]: indexOf({ a: FIRST, d: SECOND }) },
        `read {}/${SECOND}: it has no tensor "d", although ${INDEX} lists it there: ${remedy}`,
      ],
      [
        "a tensor in another shard",
        { ...SHARDED, [INDEX]: indexOf({ a: SECOND, b: FIRST, c: SECOND }) },
        `read {}/${SECOND}: it has no tensor "a", although ${INDEX} lists it there: ${remedy}`,
      ],
      [
        "a tensor in two shards",
        { ...SHARDED, [SECOND!]: saveSafetensors({ a: tensor(9) }) },
        `load {}: both ${FIRST} and ${SECOND} have a tensor "a": ${remedy}`,
      ],
      ...["../x.safetensors", "/etc/x.safetensors", "a\\x.safetensors", "..", 7]
        .map((name): [string, Files, string] => [
          `the shard ${name}`,
          { ...SHARDED, [INDEX]: indexOf({ a: name }) },
          outside(name),
        ]),
      [
        "an index without a map",
        { ...SHARDED, [INDEX]: indexOf("a") },
        `read {}/${INDEX}: its "weight_map" must map tensors to files: ${remedy}`,
      ],
      [
        "an index that is not JSON",
        { ...SHARDED, [INDEX]: "{" },
        `read {}/${INDEX}: it is not valid JSON: `,
      ],
      [
        "pickled shards only",
        { "config.json": "{}", "pytorch_model.bin.index.json": "{}" },
        "load {}: its weights are in pytorch_model.bin only, a pickle file, and reading one runs code inside it: " +
        "load it in transformers and call save_pretrained, which writes model.safetensors",
      ],
    ];
    for (const [name, files, message] of cases) {
      await t.step(name, () =>
        withFolder(files, async (path) => {
          await assertRejects(
            () => openModelFolder(path),
            Error,
            `Cannot ${message.replace("{}", path)}`,
          );
        }));
    }
  },
);
