import { assert, assertEquals, assertMatch } from "@std/assert";
import { needs } from "../helpers/permissions.ts";
import { GIVEN, trainFixture } from "./train_fixture.ts";

// Nine rows: steps of 3 and 3, then 3 and 0; the first update makes the weights useless.
const FLAGS =
  `${GIVEN} --batch-size 3 --gradient-accumulation-steps 2 --logging-steps 1 --seed 4`;

Deno.test(
  needs(
    "a loss that is not finite ends a run, which goes on with --debug-nan and saves its origin",
    "read",
    "write",
    "run",
  ),
  async (t) => {
    await using fixture = await trainFixture();
    const run = await fixture.run(
      `${FLAGS} --learning-rate 1e30 --save-steps 1 --output-dir runs/a`,
    );
    const rows = /its rows, from 0, are ((?:\d, )*\d)/.exec(run.error)?.[1];
    await t.step("the error", () => {
      assertEquals([run.code, run.error], [
        1,
        `error: The loss of step 2 is NaN: its rows, from 0, are ${rows}, and its gradient norm is NaN; use a lower --learning-rate, or --max-grad-norm 1, or --debug-nan to find the first tensor that is not finite`,
      ]);
      assertMatch(
        run.stderr,
        /^Continue with: \.\/denow task train --resume runs\/a\nerror: /,
      );
    });
    const resumed = await fixture.run("--resume runs/a --debug-nan");
    const json = async (name: string) =>
      JSON.parse(await fixture.text(`runs/a/nan/${name}.json`));
    await t.step("the report", async () => {
      const { tensor, gradient, ...report } = await json("report");
      assertEquals(report, {
        step: 2,
        epoch: 0,
        rows: [rows!.split(", ").map(Number)],
        losses: ["NaN"],
        gradNorm: "NaN",
      });
      assert(tensor.nan > 0);
      assertEquals(tensor.op, "layerNorm");
      assertMatch(tensor.parameters.join(), /^bert\.embeddings\.LayerNorm\./);
      assert(gradient.nan > 0 && gradient.op === undefined);
      assertMatch(gradient.parameters.join(), /^classifier\.\w+$/);
    });
    await t.step("the batch", async () => {
      const { inputIds, labels, ...masks } = await json("batch");
      const lengths = (rows: number[][]) => rows.map(({ length }) => length);
      assertEquals(lengths(inputIds).length, 3);
      assertEquals(new Set(lengths(inputIds)).size, 1);
      assertEquals(Object.keys(masks), ["tokenTypeIds", "attentionMask"]);
      for (const mask of Object.values(masks)) {
        assertEquals(lengths(mask as number[][]), lengths(inputIds));
      }
      const lines = (await fixture.text("data/train.tsv")).split("\n");
      assertEquals(
        labels,
        rows!.split(", ").map((row) =>
          Number(lines[1 + Number(row)]!.split("\t")[1])
        ),
      );
    });
    await t.step("the error, and the line of the step before", async () => {
      const { code, error } = resumed;
      assertEquals(code, 1);
      assertMatch(
        error,
        /^error: The loss of step 2 is NaN: its rows, from 0, are [\d, ]+, and its gradient norm is NaN; its first tensor that is not finite is the output of layerNorm \[\d+, 16\], which read bert\.embeddings\.LayerNorm\.weight, bert\.embeddings\.LayerNorm\.bias, see runs\/a\/nan\/report\.json; use a lower --learning-rate, or --max-grad-norm 1$/,
      );
      const steps = (await fixture.events("a")).map(({ step }) => step);
      assertEquals(steps, [1]);
    });
  },
);

Deno.test(
  needs("--debug-nan changes no byte of a run", "read", "write", "run"),
  async () => {
    await using fixture = await trainFixture();
    const flags = `${FLAGS} --epochs 2 --dropout 0.1 --learning-rate 1e-3`;
    for (const more of ["a --debug-nan", "b"]) {
      const run = await fixture.run(`${flags} --output-dir runs/${more}`);
      assertEquals(run.code, 0, run.stderr);
    }
    const names = ["model.safetensors", "optimizer.safetensors"];
    for (const name of names) {
      const [a, b] = ["a", "b"].map((run) =>
        Deno.readFileSync(`${fixture.path}/runs/${run}/checkpoint-4/${name}`)
      );
      assertEquals(a, b);
    }
    const [a, b] = [await fixture.events("a"), await fixture.events("b")];
    const losses = (events: typeof a) => events.map(({ loss }) => loss);
    assertEquals(losses(a), losses(b));
    assertEquals(a.length, 6);
    assertEquals(await fixture.list("runs/a"), await fixture.list("runs/b"));
  },
);
