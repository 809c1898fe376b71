import type { ShaderReport } from "./messages.ts";

/** Records the sources and the compiler's warnings of all shaders made from now on. */
export function recordShaders(): { report(): Promise<ShaderReport> } {
  const digests = new Set<string>();
  const warnings = new Set<string>();
  const pending: Promise<void>[] = [];
  const record = async (module: GPUShaderModule, code: string) => {
    const bytes = new TextEncoder().encode(code);
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-1", bytes));
    digests.add(digest.toHex());
    const { messages } = await module.getCompilationInfo();
    for (const { type, message, lineNum } of messages) {
      if (type === "error") continue;
      const line = code.split("\n")[lineNum - 1]?.trim() ?? "";
      warnings.add(`${type}: ${message} (${module.label}: ${line})`);
    }
  };
  const { prototype } = GPUDevice;
  const { createShaderModule } = prototype;
  prototype.createShaderModule = function (this: GPUDevice, descriptor) {
    const module = createShaderModule.call(this, descriptor);
    // A device that is lost meanwhile compiles nothing.
    pending.push(record(module, descriptor.code).catch(() => {}));
    return module;
  };
  return {
    async report() {
      await Promise.all(pending);
      return { digests: [...digests], warnings: [...warnings] };
    },
  };
}
