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
    "denow installs once if several start at the same time",
    "read",
    "write",
    "run",
  ),
  async () => {
    await using temp = await tempFolder();
    const path = await pathFolder(temp, {
      npm: `echo npm >> "$HOME/starts"; ${fakeNpm("2.9.6")}`,
      cat: `exec /bin/cat "$@"`,
    });
    const ranks = await Promise.all(
      [1, 2, 3].map(() => denow(temp, path, ["lint"])),
    );
    for (const { code, stdout, stderr } of ranks) {
      assertEquals(code, 0, stderr);
      assertStringIncludes(stdout, "deno 2.9.6: lint");
    }
    assertEquals(await Deno.readTextFile(`${temp.path}/starts`), "npm\n");
  },
);

Deno.test(
  needs(
    "denow names the rank of an MPI task that was killed",
    "read",
    "write",
    "run",
  ),
  async (t) => {
    for (
      const [end, code, said] of [
        ["exit 137", 137, "denow: rank 3 was ended by signal 9\n"],
        ["exit 143", 143, ""],
        ["exit 1", 1, ""],
        ['[ "$*" = "task --quiet train:mpi --epochs 2" ]', 0, ""],
      ] as const
    ) {
      await t.step(end, async () => {
        await using temp = await tempFolder();
        const deno = `[ "$1" = --version ] && { echo "deno 2.9.6"; exit; }
${end}`;
        const path = await pathFolder(temp, { ...LINUX, deno });
        const args = ["task", "train:mpi", "--epochs", "2"];
        const env = { ...DRIVER, PMI_RANK: "3" };
        const ended = await denow(temp, path, args, env);
        assertEquals(
          { code: ended.code, stderr: ended.stderr },
          { code, stderr: said },
        );
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
