import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { needs } from "../helpers/permissions.ts";
import { tempFolder } from "../helpers/temp_folder.ts";
import { denow, DRIVER, LINUX, NO_LOADER, pathFolder } from "./bare_machine.ts";

Deno.test(
  needs(
    "denow checks for Vulkan before commands that use the GPU",
    "read",
    "write",
    "run",
  ),
  async (t) => {
    const aptGet = `echo "apt-get $* $DEBIAN_FRONTEND"`;
    await t.step("Vulkan is installed", async () => {
      await using temp = await tempFolder();
      const path = await pathFolder(temp, {
        ...LINUX,
        ldconfig: "echo libvulkan.so.1",
      });
      const { code, stderr } = await denow(temp, path, ["run", "x.ts"], DRIVER);
      assertEquals({ code, stderr }, { code: 0, stderr: "" });
    });
    await t.step("root: it is installed", async () => {
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
    await t.step("root: installing it fails", async () => {
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
    await t.step("another user: the command is printed", async () => {
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
    await t.step("lint: no check", async () => {
      await using temp = await tempFolder();
      const path = await pathFolder(temp, { ...LINUX, ...NO_LOADER });
      assertEquals((await denow(temp, path, ["lint"], DRIVER)).code, 0);
    });
  },
);

Deno.test(
  needs(
    "denow warns if an NVIDIA GPU has no Vulkan driver",
    "read",
    "write",
    "run",
  ),
  async (t) => {
    const cases = { lvp: true, nvidia: false };
    for (const [driver, warns] of Object.entries(cases)) {
      await t.step(driver, async () => {
        await using temp = await tempFolder();
        // grep finds NVIDIA's vendor id among the devices.
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
    "denow sets a private runtime folder on headless Linux",
    "read",
    "write",
    "run",
  ),
  async () => {
    await using temp = await tempFolder();
    const path = await pathFolder(temp, { ...LINUX, ldconfig: "exit 1" });
    const fallback = `${temp.path}/cache/gradloop/runtime`;
    for (
      const [given, expected] of [["", fallback], ["/not/there", fallback], [
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
    assertEquals((await Deno.stat(fallback)).mode! & 0o777, 0o700);
  },
);
