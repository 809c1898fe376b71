import {
  assert,
  assertEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import {
  checkComparison,
  compare,
} from "../../scripts/transformers_js/onnx_comparison.ts";
import { needs, ROOT } from "../helpers/permissions.ts";
import { commandOf, trainFixture } from "./train_fixture.ts";

Deno.test("the check-onnx task may only read, and what onnxruntime needs", () => {
  assertEquals(commandOf("check-onnx").permissions, [
    "--lock=scripts/check_onnx.lock",
    "--allow-read",
    "--allow-env",
    "--allow-ffi",
  ]);
});

Deno.test("compare() finds the largest difference and the rows with another label", () => {
  const ours = [[1, 2], [4, 3], [0.5, 0.25]];
  const theirs = [[1, 2.5], [3, 4], [0.5, 0.25]];
  assertEquals(compare(ours, theirs), {
    maxDifference: 1,
    meanDifference: (0.5 + 1 + 1) / 6,
    differentLabels: [1],
  });
});

Deno.test("compare() treats NaN as an infinite difference", () => {
  const { maxDifference } = compare([[1, 2]], [[NaN, 2]]);
  assertEquals(maxDifference, Infinity);
});

Deno.test("checkComparison() requires fp32 to equal the model, and nothing of other formats", () => {
  const same = { maxDifference: 1e-4, meanDifference: 0, differentLabels: [] };
  checkComparison(same, "fp32");
  const far = { ...same, maxDifference: 1.1e-4 };
  assertThrows(
    () => checkComparison(far, "fp32"),
    Error,
    "a logit differs by 1.1e-4, more than 0.0001: export it again",
  );
  const other = { ...same, differentLabels: [3, 5] };
  assertThrows(
    () => checkComparison(other, "fp32"),
    Error,
    "2 rows get another label, the first is row 3",
  );
  checkComparison(far, "fp16");
  checkComparison(other, "q8");
});

Deno.test(
  needs("transformers.js is only in the lock file of its task", "read"),
  async () => {
    const read = (path: string) => Deno.readTextFile(new URL(path, ROOT));
    // Every task downloads what deno.lock names.
    assert(!/onnxruntime/.test(await read("deno.lock")));
    const [specifier] = (await read("scripts/transformers_js/load.ts"))
      .match(/npm:@huggingface\/transformers@\d+\.\d+\.\d+/)!;
    assertStringIncludes(
      await read("scripts/check_onnx.lock"),
      `"${specifier}"`,
    );
  },
);

Deno.test(
  needs(
    "the check-onnx task describes its flags without a download",
    "read",
    "write",
    "run",
  ),
  async () => {
    await using fixture = await trainFixture();
    const { permissions } = commandOf("check-onnx");
    const [, ...rest] = permissions; // the lock file, by its path here
    const lock = new URL("scripts/check_onnx.lock", ROOT).pathname;
    const { code, stdout, stderr } = await fixture.run("--help", {
      task: "check-onnx",
      permissions: [`--lock=${lock}`, "--cached-only", ...rest],
      env: { DENO_DIR: `${fixture.path}/no-packages` },
    });
    assertEquals([code, stderr], [0, ""]);
    for (const flag of ["--text-columns NAME", "--label-column NAME"]) {
      assertStringIncludes(stdout, flag);
    }
  },
);

Deno.test(
  needs(
    "the check-onnx task reports errors before the first step",
    "read",
    "write",
    "run",
  ),
  async (t) => {
    await using fixture = await trainFixture();
    await fixture.saveModel("multi", 2);
    const config = JSON.parse(await fixture.text("multi/config.json"));
    config.problem_type = "multi_label_classification";
    await fixture.write("multi/config.json", JSON.stringify(config));
    const own = (await fixture.text("data/validation.tsv"))
      .replace("idx\tlabel\tsentence1\tsentence2", "idx\tsame\ta\tb");
    await fixture.write("own.tsv", own);
    const cases = [
      ["--data data", "Missing --model: give the model folder of a run"],
      [
        "--model model --data own.tsv --text-columns a,b --label-column same",
        "There is no model/onnx/model.onnx: write it with deno task export",
      ],
      [
        "--model model --data own.tsv --text-columns a,b",
        "There is no model/onnx/model.onnx", // the label column is found
      ],
      [
        "--model model --data own.tsv",
        "own.tsv has the columns idx, same, a, b, and a or b may be that of the texts: name it with --text-columns",
      ],
      [
        "--model multi --data data",
        "--model multi has the problem_type multi_label_classification with 2 labels, and only models with one label or number a row are scored: deno task predict prints what it gives",
      ],
      ["--model model --dtype q4", "--dtype must be one of fp32, fp16, q8"],
      [
        "--model model --data data --dtype q8",
        "There is no model/onnx/model_quantized.onnx: write it with deno task export --model model --dtype q8",
      ],
    ] as const;
    for (const [flags, message] of cases) {
      await t.step(flags, async () => {
        const { code, stderr, error } = await fixture.run(flags, {
          task: "check-onnx",
          permissions: ["--allow-read"], // errors come before anything else is used
        });
        assertEquals(code, 2, stderr);
        assertStringIncludes(error, message);
        assert(!/^\s+at /m.test(stderr), stderr);
      });
    }
  },
);
