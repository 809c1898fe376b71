/**
 * Drives the page in Chromium with mouse and keyboard, through playwright-core, and
 * watches what a user would not see: blocked scripts, requests, long tasks.
 *
 * @module
 */
/// <reference lib="dom" />
import {
  type BrowserContext,
  chromium,
  type Locator,
  type Page,
} from "npm:playwright-core@1.56.1";
import { watch, type Watched } from "./watch.ts";

const FLAGS = [
  // Chromium refuses its sandbox to root and in most containers; the only page is ours.
  "--no-sandbox",
  "--enable-unsafe-webgpu",
  "--use-webgpu-adapter=swiftshader",
];

/** Flags of the driver with which a page in the background is not slowed down. */
const THROTTLED = [
  "--disable-background-timer-throttling",
  "--disable-backgrounding-occluded-windows",
  "--disable-renderer-backgrounding",
];

/** SwiftShader compiles and computes on the CPU, which others may use too. */
const PATIENCE_MS = 300_000;

/** Size of the window. */
const VIEWPORT = { width: 1280, height: 900 };

/** Ways in which the page is shown. */
const LOOKS = {
  light: { colorScheme: "light", width: VIEWPORT.width },
  dark: { colorScheme: "dark", width: VIEWPORT.width },
  narrow: { colorScheme: "light", width: 360 },
} as const;

/** Options of {@linkcode openBrowser}. */
export interface BrowserOptions {
  /** Folder that keeps what the page stores. */
  readonly profile: string;
  /** Whether it has WebGPU. */
  readonly hasWebGpu?: boolean;
}

/**
 * Starts Chromium.
 *
 * @param options Profile and device.
 * @returns The browser, with what it stores in the profile.
 */
export function openBrowser(
  { profile, hasWebGpu = true }: BrowserOptions,
): Promise<BrowserContext> {
  return chromium.launchPersistentContext(profile, {
    executablePath: Deno.env.get("CHROMIUM") ?? "/usr/bin/chromium",
    args: hasWebGpu ? FLAGS : ["--no-sandbox", "--disable-gpu"],
    ignoreDefaultArgs: THROTTLED,
    acceptDownloads: true,
    viewport: VIEWPORT,
  });
}

export type { BrowserContext };

/** The page in use. */
export class Driver {
  readonly page: Page;
  /** Messages of the console that are errors, and violations of the policy. */
  readonly faults: string[] = [];
  /** Addresses that are not the page's own. */
  readonly requests: string[] = [];
  readonly #origin: string;

  private constructor(page: Page, origin: string) {
    this.page = page;
    this.#origin = origin;
    page.setDefaultTimeout(PATIENCE_MS);
    page.on("pageerror", ({ message }) => this.faults.push(message));
    page.on("console", (message) => {
      if (message.type() === "error") this.faults.push(message.text());
    });
    page.on("request", (request) => {
      const url = request.url();
      if (!/^(blob|data):/.test(url) && !url.startsWith(origin)) {
        this.requests.push(url);
      }
    });
  }

  /**
   * Opens the page.
   *
   * @param browser The browser.
   * @param origin Its address.
   * @returns The page.
   */
  static async open(browser: BrowserContext, origin: string): Promise<Driver> {
    const page = await browser.newPage();
    await page.addInitScript(watch);
    const driver = new Driver(page, origin);
    await page.goto(origin);
    await page.getByRole("heading", { level: 1 }).waitFor();
    return driver;
  }

