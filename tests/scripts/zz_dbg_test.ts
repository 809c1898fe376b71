import { GIVEN, trainFixture } from "./train_fixture.ts";
Deno.test("x", async () => {
  await using f = await trainFixture();
  const t = await f.run(`${GIVEN} --epochs 3 --learning-rate 1e-2 --output-dir runs/a`);
  console.log(t.stdout.split("\n").filter((l) => /Epoch|loss/.test(l)).join("\n"));
  console.log(await f.text("runs/a/results.json"), (await f.text("runs/a/metrics.jsonl")).split("\n").filter(l=>/eval/.test(l)).join("\n"));
  const e = await f.run("--model runs/a/model --data data --json", { task: "evaluate" });
  console.log(e.stdout, e.stderr);
});
