// Not named _test: `deno task test` needs no Node. `deno task test:dawn` runs it.
import { assertEquals, assertMatch } from "@std/assert";
import { needs, ROOT } from "../helpers/permissions.ts";
import { tempFolder } from "../helpers/temp_folder.ts";
import { classifierFolder } from "../inference/classifier_fixture.ts";

/** The version of `preload.ts`. */
const WEBGPU = "webgpu@0.6.2";
/** A software driver, as Debian's package `chromium` brings it. */
const SWIFTSHADER = "/usr/lib/chromium/vk_swiftshader_icd.json";

async function run(
  command: string,
  args: readonly string[],
  cwd: string | URL,
  env: Record<string, string> = {},
) {
  const { code, stdout, stderr } = await new Deno.Command(command, {
    args: [...args],
    cwd,
    env,
  }).output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, output: decode(stdout), errors: decode(stderr) };
}

Deno.test(
  needs("the example runs in Node, on Dawn", "read", "write", "run"),
  async (t) => {
    await using folder = await tempFolder();
    await using model = await classifierFolder(3);
    const path = folder.path;
    await t.step("deno task bundle", async () => {
      const { code, errors } = await run("deno", [
        "run",
        "--unstable-bundle",
        "--lock=scripts/bundle.lock",
        "--allow-read",
        `--allow-write=${path}`,
        "--allow-env",
        "scripts/bundle.ts",
        `--output-dir=${path}/dist`,
      ], ROOT);
      assertEquals(code, 0, errors);
    });
    await t.step("the types are those of the bundle", async () => {
      const program = `
        // @ts-types="./dist/gradloop.d.ts"
        import { AdamW, readCsv, TextClassifier } from "./dist/gradloop.js";
        const classifier: TextClassifier = await TextClassifier.fromPretrained({
          "config.json": new Blob(),
        });
        const [best] = await classifier.predict("a");
        const score: number = best!.score;
        // @ts-expect-error: there is no such option
        new AdamW(classifier.model.parameters(), { learningRate: score });
        const { length } = await readCsv("a", "a.csv");
        console.log(length + 1);`;
      await Deno.writeTextFile(`${path}/types.ts`, program);
      const { code, errors } = await run(
        "deno",
        ["check", "--no-config", "types.ts"],
        path,
      );
      assertEquals(code, 0, errors);
    });
    await t.step("node", async () => {
      const text = await Deno.readTextFile(
        new URL("docs/browser_and_node.md", ROOT),
      );
      const [, example] = text.match(/```js ignore\n([^]*?)```/)!;
      await Deno.writeTextFile(`${path}/example.mjs`, example!);
      await Deno.mkdir(`${path}/model`);
      for await (const { name } of Deno.readDir(model.path)) {
        await Deno.copyFile(`${model.path}/${name}`, `${path}/model/${name}`);
      }
      await Deno.writeTextFile(`${path}/package.json`, "{}");
      const install = ["install", "--prefer-offline", "--no-audit", WEBGPU];
      const installed = await run("npm", install, path);
      assertEquals(installed.code, 0, installed.errors);
      let result = await run("node", ["example.mjs"], path);
      if (result.errors.includes("no adapter was found")) {
        const env = { VK_DRIVER_FILES: SWIFTSHADER };
        result = await run("node", ["example.mjs"], path, env);
      }
      assertEquals(result.code, 0, result.errors);
      assertMatch(result.output, /\[ \{ label: '\w+', score: 0\.\d+ \} \]/);
    });
  },
);
