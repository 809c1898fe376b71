import { assert, assertEquals } from "@std/assert";
import { HostTensor } from "../../../mod.ts";
import { reportNonFinite } from "../../../scripts/run_folder/nan_report.ts";
import { needs } from "../../helpers/permissions.ts";
import { tempFolder } from "../../helpers/temp_folder.ts";

const PLACE = {
  step: 3,
  epoch: 1,
  microBatches: [{ loss: 0.25, rows: [7, 1] }, { loss: NaN, rows: [0, 4] }],
  batch: {
    inputIds: HostTensor.from([[5, 6, 7], [8, 9, 0]]),
    tokenTypeIds: HostTensor.from([[0, 0, 1], [0, 0, 0]]),
    attentionMask: HostTensor.from([[1, 1, 1], [1, 1, 0]]),
    labels: HostTensor.from([[0.5, NaN], [1, -Infinity]]),
  },
};
const OUTPUT = {
  op: "linear",
  parameters: ["a.weight", "a.bias"],
  shape: [2, 4],
  nan: 3,
  infinite: 1,
};
const GRADIENT = { ...OUTPUT, op: undefined, parameters: ["b.bias"] };
const ROWS = "its rows, from 0, are 7, 1, 0, 4, and its gradient norm is";
const REMEDY = "use a lower --learning-rate, or --max-grad-norm 1";

Deno.test(
  needs(
    "reportNonFinite() saves report and batch, and replaces older ones",
    "read",
    "write",
  ),
  async () => {
    await using folder = await tempFolder();
    const { path } = folder;
    const attempt = async (_: string, save: () => Promise<void>) => {
      await save();
      return true;
    };
    const read = async (name: string) =>
      JSON.parse(await Deno.readTextFile(`${path}/nan/${name}`));
    const found = { loss: NaN, gradNorm: Infinity };
    const run = { path, attempt };
    await reportNonFinite(run, {
      ...found,
      tensor: GRADIENT,
      gradient: undefined,
    }, { ...PLACE, step: 2 });
    const error = await reportNonFinite(run, {
      ...found,
      tensor: OUTPUT,
      gradient: GRADIENT,
    }, PLACE);
    assertEquals(
      error.message,
      `The loss of step 3 is NaN: ${ROWS} Infinity; its first tensor that is not finite is the output of linear [2, 4], which read a.weight, a.bias, see ${path}/nan/report.json; ${REMEDY}`,
    );
    const { op: _, ...gradient } = GRADIENT;
    assertEquals(await read("report.json"), {
      step: 3,
      epoch: 1,
      rows: [[7, 1], [0, 4]],
      losses: [0.25, "NaN"],
      gradNorm: "Infinity",
      tensor: OUTPUT,
      gradient,
    });
    assertEquals(await read("batch.json"), {
      inputIds: [[5, 6, 7], [8, 9, 0]],
      tokenTypeIds: [[0, 0, 1], [0, 0, 0]],
      attentionMask: [[1, 1, 1], [1, 1, 0]],
      labels: [[0.5, "NaN"], [1, "-Infinity"]],
    });
    const names = await Array.fromAsync(Deno.readDir(path), ({ name }) => name);
    assertEquals(names, ["nan"]);
  },
);

Deno.test("reportNonFinite() names a gradient if the loss is finite, and no file that was not saved", async () => {
  const run = { path: "runs/a", attempt: () => Promise.resolve(false) };
  const found = { loss: 0.25, gradNorm: 1e20, tensor: undefined };
  const error = await reportNonFinite(
    run,
    { ...found, gradient: GRADIENT },
    PLACE,
  );
  assert(error instanceof Error);
  assertEquals(
    error.message,
    `The gradient of step 3 is not finite: ${ROWS} 100000000000000000000; its first gradient that is not finite is that of b.bias [2, 4]; ${REMEDY}`,
  );
});
