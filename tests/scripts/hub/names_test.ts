import { assertEquals, assertThrows } from "@std/assert";
import { parseHubName, resolveHubNames } from "../../../scripts/hub/names.ts";
import { needs } from "../../helpers/permissions.ts";
import { tempFolder } from "../../helpers/temp_folder.ts";

Deno.test("parseHubName() parses owner, name, configuration and revision", () => {
  assertEquals(parseHubName("model", "google-bert/bert-base-uncased"), {
    type: "model",
    repo: "google-bert/bert-base-uncased",
    revision: "main",
    folder: "data/hub/models/google-bert/bert-base-uncased",
  });
  assertEquals(parseHubName("dataset", "nyu-mll/glue:mrpc@refs/pr/2"), {
    type: "dataset",
    repo: "nyu-mll/glue",
    configuration: "mrpc",
    revision: "refs/pr/2",
    folder: "data/hub/datasets/nyu-mll/glue@refs--pr--2",
  });
});

Deno.test("parseHubName() refuses names that lead out of the folder", () => {
  for (
    const text of [
      "bert",
      "a/b/c",
      "../b",
      "a/..",
      "a/b@..",
      "a/b@../c",
      "a/b@c/../d",
      "/a/b",
      "a/b:..",
      "a\\..\\b/c",
      "a/b?c",
    ]
  ) {
    assertEquals(parseHubName("dataset", text), undefined, text);
  }
  assertEquals(parseHubName("model", "a/b:c"), undefined);
});

Deno.test(
  needs("resolveHubNames() returns folders, or names the command", "read"),
  () => {
    const other = { seed: 1, model: undefined, data: undefined };
    assertEquals(resolveHubNames(other), other);
    // Existing folders, and values that are not names, stay as they are.
    assertEquals(
      resolveHubNames({ model: "data/model", data: "nowhere" }),
      { model: "data/model", data: "nowhere" },
    );
    assertThrows(
      () => resolveHubNames({ model: "owner/none@v1" }),
      Error,
      "--model owner/none@v1 is not a folder, and data/hub has nothing of that name: fetch it with deno task fetch --model owner/none@v1, or check the path",
    );
    assertThrows(
      () => resolveHubNames({ data: "owner/none:mrpc" }),
      Error,
      "--data owner/none:mrpc is not a folder, and data/hub has nothing of that name: fetch it with deno task fetch --dataset owner/none:mrpc, or check the path",
    );
  },
);

Deno.test(
  needs("resolveHubNames() refuses the folder of a run", "read", "write"),
  async () => {
    await using folder = await tempFolder();
    await Deno.mkdir(`${folder.path}/model`);
    for (const file of ["config.json", "model/config.json"]) {
      await Deno.writeTextFile(`${folder.path}/${file}`, "{}");
    }
    const resolved = () => resolveHubNames({ model: `${folder.path}/` });
    assertThrows(
      resolved,
      Error,
      `--model ${folder.path} is the folder of a run: give that of its model, --model ${folder.path}/model`,
    );
    await Deno.writeTextFile(`${folder.path}/tokenizer.json`, "{}");
    assertEquals(resolved(), { model: `${folder.path}/` });
  },
);

Deno.test("resolveHubNames() does not take a folder without permission for a missing one", () => {
  const denied = new Deno.errors.NotCapable("Requires read access");
  const original = Deno.statSync;
  Object.assign(Deno, {
    statSync: () => {
      throw denied;
    },
  });
  try {
    assertEquals(resolveHubNames({ model: "owner/name" }), {
      model: "owner/name",
    });
  } finally {
    Object.assign(Deno, { statSync: original });
  }
});
