import type { FileMutations } from "./mutation.ts";

/** Mutations of TensorBoard's files, of model cards and of uploads. */
export const SHARING: readonly FileMutations[] = [
  {
    file: "scripts/tensorboard/tf_record.ts",
    tests: ["tests/scripts/tensorboard/tf_record_test.ts"],
    changes: [
      ["return ~crc >>> 0;", "return crc >>> 0;"],
      ["crc >>> 15 | crc << 17", "crc >>> 17 | crc << 15"],
      [".every((byte, i) => byte === record[i])", ".every(() => true)"],
    ],
  },
  {
    file: "scripts/tensorboard/writer.ts",
    tests: ["tests/scripts/tensorboard/writer_test.ts"],
    changes: [
      ["await startOf(file) ?? Date.now() / 1000", "Date.now() / 1000"],
      ["  await file.truncate(offset + bytes.length);\n", ""],
      ["finalEvents = i + 1;", "finalEvents = i;"],
      ["finalRecords = records.length;\n      }", "}"],
      ["size < this.#final.bytes || ", ""],
      ["        gradNorms = [];\n", ""],
    ],
  },
  {
    file: "scripts/tensorboard/summaries.ts",
    tests: ["tests/scripts/tensorboard/writer_test.ts"],
    changes: [
      ['typeof value !== "number"', "false"],
      ['event !== "step" && event !== "eval"', "false"],
    ],
  },
  {
    file: "scripts/tensorboard/wall_times.ts",
    tests: ["tests/scripts/tensorboard/summaries_test.ts"],
    changes: [
      ["(share > 0 ? share : 0)", "share"],
      ["before = anchors[next++]!;", "before = anchors[next]!;"],
    ],
  },
  {
    file: "scripts/tensorboard/histogram.ts",
    tests: ["tests/scripts/tensorboard/summaries_test.ts"],
    changes: [
      ["Math.min(i, count - 1)", "i"],
      ["count === 1 ? 0 : Math", "Math"],
    ],
  },
  {
    file: "scripts/model_card/yaml.ts",
    tests: ["tests/scripts/model_card/yaml_test.ts"],
    changes: [
      ["JSON.stringify(text.toWellFormed())", "JSON.stringify(text)"],
      ['.replace(/^(-?\\d+)e/, "$1.0e")', ""],
      ["\\x7f-\\x9f", "\\x7f"],
    ],
  },
  {
    file: "scripts/model_card/markdown.ts",
    tests: ["tests/scripts/model_card/model_card_test.ts"],
    changes: [
      ['.replaceAll(/[\\s\\p{Cc}]+/gu, " ")', ""],
      ["<>|~&#$!^]", "~&#$!^]"],
      ["|@/gi", "/gi"],
    ],
  },
  {
    file: "scripts/model_card/model_card.ts",
    tests: ["tests/scripts/model_card/model_card_test.ts"],
    changes: [
      ["!NO_SETTINGS.includes(name) && ", ""],
      ["support < FEW_ROWS", "support > FEW_ROWS"],
      [".filter((line) => !tags.includes(line))", ""],
      ["if (named === undefined) return card;", ""],
    ],
  },
  {
    file: "scripts/model_card/usage.ts",
    tests: ["tests/scripts/model_card/model_card_test.ts"],
    changes: [
      ["(?:once the folder has|with) .*:$", "once the folder has .*:$"],
      ['has("fp16") ? "fp16" : "q8"', '"fp16"'],
    ],
  },
  {
    file: "scripts/model_card/metadata.ts",
    tests: ["tests/scripts/model_card/model_card_test.ts"],
    changes: [
      ["metrics: scores.filter(isFinite)", "metrics: scores"],
      ["averaged ?? METRICS", "METRICS"],
    ],
  },
  {
    file: "scripts/hub/upload_plan.ts",
    tests: ["tests/scripts/upload_overwrite_test.ts"],
    changes: [
      ["if (!there!.isOurs) {", "if (false) {"],
      ["!isOurs && WEIGHTS", "WEIGHTS"],
      ["!paths.has(path) && ", ""],
      ['["labels", labels.join(", ")],', ""],
    ],
  },
  {
    file: "scripts/hub/upload_client.ts",
    tests: ["tests/scripts/upload_overwrite_test.ts"],
    changes: [
      ["        parentCommit: head,\n", ""],
      ["lastCommit?.title === COMMIT_TITLE", "true"],
    ],
  },
  {
    file: "scripts/hub/upload_client.ts",
    tests: ["tests/scripts/upload_connection_test.ts"],
    changes: [
      ["isCreation || isCommit ? 1 : MAX_ATTEMPTS", "1"],
    ],
  },
  {
    file: "scripts/hub/upload_files.ts",
    tests: ["tests/scripts/upload_test.ts"],
    changes: [
      ['name.startsWith(".") || ', ""],
      ["optimizer\\.safetensors|", ""],
    ],
  },
  {
    file: "scripts/upload.ts",
    tests: ["tests/scripts/upload_test.ts"],
    changes: [
      ["if (isPrivate && repository?.isPrivate === false) {", "if (false) {"],
      ["if (isDryRun || !isNew) {", "if (!isNew) {"],
      ["if (isDryRun || !isNew) {", "if (isDryRun) {"],
      ['.replaceAll("#", "%23")', ""],
    ],
  },
];
