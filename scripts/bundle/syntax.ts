/**
 * Rewrites JavaScript for environments without `using`, and minifies it, through
 * esbuild-wasm, which needs no permission but to read.
 *
 * @module
 */

// Not a literal in the import, which every user and CI would download.
const ESBUILD: string = "npm:esbuild-wasm@0.25.5";

/** Syntax of every browser with WebGPU, and of Node 20. */
const TARGET = "es2022";
/** The symbol that esbuild's `using` looks for where the environment has none. */
const DISPOSE = 'Symbol.dispose??=Symbol.for("Symbol.dispose");';

/** The part of esbuild that is used here. */
interface Esbuild {
  initialize(options: {
    wasmModule: WebAssembly.Module;
    worker: boolean;
  }): Promise<void>;
  transform(code: string, options: {
    target: string;
    minify: boolean;
    format: "esm";
  }): Promise<{ readonly code: string }>;
  stop(): Promise<void>;
}

/** Rewrites and minifies the modules of one bundle; `using` stops it. */
export interface Minifier extends Disposable {
  /** Returns the module, rewritten and minified. */
  minify(code: string): Promise<string>;
}

/**
 * Loads esbuild.
 *
 * @returns Rewrites and minifies modules.
 * @throws {Error} If the package cannot be loaded.
 */
export async function loadMinifier(): Promise<Minifier> {
  const esbuild: Esbuild = await import(`${ESBUILD}/esm/browser.min.js`);
  const file = new URL(import.meta.resolve(`${ESBUILD}/esbuild.wasm`));
  const wasmModule = await WebAssembly.compile(await Deno.readFile(file));
  await esbuild.initialize({ wasmModule, worker: false });
  return {
    async minify(source) {
      const { code } = await esbuild.transform(source, {
        target: TARGET,
        minify: true,
        format: "esm",
      });
      return code.includes("Symbol.dispose") ? DISPOSE + code : code;
    },
    [Symbol.dispose]: () => void esbuild.stop(),
  };
}
