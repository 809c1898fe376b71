import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { hubName, openModel, pickFiles } from "../../web/worker/model_files.ts";
import { needs, ROOT } from "../helpers/permissions.ts";

/** A file with the path that it has in a chosen folder. */
function file(path: string): File {
  const made = new File(["x"], path.split("/").at(-1)!);
  Object.defineProperty(made, "webkitRelativePath", { value: path });
  return made;
}

Deno.test("pickFiles() takes the files beside the topmost config.json", () => {
  const { name, files } = pickFiles([
    file("mine/checkpoint-1/config.json"),
    file("mine/checkpoint-1/model.safetensors"),
    file("mine/config.json"),
    file("mine/model.safetensors"),
    file("mine/tokenizer.json"),
    file("mine/tokenizer_config.json"),
    file("mine/training_args.bin"),
  ]);
  assertEquals(name, "mine");
  assertEquals(Object.keys(files).sort(), [
    "config.json",
    "model.safetensors",
    "tokenizer.json",
    "tokenizer_config.json",
  ]);
});

Deno.test("pickFiles() names what is missing, and the older format", () => {
  assertThrows(
    () => pickFiles([file("m/config.json"), file("m/pytorch_model.bin")]),
    Error,
    "tokenizer.json and model.safetensors are not in it",
  );
  assertThrows(
    () =>
      pickFiles([
        file("m/config.json"),
        file("m/tokenizer.json"),
        file("m/pytorch_model.bin"),
      ]),
    Error,
    "save it again with save_pretrained",
  );
});

Deno.test("hubName() reads names and addresses, and nothing else", () => {
  for (
    const text of [
      " google/bert_uncased_L-2 ",
      "https://huggingface.co/google/bert_uncased_L-2",
      "https://huggingface.co/google/bert_uncased_L-2/tree/main",
    ]
  ) assertEquals(hubName(text), "google/bert_uncased_L-2");
  assertEquals(hubName("gpt2"), "gpt2");
  for (const text of ["a/b/c", "../x", "a b", "https://example.com/a/b", ""]) {
    assertThrows(() => hubName(text), Error, "is no name of a model");
  }
});

Deno.test(
  needs("openModel() refuses weights that are not whole, or too large", "read"),
  async () => {
    const read = async (name: string, end?: number) => {
      const bytes = await Deno.readFile(new URL(`data/model/${name}`, ROOT));
      return new File([bytes.subarray(0, end)], name);
    };
    const open = async (weights: File) =>
      openModel({
        kind: "folder",
        name: "mine",
        files: [
          await read("config.json"),
          await read("tokenizer.json"),
          weights,
        ],
      }, () => {});
    const { summary } = await open(await read("model.safetensors"));
    assertEquals([summary.name, summary.layers], ["mine", 4]);
    const short = await read("model.safetensors", -1);
    await assertRejects(() => open(short), Error, "is not whole");
    const header = await read("model.safetensors", 100);
    await assertRejects(() => open(header), Error, "is damaged");
    Object.defineProperty(short, "size", { value: 4.1e9 });
    await assertRejects(() => open(short), Error, "has 4.1 GB");
  },
);
