import type { FileMutations } from "./mutation.ts";

/** Mutations of the device and of autograd. */
export const ENGINE: readonly FileMutations[] = [
  {
    file: "lib/gpu/request_device.ts",
    tests: ["tests/gpu/request_device_test.ts"],
    changes: [
      ['"maxBufferSize",', ""],
      ['"maxStorageBufferBindingSize",', '"maxStorageBuffersPerShaderStage",'],
    ],
  },
  {
    file: "lib/gpu/leak_watch.ts",
    tests: ["tests/gpu/leak_watch_test.ts"],
    changes: [
      ["if (this.#growingSteps < STEPS) return;", "return;"],
      ["if (this.#hasWarned) return;", ""],
      ["isGrowing ? this.#growingSteps + 1 : 0", "this.#growingSteps + 1"],
    ],
  },
  {
    file: "lib/gpu/errors.ts",
    tests: ["tests/gpu/errors_test.ts"],
    changes: [
      ["  await new Promise((resolve) => setTimeout(resolve, 0));\n", ""],
    ],
  },
  {
    file: "lib/tensor/autograd.ts",
    tests: ["tests/tensor/autograd_test.ts"],
    changes: [
      ["if (!disposed) noGradCount--;", "noGradCount--;"],
      ["      accumulate({ tensor: sum, accumulate: true }, gradient);\n", ""],
      ["gradient && this.#owns(gradient) &&", "gradient &&"],
      ["this.#uses.get(gradient.storage) === 1", "true"],
      ["uses <= 0 && this.#owns(gradient)", "uses <= 0"],
    ],
  },
  {
    file: "lib/tensor/autograd.ts",
    tests: ["tests/ops/linear_test.ts", "tests/ops/linear_contiguous_test.ts"],
    changes: [
      [
        "inputs.indexOf(input) === i ? grads.slotOf(input) : undefined",
        "grads.slotOf(input)",
      ],
      ["if (gradient !== slot.tensor) accumulate", "accumulate"],
    ],
  },
  {
    file: "lib/tensor/tensor.ts",
    tests: ["tests/gpu/device_test.ts"],
    changes: [
      ["storage.generation !== generation", "false"],
    ],
  },
  {
    file: "lib/tensor/tensor.ts",
    tests: ["tests/tensor/tensor_test.ts"],
    changes: [
      ["a.length === b.length && a.every", "a.every"],
      ["this.#ownsStorage && this.#allocation", "this.#allocation"],
    ],
  },
  {
    file: "lib/tensor/tensor.ts",
    tests: ["tests/optim/clip_grad_norm_test.ts"],
    changes: [
      ["      this.device.copy(this.#grad, tensor);\n", ""],
    ],
  },
  {
    file: "lib/gpu/device_errors.ts",
    tests: ["tests/gpu/errors_test.ts"],
    changes: [
      ["if (!isConsequence) this.#first ??= error;", "this.#first ??= error;"],
      ["this.count > 0 && CONSEQUENCE", "CONSEQUENCE"],
    ],
  },
  {
    file: "lib/tensor/autograd.ts",
    tests: ["tests/tensor/autograd_test.ts"],
    changes: [["    grads.freeUnused(dInputs, slots);\n", ""]],
  },
  {
    file: "lib/gpu/buffer_pool.ts",
    tests: ["tests/gpu/buffer_pool_test.ts"],
    changes: [
      ["candidate <= largest,", "true,"],
      ["Math.min(sizeClass(byteLength), maxBytes)", "sizeClass(byteLength)"],
      ["buffer.lastUse !== unusedIn", "true"],
      ["Math.max(this.#peakBytes, this.#heldBytes)", "this.#heldBytes"],
      ["sweep + IDLE_SWEEPS < this.#sweeps", "false"],
      ["if (byteLength <= maxBytes) {", "if (false) {"],
      ["for (const shard of buffer.shards) this.release(shard);", ""],
    ],
  },
  {
    file: "lib/gpu/shards.ts",
    tests: ["tests/gpu/shards_test.ts"],
    changes: [
      ["(4 * 4096)", "4096"],
      ["Math.max(byteOffset, start)", "start"],
      ["target.byteOffset + copied", "target.byteOffset"],
      ["byteOffset: byteOffset + done", "byteOffset"],
      ["    offset += part.byteLength;\n", ""],
      ["    start += part.byteLength;\n", ""],
    ],
  },
  {
    file: "lib/tensor/shards.ts",
    tests: ["tests/gpu/shards_test.ts"],
    changes: [
      ["Math.min(count, first + ", "(first + "],
    ],
  },
  {
    file: "lib/gpu/recorder.ts",
    tests: ["tests/ops/split_parameters_test.ts"],
    changes: [
      ["for (const { storage } of read) void storage.gpu;", ""],
    ],
  },
  {
    file: "lib/gpu/recorder.ts",
    tests: ["tests/gpu/recorder_test.ts"],
    changes: [
      ["    storage.version++;\n    this.#writes", "    this.#writes"],
      ["if (storage.lastUse === this.serial) this.submit();", ""],
      ["    storage.version++;\n    this.#queue", "    this.#queue"],
      ["params[field]! + offsets[i]!", "offsets[i]!"],
    ],
  },
  {
    file: "lib/gpu/recorder.ts",
    tests: ["tests/gpu/map_test.ts"],
    changes: [
      ['bindings[i] === "read_write"', 'bindings[i] === "read"'],
      ["this.#writes.add(range, this.#commands.length);", ""],
      ["later.length === 0 || this.#unmade.size > 0", "later.length === 0"],
      ["this.#commands = later;", "this.#commands = [];"],
      ["    this.#writes.shift(count);\n", ""],
      ["    this.#writes.clear();\n", ""],
      ["Math.max(...counts)", "counts[0]!"],
    ],
  },
  {
    file: "lib/gpu/recorded_writes.ts",
    tests: ["tests/gpu/map_test.ts"],
    changes: [
      ["buffer === gpu && ", ""],
      ["offset < byteOffset + byteLength &&", "offset <= byteOffset &&"],
      ["offset < byteOffset + byteLength", "offset <= byteOffset + byteLength"],
      ["byteOffset < end", "byteOffset <= end"],
      ["findLast", "find"],
      ["Math.max(0, last?.count ?? 0)", "last?.count ?? 0"],
      ["write.count -= count", "write.count -= 0"],
    ],
  },
  {
    file: "lib/gpu/params_buffer.ts",
    tests: ["tests/gpu/recorder_test.ts"],
    changes: [
      ["this.#length + paramsByteLength <= CAPACITY", "true"],
      ["    this.#length = 0;\n", ""],
    ],
  },
  {
    file: "lib/gpu/bind_groups.ts",
    tests: ["tests/gpu/bind_groups_test.ts"],
    changes: [
      ["byteOffset > 0 || storage.owner === undefined", "byteOffset > 0"],
      ["if (textures.size > 0) groups.clear();", ""],
      ["byteOffset % alignment !== 0", "false"],
      ["if (other >= 0)", "if (false)"],
    ],
  },
  {
    file: "lib/gpu/texture_cache.ts",
    tests: ["tests/gpu/recorder_test.ts", "tests/gpu/texture_cache_test.ts"],
    changes: [
      ["if (fullRows > 0) copyRows(0, fullRows, TEXTURE_WIDTH);", ""],
      ["cached.version === version &&", ""],
      ["`${storage.id}+${byteOffset}`", "`${storage.id}`"],
      ["offset: byteOffset + first", "offset: first"],
      ["old.firstRow < endRow && old.endRow > firstRow", "false"],
      ["this.#entries.get(entry.key) !== entry", "false"],
      ["next + rows > this.#rows", "true"],
      ["rowsOf(operands) <= this.#rows", "this.#rows > 0"],
      ["this.#texture !== undefined && rowsOf", "rowsOf"],
      ["this.#errorCount !== this.#errors.count", "false"],
    ],
  },
  {
    file: "lib/gpu/device.ts",
    tests: ["tests/gpu/device_test.ts"],
    changes: [
      ["if (owner) owner.splice(owner.lastIndexOf(buffer), 1);", ""],
    ],
  },
  {
    file: "lib/gpu/device_errors.ts",
    tests: ["tests/gpu/errors_test.ts"],
    changes: [
      ["this.#first ??= error", "this.#first = error"],
    ],
  },
  {
    file: "lib/gpu/device_errors.ts",
    tests: ["tests/gpu/readback_test.ts"],
    changes: [
      [
        "this.#goneError() ?? this.#first",
        "this.#first ?? this.#goneError()",
      ],
      ["if (error) reject(error);\n    else this", "this"],
      ["await Promise.race([gone, promise])", "await promise"],
      ["    if (this.#gone) return;\n", ""],
    ],
  },
  {
    file: "lib/gpu/work_queue.ts",
    tests: ["tests/gpu/work_queue_test.ts"],
    changes: [
      ["this.#waiting ? bytes.slice() : bytes", "bytes"],
      ["if (!ready && !this.#waiting) return", "if (!ready) return"],
      ["this.#push(() => object.destroy());", "object.destroy();"],
      ["        this.#errors.keep(error as Error);\n", ""],
      ["        else job.runIfDropped?.();\n", ""],
    ],
  },
  {
    file: "lib/gpu/pipelines.ts",
    tests: ["tests/gpu/pipelines_test.ts", "tests/gpu/work_queue_test.ts"],
    changes: [
      ["      if (compiled.pipeline) continue;\n", ""],
      ["if (!compiled.making) {", "if (true) {"],
      [
        "await Promise.race([Promise.all(all), this.#lost])",
        "await Promise.all(all)",
      ],
      ["count > 0 && ms > SLOW_MS", "count > 0"],
    ],
  },
  {
    file: "lib/gpu/pipelines.ts",
    tests: ["tests/gpu/errors_test.ts"],
    changes: [
      ["      await new Promise((resolve) => setTimeout(resolve, 0));\n", ""],
    ],
  },
  {
    file: "lib/gpu/recorder.ts",
    tests: ["tests/gpu/pipelines_test.ts"],
    changes: [
      ["if (profiler?.submitsEach) this.#pipelines.makeNow(kernel);", ""],
      [
        "if (!compiled.pipeline) this.#unmade.add(kernel);",
        "if (!compiled.pipeline) this.#pipelines.makeNow(kernel);",
      ],
    ],
  },
  {
    file: "lib/gpu/tuning.ts",
    tests: ["tests/gpu/tuning_test.ts"],
    changes: [
      [
        'this.measures = option === "measure"',
        'this.measures = option !== "none"',
      ],
      ['if (typeof tile === "string") continue;', "continue;"],
    ],
  },
  {
    file: "lib/gpu/request_device.ts",
    tests: ["tests/gpu/request_device_test.ts"],
    changes: [
      ['(runsOnCpu ? "none" : "measure")', '(isSoftware ? "none" : "measure")'],
      [
        "  if (options.tuning !== undefined) checkTuning(options.tuning);\n",
        "",
      ],
      ["  checkKernels(options.kernels);\n", ""],
      ["[vendor, architecture, device]", "[vendor, device]"],
      ['adapter.features.has("subgroups")', "true"],
      ['adapter.features.has("subgroups")', "false"],
    ],
  },
  {
    file: "lib/gpu/readback.ts",
    tests: ["tests/gpu/readback_test.ts"],
    changes: [
      ["4 * this.#pending.length", "0"],
      [
        "this.#pending.length === BATCH_SIZE",
        "this.#pending.length === 2 * BATCH_SIZE",
      ],
    ],
  },
  {
    file: "lib/gpu/readback.ts",
    tests: ["tests/gpu/map_test.ts"],
    changes: [
      ["if (waiting) await waiting;", "await waiting;"],
      ["for (const read of reads) read.catch(() => {});", ""],
    ],
  },
  {
    file: "lib/gpu/kernel.ts",
    tests: ["tests/gpu/kernel_test.ts"],
    changes: [
      ["Number(index) !== count++", "count++ < 0"],
      ["deviceClass.enablesSubgroups && SUBGROUPS", "SUBGROUPS"],
      ["deviceClass.enablesSubgroups && SUBGROUPS.test(source)", "false"],
      ["return directives + code;", "return `${directives}\n${code}`;"],
    ],
  },
  {
    file: "lib/gpu/profiler.ts",
    tests: ["tests/gpu/profiler_test.ts"],
    changes: [
      ["startMs: ms(2 * i)", "startMs: ms(i)"],
      ["(ms(2 * i + 1) - ms(2 * i))", "ms(2 * i + 1)"],
      [
        "(ms(2 * i + 1) - ms(2 * i)) / this.repeats",
        "ms(2 * i + 1) - ms(2 * i)",
      ],
      [
        "ms: (startMs(i + 1) - startMs(i)) / this.repeats",
        "ms: startMs(i + 1) - startMs(i)",
      ],
      ["2 * this.#runs.length % MAX_QUERIES", "2 * this.#runs.length"],
      ["        8 * first,\n", "        0,\n"],
      ["this.#times[i]! - this.#times[0]!", "this.#times[0]!"],
      [
        "this.#runner.whenIdle(() => this.#times.push(performance.now()));",
        "this.#times.push(performance.now());",
      ],
      [
        "for (const querySet of this.#querySets) querySet.destroy();",
        "",
      ],
    ],
  },
  {
    file: "lib/gpu/work_queue.ts",
    tests: ["tests/gpu/profiler_test.ts"],
    changes: [
      ["if (!waitBlocks()) await", "await"],
      ["if (!waitBlocks()) await", "if (waitBlocks()) await"],
    ],
  },
  {
    file: "lib/gpu/encode.ts",
    tests: ["tests/gpu/profiler_test.ts"],
    changes: [
      ["i < command.repeats", "i < 1"],
      ["command.timedPass || !pass", "!pass"],
    ],
  },
  {
    file: "lib/gpu/profiler.ts",
    tests: ["tests/gpu/profiler_test.ts"],
    changes: [
      ["    recorder.profiler = undefined;\n", ""],
    ],
  },
];
