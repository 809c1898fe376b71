import { assertEquals } from "@std/assert";
import { faultFlags } from "../helpers/faulty_files.ts";
import { needs } from "../helpers/permissions.ts";
import { commandOf, trainFixture } from "./train_fixture.ts";

Deno.test(
  needs(
    "the export task leaves no part of a file on a full disk",
    "read",
    "write",
    "run",
  ),
  async (t) => {
    await using fixture = await trainFixture();
    const { permissions } = commandOf("export");
    const written: string[] = [];
    for (
      const name of [
        "onnx/model.onnx",
        "tokenizer.json",
        "tokenizer_config.json",
        "config.json",
      ]
    ) {
      await t.step(name, async () => {
        const folder = `runs/${written.length}`;
        const path = `${folder}/${name}`;
        const flags = `--model model --output-dir ${folder}`;
        const fault = { paths: path, nth: 1, fault: "ENOSPC" } as const;
        const { code, error } = await fixture.run(flags, {
          task: "export",
          permissions: [
            ...permissions,
            ...faultFlags({ ...fault, call: "write" }),
          ],
        });
        assertEquals(
          error,
          `error: Cannot write ${path}: No space left on device (os error 28); free space on it`,
        );
        assertEquals(code, 1);
        const names = await fixture.list(folder);
        assertEquals(
          names.includes("onnx")
            ? [...names, ...await fixture.list(`${folder}/onnx`)].sort()
            : names,
          [...written, "onnx"].sort(),
        );
        written.push(name.replace("onnx/", ""));
      });
    }
  },
);
