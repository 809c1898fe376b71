import type { FileMutations } from "./mutation.ts";

/** Mutations of checkpoints. */
export const CHECKPOINT: readonly FileMutations[] = [
  {
    file: "lib/checkpoint/files.ts",
    tests: ["tests/checkpoint/files_test.ts"],
    changes: [
      ["|| Array.isArray(value)", ""],
      ["if (!(cause instanceof SyntaxError)) throw cause;", "throw cause;"],
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
    file: "lib/checkpoint/tensor_file.ts",
    tests: ["tests/checkpoint/tensor_file_test.ts"],
    changes: [
      ["opened.use(file);", ""],
      ["Math.min(8, size)", "8"],
      ["if (!info) throw", "if (false) throw"],
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
      ["next > i && ahead", "ahead"],
      ["ahead -= byteLength(source);", ""],
      ["if (read instanceof Promise) read.catch(() => {});", ""],
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
        "unsharded ? undefined : await readIndex(folder)",
        "await readIndex(folder)",
      ],
      ["if (other) {", "if (false) {"],
      ["?.fileName !== fileName", "=== undefined"],
      ["/^[^/\\\\:]+\\.safetensors$/", "/^[^/:]+\\.safetensors$/"],
      ["files.get(info.fileName)!", "files.values().next().value!"],
      ["for (const name of PICKLED)", "for (const name of PICKLED.slice(1))"],
    ],
  },
  {
    file: "lib/files.ts",
    tests: ["tests/files_test.ts"],
    changes: [
      ["const partial = `${path}.partial`", "const partial = path"],
      ["await file.sync(); //", "//"],
      ["await syncFolder(parentOf(path));\n  } catch", "} catch"],
      ["for (const parent of parents.reverse())", "for (const parent of [])"],
      ["await syncFolder(partial);", ""],
      ["await Deno.rename(target, partial).catch(() => {});", ""],
      ["await Deno.rename(partial, target).catch(() => {});", ""],
      ["await removeAll(partial).catch(() => {}); // keep", "// keep"],
      [
        "await removeAll(partial); // of a process that was killed\n    if",
        "if",
      ],
      ["if (error instanceof NotCapable) return;", ""],
      ['["EINVAL", "ENOTSUP", "ENOTTY"]', '["ENOTSUP", "ENOTTY"]'],
      ["(28|122)", "(122)"],
      ["claimed.add(partial);", ""],
      ["void claimed.delete(partial)", "{}"],
      ['using _claim = claim(partial, "remove", target);', ""],
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
