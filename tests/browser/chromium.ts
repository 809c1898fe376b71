/**
 * Starts an installed Chromium without a window, on the software adapter that it
 * brings.
 *
 * @module
 */

/** Names of executables, the first found is used. */
const NAMES = [
  "chromium",
  "chromium-browser",
  "google-chrome",
  "google-chrome-stable",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

const FLAGS = [
  "--headless=new",
  // Chromium refuses its sandbox to root and in most containers; the only page is ours.
  "--no-sandbox",
  "--no-first-run",
  "--no-default-browser-check",
  "--disable-background-networking",
  "--disable-dev-shm-usage",
  "--enable-unsafe-webgpu",
  "--use-webgpu-adapter=swiftshader",
  // Timestamps of Device.profile() in full, not in steps of 0.1 ms.
  "--disable-dawn-features=timestamp_quantization",
];

/** A running browser. */
export interface Browser extends AsyncDisposable {
  /** Its name and version, such as `Chromium 156.0`. */
  readonly name: string;
  /** What it wrote at its end, if it ends by itself. */
  readonly ended: Promise<string>;
}

/**
 * Starts Chromium at a URL.
 *
 * @param url First page.
 * @param profile Folder for its profile, which exists.
 * @throws {Error} If none is installed.
 */
export async function startChromium(
  url: string,
  profile: string,
): Promise<Browser> {
  const { executable, name } = await find();
  const process = new Deno.Command(executable, {
    args: [...FLAGS, `--user-data-dir=${profile}`, url],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const stderr = new Response(process.stderr).text();
  return {
    name,
    ended: process.status.then(async ({ code }) =>
      `Chromium ended with code ${code}:\n${(await stderr).slice(-2000)}`
    ),
    async [Symbol.asyncDispose]() {
      process.kill("SIGTERM");
      await process.status;
      await stderr; // its other processes have ended too
    },
  };
}

async function find(): Promise<{ executable: string; name: string }> {
  const chosen = Deno.env.get("CHROMIUM");
  for (const executable of chosen ? [chosen] : NAMES) {
    try {
      const { success, stdout } = await new Deno.Command(executable, {
        args: ["--version"],
        stderr: "null",
      }).output();
      const name = new TextDecoder().decode(stdout).trim();
      if (success) return { executable, name };
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  throw new Error(
    `Cannot test in a browser: ${
      chosen
        ? `CHROMIUM is ${chosen}, which does not run`
        : "found no Chromium or Chrome"
    }; apt-get install -y chromium, or set CHROMIUM to the path of one`,
  );
}
