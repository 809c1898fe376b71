import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import {
  classifyFlags,
  type ClassifyOptions,
} from "../../../scripts/classify/flags.ts";
import { needs } from "../../helpers/permissions.ts";

const parse = (args: string) =>
  classifyFlags.parse(args.split(" ")) as ClassifyOptions;

Deno.test(
  needs(
    "classifyFlags has the embedded model and its preset for one's own data",
    "read",
  ),
  () => {
    const own = parse("--data deno.json");
    assertEquals([own.model, own.preset, own.learningRate], [
      undefined,
      "embedded",
      5e-4,
    ]);
    assertEquals(own.flags, { data: "deno.json" });
    // Every setting has a value for config.json, in which null is none.
    for (
      const name of [
        "task",
        "textColumns",
        "labelColumn",
        "labelSeparator",
        "problemType",
        "testSplit",
        "classWeights",
        "labelSmoothingFactor",
        "tuneThresholds",
      ]
    ) {
      assertEquals([name, name in own], [name, true]);
    }
    assertEquals(parse("--data deno.json --preset trainer").preset, "trainer");
    const given = parse("--data deno.json --model data/model");
    assertEquals([given.model, given.preset], ["data/model", "course"]);
    const task = parse("--task rte --data deno.json --model data/model");
    assertEquals([task.task, task.preset], ["rte", "course"]);
  },
);

Deno.test("classifyFlags refuses flags that exclude each other", () => {
  const cases: [string, string][] = [
    [
      "--text-columns a",
      "Nothing to train on: give --data with a file of texts and labels, or --task cola|",
    ],
    ["--task rte --label-column a", "--task rte defines its columns"],
    [
      "--task rte --label-separator ;",
      "--task rte defines its labels and splits: leave out --label-separator ;, or --task",
    ],
    [
      "--task rte --problem-type regression",
      "leave out --problem-type regression, or --task",
    ],
    ["--task rte --test-split 0.1", "leave out --test-split 0.1, or --task"],
    [
      "--data x --text-columns a,b,c",
      "--text-columns must be one column, or two",
    ],
    [
      "--data x --label-column a,",
      '--label-column must be one column, or several separated by commas, not "a,"',
    ],
    [
      "--data x --text-columns a --label-column b,a",
      "--text-columns a and --label-column b,a must be different columns: name each once",
    ],
    ...["equal", "1,0", "1,-1", "1,,2", "1,Infinity"].map((
      weights,
    ): [string, string] => [
      `--data x --class-weights ${weights}`,
      `--class-weights must be balanced, or a number greater than 0 for each label, separated by commas, not "${weights}"`,
    ]),
  ];
  for (const [args, message] of cases) {
    const error = assertThrows(() => parse(args)) as Error;
    assertStringIncludes(error.message, message);
  }
});

Deno.test("classifyFlags describes its flags in --help", () => {
  const help = classifyFlags.help();
  for (
    const flag of ["--data PATH", "--test-split X", "--class-weights NAME"]
  ) {
    assertStringIncludes(help, `  ${flag}`);
  }
  assertStringIncludes(help, "./denow task classify --data messages.csv");
});
