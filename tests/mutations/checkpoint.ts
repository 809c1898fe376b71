import type { FileMutations } from "./mutation.ts";

/** Mutations of checkpoints. */
export const CHECKPOINT: readonly FileMutations[] = [
  {
    file: "lib/checkpoint/files.ts",
    tests: ["tests/checkpoint/files_test.ts"],
    changes: [
      ["if (!isFile) throw new NotAFile(path);", ""],
    ],
  },
  {
    file: "lib/checkpoint/dtype.ts",
    tests: ["tests/checkpoint/dtype_test.ts"],
    changes: [
      ["(b) => b << 16", "(b) => b << 15"],
    ],
  },
  {
    file: "lib/checkpoint/dtype.ts",
    tests: ["tests/checkpoint/safetensors_test.ts"],
    changes: [
      ["aligned.byteOffset,", "0,"],
    ],
  },
  {
    file: "lib/checkpoint/header.ts",
    tests: ["tests/checkpoint/header_test.ts"],
    changes: [
      ["size > MAX_HEADER_SIZE", "size > MAX_HEADER_SIZE + 1"],
      ["8 + Number(size) > fileSize", "Number(size) > fileSize"],
      ["begin !== covered", "begin < covered"],
      ["start + covered !== fileSize", "start + covered > fileSize"],
      ["keys.has(key)", "false"],
      ["fatal: true", "fatal: false"],
    ],
  },
  {
    file: "lib/checkpoint/safetensors.ts",
    tests: ["tests/checkpoint/safetensors_test.ts"],
    changes: [
      [
        "b.dtype) - DTYPE_NAMES.indexOf(a.dtype)",
        "a.dtype) - DTYPE_NAMES.indexOf(b.dtype)",
      ],
      ["names.has(name)", "false"],
      ["data.byteLength !== needed", "data.byteLength < needed"],
    ],
  },
  {
    file: "lib/checkpoint/load_report.ts",
    tests: ["tests/checkpoint/load_report_test.ts"],
    changes: [
      ["LayerNorm\\.gamma$/", "LayerNorm\\.gama$/"],
      ["      prefix + name,\n", ""],
      ["if (!isIgnored)", "if (true)"],
      ["`${shape}` !== `${expected}`", "shape.length !== expected.length"],
    ],
  },
  {
    file: "lib/checkpoint/weights.ts",
    tests: [
      "tests/checkpoint/weights_test.ts",
      "tests/checkpoint/hugging_face_test.ts",
    ],
    changes: [
      [
        "!isUnsharded && await fileExists(path, INDEX)",
        "await fileExists(path, INDEX)",
      ],
      ["if (other) {", "if (false) {"],
      ["?.fileName !== fileName", "=== undefined"],
      ["/^[^/\\\\:]+\\.safetensors$/", "/^[^/:]+\\.safetensors$/"],
      ["files.get(info.fileName)!", "files.values().next().value!"],
      ["for (const name of PICKLED)", "for (const name of PICKLED.slice(1))"],
    ],
  },
  {
    file: "lib/checkpoint/files.ts",
    tests: ["tests/checkpoint/hugging_face_test.ts"],
    changes: [
      ["const partial = `${path}.partial`", "const partial = path"],
      ["done += count;", "done = length;"],
    ],
  },
  {
    file: "lib/checkpoint/hugging_face.ts",
    tests: ["tests/checkpoint/hugging_face_test.ts"],
    changes: [
      ['{ format: "pt" }', "undefined"],
    ],
  },
];
