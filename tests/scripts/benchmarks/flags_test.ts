import { assertEquals, assertThrows } from "@std/assert";
import { parseBenchFlags } from "../../../scripts/benchmarks/flags.ts";

const parse = (line: string) =>
  parseBenchFlags(line.split(" ").filter((arg) => arg !== ""));

Deno.test("parseBenchFlags() reads every flag and applies the defaults", () => {
  assertEquals(parse("mlp"), {
    case: "mlp",
    batch: 8,
    steps: 20,
    warmup: 3,
    profile: false,
    json: false,
  });
  assertEquals(
    parse(
      "bert --model minilm-l6 --batch 32 --length 512 --gradient-checkpointing --fp16 --steps 5 --warmup 0 --kernels hardware --profile --json",
    ),
    {
      case: "bert",
      model: "minilm-l6",
      batch: 32,
      length: 512,
      gradientCheckpointing: true,
      fp16: true,
      steps: 5,
      warmup: 0,
      kernels: "hardware",
      profile: true,
      json: true,
    },
  );
  assertEquals(parse("--help"), "help");
});

Deno.test("parseBenchFlags() reports errors", async (t) => {
  const cases: [string, string][] = [
    ["", "Missing case: give one of mlp, bert, gemm, dispatch, see --help"],
    [
      "sleep",
      'The case must be one of mlp, bert, gemm, dispatch, not "sleep"',
    ],
    [
      "mlp bert",
      'Unexpected argument "bert": time one case at a time, see --help',
    ],
    [
      "mlp --batch 4",
      "--batch does not apply to mlp: leave it out, or time bert or gemm",
    ],
    [
      "dispatch --model tiny",
      "--model does not apply to dispatch: leave it out, or time bert or gemm",
    ],
    [
      "gemm --length 8",
      "--length does not apply to gemm: leave it out, or time bert",
    ],
    [
      "mlp --gradient-checkpointing",
      "--gradient-checkpointing does not apply to mlp: leave it out, or time bert",
    ],
    [
      "bert --length 513",
      '--length must be a whole number from 2 to 512, not "513"',
    ],
    [
      "bert --batch 257",
      '--batch must be a whole number from 1 to 256, not "257"',
    ],
    [
      "bert --steps 0",
      '--steps must be a whole number of at least 1, not "0"',
    ],
    [
      "bert --warmup -1",
      '--warmup must be a whole number of at least 0, not "-1"',
    ],
    [
      "bert --kernels gpu",
      '--kernels must be one of hardware, software, not "gpu"',
    ],
    ["bert --step 3", "Unknown flag --step: use --steps, or see --help"],
  ];
  for (const [line, message] of cases) {
    await t.step(line, () => {
      assertThrows(() => parse(line), Error, message);
    });
  }
});
