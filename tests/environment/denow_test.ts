import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { needs, ROOT } from "../helpers/permissions.ts";
import { tempFolder } from "../helpers/temp_folder.ts";
import {
  DENOW,
  denow,
  DRIVER,
  fakeDeno,
  fakeNpm,
  LINUX,
  namesIn,
  pathFolder,
} from "./bare_machine.ts";

Deno.test(
  needs(
    "denow uses an installed Deno of a suitable version",
    "read",
    "write",
    "run",
  ),
  async (t) => {
    for (const version of ["2.9.0", "2.9.6", "2.10.1"]) {
      await t.step(version, async () => {
        await using temp = await tempFolder();
        const path = await pathFolder(temp, { deno: fakeDeno(version) });
        const { code, stdout, stderr } = await denow(temp, path, [
          "fmt",
          "a b",
        ]);
        assertEquals({ code, stderr }, { code: 0, stderr: "" });
        assertStringIncludes(
          stdout,
          `deno ${version}: fmt a b\nin ${temp.path}\n`,
        );
      });
    }
  },
);

Deno.test(
  needs(
    "denow installs the pinned Deno through npm, once",
    "read",
    "write",
    "run",
  ),
  async (t) => {
    const others = { none: undefined, old: "2.8.3", new: "3.0.0" };
    for (const [name, installed] of Object.entries(others)) {
      await t.step(name, async () => {
        await using temp = await tempFolder();
        const programs: Record<string, string> = { npm: fakeNpm("2.9.6") };
        if (installed !== undefined) programs.deno = fakeDeno(installed);
        programs.cat = `exec /bin/cat "$@"`;
        const path = await pathFolder(temp, programs);

        const first = await denow(temp, path, ["lint"]);
        assertEquals(first.code, 0, first.stderr);
        const cache = `${temp.path}/cache/gradloop/deno-2.9.6`;
        const [message, npm] = first.stderr.split("\n");
        assertEquals(
          message,
          `denow: found no Deno 2.9 or newer (below 3): installing Deno 2.9.6 through npm in ${cache}`,
        );
        assertMatch(npm!, / --ignore-scripts .* deno@2\.9\.6$/);
        assertStringIncludes(first.stdout, "deno 2.9.6: lint\n");
        assertEquals(await namesIn(cache), ["deno"]); // no staging folder

        const second = await denow(temp, path, ["lint"]);
        assertEquals(second, { ...first, stderr: "" });
      });
    }
  },
);

Deno.test(
  needs(
    "denow prints the commands if it cannot install Deno",
    "read",
    "write",
    "run",
  ),
  async (t) => {
    await t.step("no npm", async () => {
      await using temp = await tempFolder();
      const { code, stderr } = await denow(temp, await pathFolder(temp), [
        "lint",
      ]);
      assertEquals(code, 1);
      assertStringIncludes(
        stderr,
        "curl -fsSL https://deno.land/install.sh | sh -s v2.9.6",
      );
    });
    await t.step("npm fails", async () => {
      await using temp = await tempFolder();
      const path = await pathFolder(temp, {
        npm: "echo no network >&2; exit 1",
      });
      const { code, stderr } = await denow(temp, path, ["lint"]);
      assertEquals(code, 1);
      assertMatch(
        stderr,
        /no network\ndenow: npm could not install Deno\. .*npm install --global deno@2\.9\.6\n$/,
      );
      assertEquals(await namesIn(`${temp.path}/cache/gradloop/deno-2.9.6`), []);
    });
    await t.step("no cache folder", async () => {
      await using temp = await tempFolder();
      const path = await pathFolder(temp);
      const { code, stderr } = await denow(temp, path, ["lint"], {
        HOME: "",
        XDG_CACHE_HOME: "",
      });
      assertEquals(code, 1);
      assertStringIncludes(stderr, "set HOME or XDG_CACHE_HOME");
    });
  },
);

Deno.test(
  needs(
    "denow runs tasks in the project, from any folder and through symlinks",
    "read",
    "write",
    "run",
  ),
  async () => {
    await using temp = await tempFolder();
    const path = await pathFolder(temp, LINUX);
    // Making a symlink, or running through one, needs permissions that tests do not have.
    const program = `
    await Deno.symlink(${JSON.stringify(DENOW)}, "link");
    await Deno.symlink("link", "link to link");
    const { stdout } = await new Deno.Command("./link to link", {
      args: ["task", "train"],
      clearEnv: true,
      env: ${JSON.stringify({ ...DRIVER, PATH: path, HOME: temp.path })},
    }).output();
    await Deno.stdout.write(stdout);`;
    const { stdout } = await new Deno.Command("deno", {
      args: ["eval", program],
      cwd: temp.path,
    }).output();
    assertStringIncludes(
      new TextDecoder().decode(stdout),
      `deno 2.9.6: task train\nin ${ROOT.pathname.replace(/\/$/, "")}\n`,
    );
  },
);
