import { assertEquals } from "@std/assert";
import { digests } from "../../../scripts/run_folder/digests.ts";
import { needs } from "../../helpers/permissions.ts";
import { tempFolder } from "../../helpers/temp_folder.ts";

// FIPS 180-2, appendix B.1: SHA-256 of "abc"
const ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

Deno.test(
  needs("digests() hashes the files of a model or data set", "read", "write"),
  async () => {
    await using folder = await tempFolder();
    const shard = "model-00001-of-00002.safetensors";
    const expected = {
      "config.json": ABC,
      [shard]: ABC,
      "train.tsv": ABC,
      "validation.json": ABC,
    };
    for (const name of [...Object.keys(expected), "notes.txt", "dev.tsv"]) {
      await Deno.writeTextFile(`${folder.path}/${name}`, "abc");
    }
    assertEquals(await digests(folder.url), expected);
    assertEquals(await digests(folder.path), expected);
  },
);

Deno.test(
  needs(
    "digests() hashes one file, and the only configuration",
    "read",
    "write",
  ),
  async () => {
    await using folder = await tempFolder();
    const { path } = folder;
    await Deno.mkdir(`${path}/mrpc`);
    await Deno.writeTextFile(`${path}/mrpc/train.jsonl`, "abc");
    assertEquals(await digests(path), { "mrpc/train.jsonl": ABC });
    assertEquals(
      await digests(`${path}/mrpc/train.jsonl`),
      { "train.jsonl": ABC },
    );
  },
);
