import { assertEquals, assertThrows } from "@std/assert";
import {
  describeFlags,
  type FlagTable,
  type Value,
} from "../../../scripts/cli/flag_help.ts";
import { readFlags } from "../../../scripts/cli/flag_table.ts";

const TABLE: FlagTable = {
  epochs: { value: "N", min: 1, help: "passes" },
  quiet: { help: "print less" },
  loadBest: { isNegatable: true, help: "the best", defaultText: "true" },
  resume: { value: "DIR", isOptional: true, help: "go on" },
  data: { value: "PATH", help: "the rows" },
};

const read = (line: string) => readFlags(line.split(" "), TABLE);

Deno.test("readFlags() reads switches, and flags with a value that may be left out", async (t) => {
  const cases: [string, Record<string, Value>][] = [
    ["--quiet", { quiet: true }],
    ["--load-best", { loadBest: true }],
    ["--no-load-best", { loadBest: false }],
    ["--load-best --no-load-best", { loadBest: false }],
    ["--no-load-best --load-best", { loadBest: true }],
    ["--resume", { resume: true }],
    ["--resume runs/a", { resume: "runs/a" }],
    ["--resume=runs/a", { resume: "runs/a" }],
    ["--data rows/a.csv", { data: "rows/a.csv" }],
    ["--resume --epochs 2", { resume: true, epochs: 2 }],
    ["--resume --no-load-best", { resume: true, loadBest: false }],
    ["--resume --no-load-best --epochs 1", {
      resume: true,
      loadBest: false,
      epochs: 1,
    }],
  ];
  for (const [line, values] of cases) {
    await t.step(line, () => assertEquals(read(line).values, values));
  }
});

Deno.test("readFlags() refuses the value of a switch", async (t) => {
  const cases: [string, string][] = [
    ["--quiet=false", '--quiet takes no value, not "false": leave it out'],
    ["--quiet true", '--quiet takes no value, not "true": leave it out'],
    [
      "--load-best=false",
      '--load-best takes no value, not "false": leave it out, or use --no-load-best',
    ],
    [
      "--load-best false",
      '--load-best takes no value, not "false": leave it out, or use --no-load-best',
    ],
    [
      "--no-load-best=true",
      '--no-load-best takes no value, not "true": leave it out',
    ],
    ["--no-quiet", "Unknown flag --no-quiet: use --quiet, or see --help"],
  ];
  for (const [line, message] of cases) {
    await t.step(line, () => {
      assertEquals(assertThrows(() => read(line), TypeError).message, message);
    });
  }
  assertEquals(read("-- --quiet=false").positionals, ["--quiet=false"]);
});

Deno.test("readFlags() says what a value left out may be", () => {
  assertEquals(
    assertThrows(() => read("--data="), TypeError).message,
    "Missing value for --data: give a file or a folder",
  );
});

Deno.test("describeFlags() shows what may be left out, and the negation", () => {
  const usages = describeFlags(TABLE, {})
    .map((text) => text.trimStart().split("  ")[0]);
  assertEquals(usages, [
    "--epochs N",
    "--quiet",
    "--[no-]load-best",
    "--resume [DIR]",
    "--data PATH",
    "--help",
  ]);
});
