import { assertEquals, assertStringIncludes } from "@std/assert";
import type { StoredFile } from "../helpers/hub_upload_server.ts";
import {
  bytes,
  config,
  FILES,
  filesOf,
  FLAGS,
  MODEL,
  uploadTest,
} from "./upload_fixture.ts";

/** A file that somebody wrote on the Hub. */
const written = (content: string, isLfs = false): StoredFile => ({
  content: bytes(content),
  isLfs,
  title: "Update file",
});

uploadTest(
  "upload.ts overwrites another model with --force only",
  async ({ hub, run, write }, t) => {
    await run(FLAGS);
    for (
      const [path, content, reason] of [
        [
          "config.json",
          config("cat", "dog"),
          "labels there is no, yes, here cat, dog",
        ],
        [
          "config.json",
          config("no", "yes").replace("bert", "electra"),
          "model_type there is bert, here electra",
        ],
        [
          "config.json",
          config("no", "yes").replace("32", "64"),
          "hidden_size there is 32, here 64",
        ],
        [
          "README.md",
          "---\r\nbase_model: 'c/d'\r\n---\r\n",
          "base_model there is a/b, here c/d",
        ],
      ] as const
    ) {
      await t.step(reason, async () => {
        await write(path, content);
        const { code, error } = await run(FLAGS);
        assertEquals(code, 2);
        assertEquals(
          error,
          `error: alice/mine has another model or files of others (${reason}): name another repository, or overwrite them with --force`,
        );
        assertEquals(filesOf(hub), FILES);
        await write(path, FILES[path]!);
      });
    }
    await write("config.json", config("cat", "dog"));
    const { code, stderr } = await run(`${FLAGS} --force`);
    assertEquals(code, 0, stderr);
    assertEquals(filesOf(hub)["config.json"], bytes(config("cat", "dog")));
  },
);

uploadTest(
  "upload.ts updates a model of the same labels without --force",
  async ({ hub, run, write }) => {
    await run(FLAGS);
    await write("model.safetensors", crypto.getRandomValues(new Uint8Array(9)));
    await write("config.json", `${config("no", "yes")}\n`);
    await write("README.md", "---\nbase_model: a/b\n---\n# Better\n");
    const { code, stderr } = await run(FLAGS);
    assertEquals(code, 0, stderr);
    assertEquals(filesOf(hub)["model.safetensors"]!.length, 9);
  },
);

uploadTest(
  "upload.ts overwrites files of others with --force only",
  async ({ hub, run }) => {
    await run(FLAGS);
    const { files } = hub.repos.get("alice/mine")!.branches.get("main")!;
    files.set("README.md", written("# By hand\n"));
    const { code, error } = await run(FLAGS);
    assertEquals(code, 2);
    assertStringIncludes(
      error,
      "(README.md there was written by somebody else)",
    );
    assertEquals(filesOf(hub)["README.md"], bytes("# By hand\n"));
    // The same content is no conflict, whoever wrote it.
    files.set("README.md", { ...written(""), content: FILES["README.md"]! });
    assertEquals((await run(FLAGS)).code, 0);
    files.set("README.md", written("# By hand\n"));
    assertEquals((await run(`${FLAGS} --force`)).code, 0);
    assertEquals(filesOf(hub), FILES);
  },
);

uploadTest(
  "upload.ts keeps other files, and adds no model to another one's weights",
  async ({ hub, folder, run }) => {
    await run(FLAGS);
    const { files } = hub.repos.get("alice/mine")!.branches.get("main")!;
    files.delete("tokenizer.json");
    files.set("notes.md", written("note"));
    await Deno.remove(`${folder.path}/${MODEL}/onnx`, { recursive: true });
    const kept = await run(FLAGS);
    assertEquals(kept.code, 0, kept.stderr);
    assertStringIncludes(
      kept.stdout,
      "There and not in the folder, so they stay: onnx/model.onnx, notes.md\n",
    );
    assertEquals(filesOf(hub), { ...FILES, "notes.md": bytes("note") });

    files.set("pytorch_model.bin", written("weights", true));
    files.delete("tokenizer.json");
    const { code, error } = await run(FLAGS);
    assertEquals(code, 2);
    assertStringIncludes(
      error,
      "(pytorch_model.bin there is of another model)",
    );
  },
);

uploadTest(
  "upload.ts fails if the repository changes during the upload",
  async ({ hub, run }) => {
    await run(FLAGS);
    const main = hub.repos.get("alice/mine")!.branches.get("main")!;
    main.files.delete("tokenizer.json");
    hub.onRequest = ({ path }) => {
      if (path.includes("/preupload/")) main.sha = "other";
    };
    const { code, error } = await run(FLAGS);
    assertEquals(code, 1);
    assertEquals(
      error,
      "error: alice/mine was changed by somebody else during the upload (412: A commit has happened since): run the same command again",
    );
    assertEquals(main.files.has("tokenizer.json"), false);
  },
);