  /** Loads the page again, as after a crash of the tab. */
  async reload(): Promise<void> {
    await this.page.goto("about:blank");
    await this.page.goto(this.#origin);
  }

  /** A section by its heading. */
  section(name: string): Locator {
    return this.page.getByRole("region", { name, exact: true });
  }

  /** Presses a button. */
  async press(name: string): Promise<void> {
    await this.page.getByRole("button", { name }).first().click();
  }

  /**
   * Drops a file or a folder on the page.
   *
   * @param path Its path.
   */
  async drop(path: string): Promise<void> {
    const session = await this.page.context().newCDPSession(this.page);
    const data = { items: [], files: [path], dragOperationsMask: 1 };
    for (const type of ["dragEnter", "dragOver", "drop"] as const) {
      await session.send("Input.dispatchDragEvent", {
        ...{ type, data },
        ...{ x: 400, y: 300 },
      });
    }
    await session.detach();
  }

  /** Takes a sample, and waits until the embedded model is open. */
  async takeSample(name: string): Promise<void> {
    const another = this.page.getByText("Use another table");
    if (await another.isVisible()) await another.click();
    await this.press(name);
    await this.section("Model").getByText("0.9 million").waitFor();
  }

  /** Sets epochs and batch size with the keyboard, and starts. */
  async train(epochs: number, batchSize: number): Promise<void> {
    await this.page.getByText("More settings").click();
    for (
      const [name, value] of [["Epochs", epochs], ["Batch size", batchSize]]
    ) {
      await this.page.getByLabel(`${name}`).fill(`${value}`);
      await this.page.keyboard.press("Tab");
    }
    await this.section("Train").getByRole("button", { name: /^Train/ }).click();
  }

  /** Waits until a step is evaluated. */
  async waitForEvaluation(step: number): Promise<void> {
    const status = this.page.getByText(new RegExp(`^Step ${step}: \\d+ %`));
    await status.first().waitFor({ state: "attached" });
  }

  /** Waits until it is trained. */
  async waitForEnd(): Promise<void> {
    await this.section("Understand").getByText("Try it", { exact: true })
      .waitFor();
  }

  /**
   * Types a text, letter by letter.
   *
   * @param text The text.
   * @returns The probabilities of its classes, which the page shows rounded.
   */
  async ask(text: string): Promise<Record<string, number>> {
    const box = this.page.getByLabel("A text of yours");
    await box.click();
    await this.page.keyboard.press("Control+A");
    await this.page.keyboard.type(text, { delay: 10 });
    await this.page.waitForFunction(() => {
      const { typed, answer } = globalThis as unknown as Watched;
      return answer?.id === typed;
    });
    const answers = await this.page.evaluate(() => {
      const { classes, answer } = globalThis as unknown as Watched;
      return answer.probabilities.map(({ label, probability }) =>
        [classes[label]!, probability] as const
      );
    });
    const shown = answers.map(([name, probability]) =>
      `${name} ${(100 * probability).toFixed(1)} %`
    );
    await this.page.waitForFunction(([selector, text]) => {
      const items = [...document.querySelectorAll(selector!)];
      return items.map(({ textContent }) =>
        textContent!.trim().replaceAll(/\s+/g, " ")
      ).join() === text;
    }, [".try .bars li", shown.join()]);
    return Object.fromEntries(answers);
  }

  /**
   * Downloads the model.
   *
   * @param path The file.
   */
  async download(path: string): Promise<void> {
    const [download] = await Promise.all([
      this.page.waitForEvent("download"),
      this.press("Download the model"),
    ]);
    await download.saveAs(path);
  }

  /** Takes pictures of the whole page: light, dark, and narrow. */
  async photograph(folder: string, name: string): Promise<void> {
    for (const [look, { colorScheme, width }] of Object.entries(LOOKS)) {
      await this.page.setViewportSize({ ...VIEWPORT, width });
      await this.page.emulateMedia({ colorScheme });
      await this.page.waitForTimeout(500); // charts are drawn again
      const path = `${folder}/${name}-${look}.png`;
      await this.page.screenshot({ path, fullPage: true });
    }
    await this.page.setViewportSize(VIEWPORT);
    await this.page.emulateMedia({ colorScheme: "light" });
  }

  /** Width of the content that does not fit, in pixels. */
  async overflow(width: number): Promise<number> {
    await this.page.setViewportSize({ width, height: 800 });
    const overflow = await this.page.evaluate(() =>
      document.documentElement.scrollWidth - innerWidth
    );
    await this.page.setViewportSize(VIEWPORT);
    return overflow;
  }

  /** Times from a key to the next frame, in ms, while the worker trains. */
  async latencies(): Promise<number[]> {
    await this.page.evaluate(() => {
      const watched = globalThis as unknown as Watched;
      watched.times = [];
      addEventListener("keydown", ({ timeStamp }) => {
        requestAnimationFrame(() =>
          watched.times.push(performance.now() - timeStamp)
        );
      });
    });
    for (let i = 0; i < 40; i++) {
      await this.page.keyboard.press("Tab");
      await this.page.waitForTimeout(100);
    }
    return this.page.evaluate(() => (globalThis as unknown as Watched).times);
  }

  /** Forgets the tasks so far. */
  async forgetTasks(): Promise<void> {
    await this.page.evaluate(() => {
      (globalThis as unknown as Watched).longTasks.length = 0;
    });
  }

  /** The longest task of the page's thread since then, in ms. */
  longestTask(): Promise<number> {
    return this.page.evaluate(() =>
      Math.max(
        0,
        ...(globalThis as unknown as Watched).longTasks,
      )
    );
  }
}
