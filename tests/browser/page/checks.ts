/**
 * What the page must do.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { ROOT } from "../../helpers/permissions.ts";
import { seriousFaults } from "./accessibility.ts";
import { assertClean, type Check, withBrowser } from "./check.ts";
import { Driver } from "./driver.ts";
import { TROUBLE } from "./trouble.ts";
import { filesOfZip } from "./zip.ts";

const TEXTS = [
  "Turn off the lamp in the hall",
  "Will it rain tomorrow?",
  "Add milk and eggs to the list",
];

/** The checks by name. */
export const CHECKS: Readonly<Record<string, Check>> = {
  "sample, training, answer, download": (place) =>
    withBrowser(place, async (browser) => {
      const { origin, out } = place;
      const driver = await Driver.open(browser, origin);
      await driver.photograph(out, "1-empty");
      const faults = await seriousFaults(driver.page);
      await driver.takeSample("Requests");
      await driver.photograph(out, "2-data");
      await driver.train(2, 32);
      await driver.waitForEvaluation(4);
      await driver.photograph(out, "3-training");
      await driver.waitForEnd();
      const answers: Record<string, unknown> = {};
      for (const text of TEXTS) answers[text] = await driver.ask(text);
      await driver.press("Which words does it lean on?");
      await driver.section("Understand").locator(".leaning").waitFor();
      await driver.page.locator(".confusion button.wrong").first().click();
      await driver.download(`${out}/model.zip`);
      await driver.photograph(out, "4-trained");
      await Deno.writeTextFile(
        `${out}/answers.json`,
        JSON.stringify(answers, null, 2),
      );
      for (const colorScheme of ["dark", "light"] as const) {
        await driver.page.emulateMedia({ colorScheme });
        faults.push(...await seriousFaults(driver.page));
      }
      assertEquals(faults, []);
      assertEquals(await driver.overflow(360), 0);
      assertClean(driver);
      const names = Object.keys(await filesOfZip(`${out}/model.zip`));
      for (
        const name of [
          "config.json",
          "model.safetensors",
          "onnx/model.onnx",
          "onnx/model_quantized.onnx",
          "report.html",
          "tokenizer.json",
        ]
      ) assert(names.includes(`model/${name}`), name);
      return [];
    }),

  "a reload in the middle gives the same weights": async (place) => {
    const { origin, out, profile } = place;
    const weightsOf = async (
      name: string,
      disturb: (driver: Driver) => Promise<void>,
    ) => {
      await Deno.mkdir(`${profile}/${name}`);
      const own = { ...place, profile: `${profile}/${name}` };
      return await withBrowser(own, async (browser) => {
        const driver = await Driver.open(browser, origin);
        await driver.takeSample("Requests");
        await driver.train(1, 32);
        await disturb(driver);
        await driver.waitForEnd();
        await driver.download(`${out}/${name}.zip`);
        assertClean(driver);
        const files = await filesOfZip(`${out}/${name}.zip`);
        return files["model/model.safetensors"]!;
      });
    };
    const whole = await weightsOf("undisturbed", async () => {});
    const resumed = await weightsOf("reloaded", async (driver) => {
      await driver.waitForEvaluation(4);
      await driver.reload();
      await driver.page.getByText("A training was interrupted").waitFor();
      await driver.photograph(out, "5-interrupted");
      await driver.press("Go on");
    });
    assertEquals(await digest(resumed), await digest(whole));
    return [];
  },

  "pause, typing while it trains, stop": (place) =>
    withBrowser(place, async (browser) => {
      const driver = await Driver.open(browser, place.origin);
      await driver.takeSample("Requests");
      await driver.train(20, 16);
      await driver.waitForEvaluation(36);
      await driver.forgetTasks();
      const latencies = await driver.latencies();
      const task = await driver.longestTask();
      await driver.press("Pause");
      const state = driver.section("Train").locator(".state");
      await state.getByText("Paused").waitFor();
      await driver.page.waitForTimeout(3000); // the step that runs ends
      const before = await state.innerText();
      await driver.page.waitForTimeout(3000);
      assertEquals(await state.innerText(), before);
      await driver.press("Go on");
      await state.getByText("Training").waitFor();
      await driver.press("Stop here");
      await driver.waitForEnd();
      await driver.page.goto("about:blank");
      const again = await Driver.open(browser, place.origin);
      await again.press("Open it");
      await again.waitForEnd();
      await again.ask(TEXTS[0]!);
      assertClean(driver);
      assertClean(again);
      const slowest = Math.max(...latencies);
      return [
        `while training: longest task ${task.toFixed(0)} ms, slowest key ${
          slowest.toFixed(0)
        } ms`,
      ];
    }),

  "tables are pasted, models come from a folder and the Hub": (place) =>
    withBrowser(place, async (browser) => {
      await browser.grantPermissions(["clipboard-read", "clipboard-write"]);
      let fetched = 0;
      await browser.route("https://huggingface.co/**", async (route) => {
        const name = route.request().url().split("/").at(-1)!;
        const path = new URL(`data/model/${name}`, ROOT).pathname;
        const isThere = await Deno.stat(path).then(() => true, () => false);
        fetched++;
        await route.fulfill({
          status: isThere ? 200 : 404,
          headers: { "access-control-allow-origin": "*" },
          ...isThere && { path },
        });
      });
      const driver = await Driver.open(browser, place.origin);
      const cells = "text\tlabel\n" +
        Array.from({ length: 12 }, (_, i) => `text ${i}\t${i % 2}\n`).join("");
      await driver.page.evaluate(
        (text) => navigator.clipboard.writeText(text),
        cells,
      );
      await driver.page.keyboard.press("Control+V");
      await driver.section("Data").getByText("pasted table, 12 rows").waitFor();
      const model = driver.section("Model");
      await model.getByText("0.9 million").waitFor();
      await model.getByText("Use another model").click();
      await model.locator('input[type="file"]')
        .setInputFiles(new URL("data/model", ROOT).pathname);
      await model.locator("dd.name", { hasText: /^model$/ }).waitFor();
      for (let time = 0; time < 2; time++) {
        await model.getByText("Use another model").click();
        await driver.page.getByLabel("Name of the model").fill("some/bert");
        await driver.page.keyboard.press("Enter");
        await model.locator("dd.name", { hasText: "some/bert" }).waitFor();
        await driver.takeSample("Requests");
      }
      assertEquals(driver.faults.filter((text) => !text.includes("404")), []);
      assertEquals(
        driver.requests.filter((url) =>
          !url.startsWith("https://huggingface.co/some/bert/resolve/main/")
        ),
        [],
      );
      // The four files of the first time; a file that is missing is asked for again.
      assertEquals(fetched, 6);
      return [];
    }),

  ...TROUBLE,
};

async function digest(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", bytes);
  return new Uint8Array(hash).toHex();
}
