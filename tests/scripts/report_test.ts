import { assert, assertEquals, assertMatch } from "@std/assert";
import { needs } from "../helpers/permissions.ts";
import { checkPage } from "./report/page_checks.ts";
import { commandOf, GIVEN, trainFixture } from "./train_fixture.ts";

Deno.test("the report task may read, and write below runs", () => {
  assertEquals(commandOf("report").permissions, [
    "--allow-read",
    "--allow-write=runs",
  ]);
});

Deno.test(
  needs("report.ts compares runs of training", "read", "write", "run"),
  async (t) => {
    await using fixture = await trainFixture();
    const report = (flags: string) => fixture.run(flags, { task: "report" });
    for (const [name, rate] of [["a", "1e-2"], ["b", "1e-3"]]) {
      const { code, stderr } = await fixture.run(
        `${GIVEN} --epochs 2 --learning-rate ${rate} --logging-steps 1 --output-dir runs/${name}`,
      );
      assertEquals(code, 0, stderr);
    }
    await t.step("scores, curves, settings that differ", async () => {
      const run = await report("runs/a/ runs/b");
      assertEquals(run.code, 0, run.stderr);
      assertEquals(
        run.stdout,
        "The comparison is in runs/comparison.html\n",
      );
      const page = await fixture.text("runs/comparison.html");
      checkPage(page);
      const { accuracy } = JSON.parse(
        await fixture.text("runs/a/results.json"),
      );
      assert(page.includes(accuracy.toFixed(3)));
      assertMatch(page, /learningRate<\/th>\s*<td>0\.01<\/td>\s*<td>0\.001</);
      assert(!page.includes("outputDir"));
    });
    await t.step("into another file, which is replaced", async () => {
      for (const order of ["runs/a runs/b", "runs/b runs/a"]) {
        const run = await report(`${order} --output runs/a/b.html`);
        assertEquals(run.code, 0, run.stderr);
      }
      assertMatch(await fixture.text("runs/a/b.html"), /b · a</);
    });
    await t.step("a folder that is no run", async () => {
      const { code, error } = await report("runs/a data");
      assertEquals(code, 2);
      assertEquals(
        error,
        "error: data is no run: it has no config.json; name the folder of a run, such as runs/2026-01-31T12-00-00",
      );
    });
  },
);

Deno.test(
  needs("report.ts says what a call lacks", "read", "write", "run"),
  async (t) => {
    await using fixture = await trainFixture();
    const cases: [flags: string, error: RegExp][] = [
      ["", /Cannot compare 0 runs: name the folders of two to 6/],
      ["runs/a", /one run: .*; runs\/a\/report\.html is the report of one/],
      ["runs/a runs/a/", /Cannot compare runs\/a with itself/],
      ["runs/a runs/b runs/c runs/d runs/e runs/f runs/g", /compare 7 runs/],
      ["runs/a runs/b --output a.txt", /ends in \.html, not "a\.txt"/],
      [
        "runs/a runs/b --output page.html",
        /--output page\.html cannot be written .* --allow-write=\. scripts\/report\.ts/,
      ],
      ["runs/a runs/b", /runs\/a is no run: it has no config\.json/],
    ];
    for (const [flags, expected] of cases) {
      await t.step(flags, async () => {
        const { code, error } = await fixture.run(flags, { task: "report" });
        assertEquals(code, 2);
        assertMatch(error, expected);
      });
    }
  },
);
