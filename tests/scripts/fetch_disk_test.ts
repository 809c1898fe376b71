import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { faultFlags } from "../helpers/faulty_files.ts";
import {
  addModel,
  fetchTest,
  FOLDER,
  list,
  NEEDED,
  run,
  text,
} from "./fetch_fixture.ts";

for (
  const [call, fault, count] of [
    ["write", "ENOSPC", 4],
    ["fsync", "EIO", 4 + 3 * 4], // four files; four folders, three times
    ["rename", "EIO", 4],
  ] as const
) {
  fetchTest(
    `fetch.ts leaves nothing that looks complete on a disk that fails in ${call}`,
    async ({ hub, folder }) => {
      addModel(hub, text("weights"));
      for (let nth = 1;; nth += call === "fsync" ? 3 : 1) {
        const flags = faultFlags({ paths: "data/hub", call, nth, fault });
        const args = [hub, folder, "--model owner/model"] as const;
        const { code, error } = await run(...args, {}, flags);
        const names = (await list(folder, FOLDER))
          .filter((name) => !name.endsWith(".partial"));
        if (code === 0) {
          assert(nth > count, `${nth}`);
          assertEquals(names, NEEDED);
          break;
        }
        assertEquals(code, 1);
        assertStringIncludes(error, "(os error ");
        // Without config.json, no model can be loaded.
        if (names.includes("config.json")) assertEquals(names, NEEDED);
        assertEquals((await run(...args)).code, 0);
        assertEquals(await list(folder, FOLDER), NEEDED);
        await Deno.remove(`${folder.path}/data`, { recursive: true });
      }
    },
  );
}
