import { ROOT } from "../helpers/permissions.ts";
import type { TempFolder } from "../helpers/temp_folder.ts";

/** Path of the script. */
export const DENOW = new URL("denow", ROOT).pathname;
/** Programs that denow calls, in addition to deno, npm and apt-get. */
const TOOLS =
  "chmod dirname flock grep id ldconfig mkdir mktemp mv readlink rm uname";

/** Makes a PATH folder with only the tools of denow and the given programs. */
export async function pathFolder(
  temp: TempFolder,
  programs: Record<string, string> = {},
): Promise<string> {
  const folder = `${temp.path}/bin`;
  await Deno.mkdir(folder);
  const tools = Object.fromEntries(
    TOOLS.split(" ").map((tool) => [
      tool,
      `PATH=/usr/bin:/bin:/usr/sbin:/sbin exec ${tool} "$@"`,
    ]),
  );
  for (const [name, body] of Object.entries({ ...tools, ...programs })) {
    await Deno.writeTextFile(`${folder}/${name}`, `#!/bin/sh\n${body}\n`, {
      mode: 0o755,
    });
  }
  return folder;
}

/** Runs denow with that PATH and with `temp` as home folder. */
export async function denow(
  temp: TempFolder,
  path: string,
  args: string[],
  env: Record<string, string> = {},
) {
  const { code, stdout, stderr } = await new Deno.Command(DENOW, {
    args,
    clearEnv: true,
    env: {
      PATH: path,
      HOME: temp.path,
      XDG_CACHE_HOME: `${temp.path}/cache`,
      TMPDIR: temp.path, // others install at the same time
      ...env,
    },
    cwd: temp.path,
  }).output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: decode(stdout), stderr: decode(stderr) };
}

/** Lists the entries of a folder. */
export async function namesIn(folder: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
}

/** Script of a Deno that prints its version, or else its arguments and environment. */
export const fakeDeno = (version: string) =>
  `[ "$1" = --version ] && { echo "deno ${version} (stable)"; exit; }
echo "deno ${version}: $*"; echo "in $PWD"; echo "runtime $XDG_RUNTIME_DIR"`;

/** Script of an npm that installs {@linkcode fakeDeno}. */
export const fakeNpm = (version: string) =>
  `echo "npm $*"
while [ "$1" != --prefix ]; do shift; done
folder=$2/node_modules/@deno/some-platform
mkdir -p "$folder"
cat > "$folder/deno" <<'END'
#!/bin/sh
${fakeDeno(version)}
END
chmod +x "$folder/deno"`;

/** Programs of a Linux machine without NVIDIA devices. */
export const LINUX = {
  deno: fakeDeno("2.9.6"),
  uname: "echo Linux",
  grep: "exit 1",
};
/** Names a Vulkan driver, so that those of the machine are not searched. */
export const DRIVER = { VK_DRIVER_FILES: "/drivers/lvp_icd.json" };
/** Programs of a machine without the Vulkan loader. */
export const NO_LOADER = { ldconfig: "echo no such library" };
