import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { needs } from "../helpers/permissions.ts";
import { tempFolder } from "../helpers/temp_folder.ts";
import { denow, DRIVER, LINUX, NO_LOADER, pathFolder } from "./bare_machine.ts";

Deno.test(
  needs(
    "denow sees to Vulkan before a command that computes",
    "read",
    "write",
    "run",
  ),
  async (t) => {
    const aptGet = `echo "apt-get $* $DEBIAN_FRONTEND"`;
    await t.step("nothing is missing", async () => {
      await using temp = await tempFolder();
      const path = await pathFolder(temp, {
        ...LINUX,
        ldconfig: "echo libvulkan.so.1",
      });
      const { code, stderr } = await denow(temp, path, ["run", "x.ts"], DRIVER);
      assertEquals({ code, stderr }, { code: 0, stderr: "" });
    });
    await t.step("root installs it", async () => {
      await using temp = await tempFolder();
      const path = await pathFolder(temp, {
        ...LINUX,
        ...NO_LOADER,
        id: "echo 0",
        "apt-get": aptGet,
      });
      const { code, stdout, stderr } = await denow(
        temp,
        path,
        ["run", "x.ts"],
        DRIVER,
      );
      assertEquals(code, 0);
      assertEquals(
        stderr,
        "denow: no Vulkan on this system, which WebGPU needs: installing libvulkan1 with apt-get\n" +
          "apt-get update -q \napt-get install -y -q libvulkan1 noninteractive\n",
      );
      assertStringIncludes(stdout, "deno 2.9.6: run x.ts\n");
    });
    await t.step("root cannot install it", async () => {
      await using temp = await tempFolder();
      const path = await pathFolder(temp, {
        ...LINUX,
        ...NO_LOADER,
        id: "echo 0",
        "apt-get": "exit 100",
      });
      const { code, stdout, stderr } = await denow(
        temp,
        path,
        ["test"],
        DRIVER,
      );
      assertEquals({ code, stdout }, { code: 1, stdout: "" });
      assertMatch(
        stderr,
        /or: apt-get update && apt-get install -y libvulkan1\n$/,
      );
    });
    await t.step("another user is given the command", async () => {
      await using temp = await tempFolder();
      const path = await pathFolder(temp, {
        ...LINUX,
        ...NO_LOADER,
        id: "echo 1000",
        "apt-get": aptGet,
      });
      const { code, stdout, stderr } = await denow(temp, path, [
        "task",
        "train",
      ], DRIVER);
      assertEquals({ code, stdout }, { code: 1, stdout: "" });
      assertMatch(
        stderr,
        /\n {2}sudo apt-get update && sudo apt-get install -y libvulkan1\n$/,
      );
    });
    await t.step("lint needs none", async () => {
      await using temp = await tempFolder();
      const path = await pathFolder(temp, { ...LINUX, ...NO_LOADER });
      assertEquals((await denow(temp, path, ["lint"], DRIVER)).code, 0);
    });
  },
);

Deno.test(
  needs(
    "denow warns where an NVIDIA GPU has no driver",
    "read",
    "write",
    "run",
  ),
  async (t) => {
    const cases = { lvp: true, nvidia: false };
    for (const [driver, warns] of Object.entries(cases)) {
      await t.step(driver, async () => {
        await using temp = await tempFolder();
        // grep finds NVIDIA's number among the devices.
        const path = await pathFolder(temp, {
          ...LINUX,
          grep: "exit 0",
          ldconfig: "exit 1",
        });
        const { code, stderr } = await denow(temp, path, ["run", "x.ts"], {
          VK_DRIVER_FILES: `/drivers/${driver}_icd.json`,
        });
        assertEquals(code, 0);
        assertEquals(
          stderr.startsWith("denow: WARNING: this machine has an NVIDIA GPU"),
          warns,
        );
        assertEquals(
          stderr.includes(
            "NVIDIA_DRIVER_CAPABILITIES=compute,utility,graphics",
          ),
          warns,
        );
      });
    }
  },
);

Deno.test(
  needs(
    "denow gives headless Linux a private runtime folder",
    "read",
    "write",
    "run",
  ),
  async () => {
    await using temp = await tempFolder();
    const path = await pathFolder(temp, { ...LINUX, ldconfig: "exit 1" });
    const own = `${temp.path}/cache/gradloop/runtime`;
    for (
      const [given, expected] of [["", own], ["/not/there", own], [
        temp.path,
        temp.path,
      ]]
    ) {
      const { stdout } = await denow(temp, path, ["run", "x.ts"], {
        ...DRIVER,
        XDG_RUNTIME_DIR: given!,
      });
      assertStringIncludes(stdout, `runtime ${expected}\n`);
    }
    assertEquals((await Deno.stat(own)).mode! & 0o777, 0o700);
  },
);
