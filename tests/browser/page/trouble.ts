/**
 * What the page says when something is wrong.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { ROOT } from "../../helpers/permissions.ts";
import { type Check, withBrowser } from "./check.ts";
import { Driver } from "./driver.ts";

const HTML = `text,label
"<script>alert(1)</script>, ""quoted""",<b>x</b>
"<img src=x onerror=alert(2)>
of two lines",y
${"one more,y\nanother,<b>x</b>\n".repeat(4)}`;

/** The checks by name. */
export const TROUBLE: Readonly<Record<string, Check>> = {
  "problems have words": async (place) => {
    const { profile } = place;
    const notes: string[] = [];
    await withBrowser(place, async (browser) => {
      const driver = await Driver.open(browser, place.origin);
      const alert = driver.page.getByRole("alert");
      const file = driver.page.locator('input[type="file"]').first();
      await Deno.mkdir(`${profile}/files`);
      const open = async (name: string, content: string) => {
        await Deno.writeTextFile(`${profile}/files/${name}`, content);
        await file.setInputFiles(`${profile}/files/${name}`);
        notes.push(`${name}: ${await alert.first().innerText()}`);
        await driver.takeSample("Requests");
      };
      await open("table.xlsx", "PK");
      await open("photo.png", "no table");
      await open("empty.csv", "");
      await open("one.csv", "text,label\na b,x\nc d,x\ne f,x\n");
      await open("broken.parquet", "no parquet");
      const refused = driver.faults.filter((text) => /policy/i.test(text));
      assertEquals(refused, []);
      await driver.page.getByText("Use another model").click();
      await driver.page.getByLabel("Name of the model").fill("a b");
      await driver.press("Fetch");
      notes.push(await alert.first().innerText());
    });
    await Deno.mkdir(`${profile}/none`);
    await withBrowser(
      { ...place, profile: `${profile}/none` },
      async (browser) => {
        const driver = await Driver.open(browser, place.origin);
        notes.push(await driver.page.getByRole("alert").innerText());
      },
      false,
    );
    return notes.map((note) => note.replaceAll("\n", " | "));
  },

  "HTML in a table that is dropped stays text": (place) =>
    withBrowser(place, async (browser) => {
      const driver = await Driver.open(browser, place.origin);
      const path = `${place.profile}/html.csv`;
      await Deno.writeTextFile(path, HTML);
      await driver.drop(path);
      const cells = driver.section("Data").locator(".preview td");
      await cells.first().waitFor();
      assertEquals((await cells.allInnerTexts()).slice(0, 3), [
        '<script>alert(1)</script>, "quoted"',
        "<b>x</b>",
        "<img src=x onerror=alert(2)> of two lines",
      ]);
      assertEquals(driver.faults, []);
      return [];
    }),

  "a broken model folder that is dropped": (place) =>
    withBrowser(place, async (browser) => {
      const driver = await Driver.open(browser, place.origin);
      await driver.takeSample("Requests");
      const folder = `${place.profile}/broken`;
      await Deno.mkdir(folder);
      for (const name of ["config.json", "tokenizer.json"]) {
        await Deno.copyFile(
          new URL(`data/model/${name}`, ROOT),
          `${folder}/${name}`,
        );
      }
      const notes: string[] = [];
      const words = async () => {
        await driver.drop(folder);
        const alert = driver.section("Model").getByRole("alert");
        notes.push((await alert.innerText()).replaceAll("\n", " | "));
        await driver.takeSample("Requests"); // opens the embedded model
        await alert.waitFor({ state: "detached" });
      };
      await Deno.writeTextFile(`${folder}/pytorch_model.bin`, "PK");
      await words();
      const weights = new URL("data/model/model.safetensors", ROOT);
      await Deno.copyFile(weights, `${folder}/model.safetensors`);
      await Deno.truncate(`${folder}/model.safetensors`, 1e6);
      await words();
      return notes;
    }),

  "a lost device, and a full disk": (place) =>
    withBrowser(place, async (browser) => {
      const driver = await Driver.open(browser, place.origin);
      await driver.takeSample("Requests");
      await driver.train(1, 32);
      await driver.waitForEvaluation(2);
      const session = await browser.newCDPSession(driver.page);
      await session.send("Browser.crashGpuProcess");
      const alert = driver.section("Train").getByRole("alert");
      const lost = (await alert.innerText()).replaceAll("\n", " | ");
      assert(lost.includes("“Go on” at the top"), lost);
      await driver.press("Go on");
      await driver.waitForEnd();
      assertEquals(await alert.count(), 0);
      await session.send("Storage.overrideQuotaForOrigin", {
        origin: new URL(place.origin).origin,
        quotaSize: 3e6,
      });
      await driver.section("Train").getByRole("button", { name: "Train again" })
        .click();
      const full = (await alert.innerText()).replaceAll("\n", " | ");
      await driver.waitForEnd();
      return [lost, full];
    }),
};
