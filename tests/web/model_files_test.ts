import { assertEquals, assertThrows } from "@std/assert";
import { hubName, pickFiles } from "../../web/worker/model_files.ts";

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
