/** Slips in checkpoints. */
import type { Mutation } from "./mutation.ts";

export const CHECKPOINT: readonly Mutation[] = [
  {
    file: "lib/checkpoint/dtype.ts",
    from: "(b) => b << 16",
    to: "(b) => b << 15",
    tests: ["tests/checkpoint/dtype_test.ts"],
  },
  {
    file: "lib/checkpoint/dtype.ts",
    from: "aligned.byteOffset,",
    to: "0,",
    tests: ["tests/checkpoint/safetensors_test.ts"],
  },
  {
    file: "lib/checkpoint/header.ts",
    from: "size > MAX_HEADER_SIZE",
    to: "size > MAX_HEADER_SIZE + 1",
    tests: ["tests/checkpoint/header_test.ts"],
  },
  {
    file: "lib/checkpoint/header.ts",
    from: "8 + Number(size) > fileSize",
    to: "Number(size) > fileSize",
    tests: ["tests/checkpoint/header_test.ts"],
  },
  {
    file: "lib/checkpoint/header.ts",
    from: "begin !== covered",
    to: "begin < covered",
    tests: ["tests/checkpoint/header_test.ts"],
  },
  {
    file: "lib/checkpoint/header.ts",
    from: "start + covered !== fileSize",
    to: "start + covered > fileSize",
    tests: ["tests/checkpoint/header_test.ts"],
  },
  {
    file: "lib/checkpoint/header.ts",
    from: "keys.has(key)",
    to: "false",
    tests: ["tests/checkpoint/header_test.ts"],
  },
  {
    file: "lib/checkpoint/header.ts",
    from: "end - begin !== bits / 8",
    to: "end - begin < bits / 8",
    tests: ["tests/checkpoint/header_test.ts"],
  },
  {
    file: "lib/checkpoint/header.ts",
    from: "fatal: true",
    to: "fatal: false",
    tests: ["tests/checkpoint/header_test.ts"],
  },
  {
    file: "lib/checkpoint/header.ts",
    from: "bits % 8 !== 0",
    to: "false",
    tests: ["tests/checkpoint/header_test.ts"],
  },
  {
    file: "lib/checkpoint/safetensors.ts",
    from: "b.dtype) - DTYPE_NAMES.indexOf(a.dtype)",
    to: "a.dtype) - DTYPE_NAMES.indexOf(b.dtype)",
    tests: ["tests/checkpoint/safetensors_test.ts"],
  },
  {
    file: "lib/checkpoint/safetensors.ts",
    from: "Math.ceil(header.length / 8) * 8",
    to: "header.length",
    tests: ["tests/checkpoint/safetensors_test.ts"],
  },
  {
    file: "lib/checkpoint/safetensors.ts",
    from: "names.has(name)",
    to: "false",
    tests: ["tests/checkpoint/safetensors_test.ts"],
  },
  {
    file: "lib/checkpoint/safetensors.ts",
    from: "data.byteLength !== needed",
    to: "data.byteLength < needed",
    tests: ["tests/checkpoint/safetensors_test.ts"],
  },
  {
    file: "lib/checkpoint/load_report.ts",
    from: "LayerNorm\\.gamma$/",
    to: "LayerNorm\\.gama$/",
    tests: ["tests/checkpoint/load_report_test.ts"],
  },
  {
    file: "lib/checkpoint/load_report.ts",
    from: "      prefix + name,\n",
    to: "",
    tests: ["tests/checkpoint/load_report_test.ts"],
  },
  {
    file: "lib/checkpoint/load_report.ts",
    from: "if (!isIgnored)",
    to: "if (true)",
    tests: ["tests/checkpoint/load_report_test.ts"],
  },
  {
    file: "lib/checkpoint/load_report.ts",
    from: "`${shape}` !== `${expected}`",
    to: "shape.length !== expected.length",
    tests: ["tests/checkpoint/load_report_test.ts"],
  },
  {
    file: "lib/checkpoint/files.ts",
    from: "const partial = `${path}.partial`",
    to: "const partial = path",
    tests: ["tests/checkpoint/hugging_face_test.ts"],
  },
  {
    file: "lib/checkpoint/files.ts",
    from: "done += count;",
    to: "done = length;",
    tests: ["tests/checkpoint/hugging_face_test.ts"],
  },
  {
    file: "lib/checkpoint/hugging_face.ts",
    from: '{ format: "pt" }',
    to: "undefined",
    tests: ["tests/checkpoint/hugging_face_test.ts"],
  },
  {
    file: "lib/checkpoint/hugging_face.ts",
    from: "Object.entries(config).sort()",
    to: "Object.entries(config)",
    tests: ["tests/checkpoint/hugging_face_test.ts"],
  },
];
