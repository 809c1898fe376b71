import type { FileMutations } from "./mutation.ts";

/** Mutations of the folder of a run, of its checkpoints and of `--resume`. */
export const RUN_FOLDER: readonly FileMutations[] = [
  {
    file: "scripts/run_folder/run_folder.ts",
    tests: [
      "tests/scripts/run_folder/run_folder_test.ts",
      "tests/scripts/run_folder/run_folder_faults_test.ts",
    ],
    changes: [
      ["withoutSlash(resume ??", "(resume ??"],
      [
        "        await Deno.remove(this.path, { recursive: true }).catch(() => {});\n",
        "",
      ],
      ["    this.events.sync(); // the last chance", "    // the last chance"],
      ["      if (exists(path)) Deno.removeSync(path);\n", ""],
      ["    if (this.isResumed) this.#lock = lockFolder(this.path);\n", ""],
      ["      this.#lock = lockFolder(this.path);\n", ""],
      ["--resume ${quotePath(this.path)}", "--resume ${this.path}"],
    ],
  },
  {
    file: "scripts/run_folder/run_folder.ts",
    tests: ["tests/scripts/train_checkpoints_test.ts"],
    changes: [[
      "      makeFolder(this.path);",
      "      makeFolder(`${this.path}/x`);",
    ]],
  },
  {
    file: "scripts/run_folder/digests.ts",
    tests: ["tests/scripts/run_folder/digests_test.ts"],
    changes: [["|jsonl|json))$/", "|jsonl))$/"]],
  },
  {
    file: "scripts/run_folder/run_progress.ts",
    tests: ["tests/scripts/train_checkpoints_test.ts"],
    changes: [[
      'strategy !== "no" && (isLast ||\n        (',
      'strategy !== "no" && ((',
    ]],
  },
  {
    file: "scripts/run_folder/training_clock.ts",
    tests: ["tests/scripts/run_folder/training_clock_test.ts"],
    changes: [
      ["this.#before.seconds + this.#ownSeconds", "this.#ownSeconds"],
      ["this.#progress.seconds - this.#start", "this.#progress.seconds"],
      ["own > 0 ? own / this.#ownSeconds : ", ""],
    ],
  },
  {
    file: "scripts/run_folder/save_attempts.ts",
    tests: ["tests/scripts/run_folder/run_folder_faults_test.ts"],
    changes: [
      ["if (this.#reported.has(thing)) return;", ""],
    ],
  },
  {
    file: "scripts/run_folder/event_file.ts",
    tests: ["tests/scripts/run_folder/event_file_test.ts"],
    changes: [
      [
        "if (size > this.#written.bytes) file.truncateSync(this.#written.bytes);",
        "",
      ],
      ["this.#written = sizeOf([]); // it", "// it"],
      [
        "if (this.#written.lines > lineCount) this.#written = sizeOf(this.#lines);",
        "",
      ],
      ["if (isSynced) file.syncSync();", ""],
      ["if (lineCount > this.#lines.length) return false;", ""],
    ],
  },
  {
    file: "scripts/run_folder/checkpoints.ts",
    tests: ["tests/scripts/run_folder/checkpoints_test.ts"],
    changes: [
      ["else if (other !== step) await", "else await"],
      ["(new|partial|new\\.partial)", "(new|partial)"],
      ["kept.size < limit", "kept.size <= limit"],
      ["best !== undefined && steps.includes(best)", "best !== undefined"],
      ["        if (!isDamaged) throw error;\n", ""],
      ["this.steps.reverse()", "this.steps"],
      [".sort((a, b) => a - b)", ".sort()"],
    ],
  },
  {
    file: "scripts/run_folder/resume.ts",
    tests: ["tests/scripts/run_folder/resume_test.ts"],
    changes: [
      ['  "saveTotalLimit",\n', ""],
      ["exists(`${folder}/results.json`)", "false"],
      [" && !exists(`${path}/results.json`)", ""],
      [".sort((a, b) => a.time - b.time)", ""],
      ["!isSamePath(`${outputDir}`, folder)", "outputDir !== folder"],
      ["isSamePath(now, before)", "false"],
      ["config.script !== script", "false"],
      ['if (typeof metric === "string") return metric;', ""],
      [' || typeof task === "string"', ""],
      ['script !== "train_classifier"', "true"],
    ],
  },
  {
    file: "scripts/run_folder/paths.ts",
    tests: ["tests/scripts/run_folder/resume_test.ts"],
    changes: [
      ["Deno.realPathSync(a) === Deno.realPathSync(b)", "true"],
    ],
  },
  {
    file: "scripts/run_folder/config.ts",
    tests: ["tests/scripts/run_folder/resume_test.ts"],
    changes: [[', "digests.data"]', "]"]],
  },
  {
    file: "scripts/run_folder/config.ts",
    tests: ["tests/scripts/run_folder/config_test.ts"],
    changes: [
      ["if (before[name] === now[name]) continue;", "continue;"],
      ["...Object.keys(before), ...Object.keys(now)", "...Object.keys(before)"],
      ["saved.adapter !== config.adapter", "false"],
      ["[name, value ?? null]", "[name, value]"],
    ],
  },
  {
    file: "scripts/run_folder/save_model.ts",
    tests: ["tests/scripts/run_folder/save_model_test.ts"],
    changes: [
      ["if (place === places[0]) await removeFolder(place);", ""],
      ["!== null) {", '!== "") {'],
      ["checkpoint !== undefined && exists(checkpoint)", "checkpoint"],
      ["failure ??= error", "failure = error"],
    ],
  },
  {
    file: "scripts/run_folder/model_selection.ts",
    tests: ["tests/scripts/run_folder/model_selection_test.ts"],
    changes: [
      ['?.replace(/^eval_/, "")', ""],
      ['!metric.endsWith("loss")', "true"],
    ],
  },
  {
    file: "scripts/train/checkpoint_flags.ts",
    tests: ["tests/scripts/train/checkpoint_flags_test.ts"],
    changes: [
      ["    delete merged.saveSteps;\n", ""],
      ["    delete merged.saveStrategy;\n", ""],
      ['    if (given[strategy] === "steps") continue;\n', ""],
      [
        '...given.saveStrategy === "no" && { loadBestModelAtEnd: false },',
        "",
      ],
    ],
  },
  {
    file: "scripts/cli/flag_table.ts",
    tests: ["tests/scripts/cli/flag_table_test.ts"],
    changes: [
      [' && value !== "true" && value !== "false"', ""],
      ['(value === "" && flag.isOptional)', "false"],
      ["    ...negations.keys(),\n    ", ""],
      ['if (arg === "--") return;', ""],
    ],
  },
  {
    file: "scripts/mrpc/results.ts",
    tests: ["tests/scripts/mrpc/results_test.ts"],
    changes: [
      ["this.#best = best ?? undefined;", ""],
      ["if (isFull) this.#logits = [];", ""],
      ["wordOverlap: { ...this.#wordOverlap },", "wordOverlap: {},"],
    ],
  },
  {
    file: "scripts/mrpc/pair_task.ts",
    tests: ["tests/scripts/mrpc/results_test.ts"],
    changes: [["head.numbers[label]!);", "label);"]],
  },
  {
    file: "scripts/pretraining/pretrain_run.ts",
    tests: ["tests/scripts/pretrain_test.ts"],
    changes: [
      ["this.#stageEnd < this.#resumedStep", "false"],
      ["stageStart > 0 && (step ?? 0) <= stageStart", "false"],
    ],
  },
  {
    file: "lib/data/event_loop_turn.ts",
    tests: ["tests/data/event_loop_turn_test.ts"],
    changes: [
      ["        lastFullTurn = performance.now();\n", ""],
      ["performance.now() - lastFullTurn > FULL_TURN_MS", "false"],
    ],
  },
];
