import type { TestResult } from "./registry.ts";

/** Shaders that a page compiled. */
export interface ShaderReport {
  /** Digests of the sources, each once. */
  readonly digests: readonly string[];
  /** Warnings and notes of the compiler. Errors are left out: tests provoke some. */
  readonly warnings: readonly string[];
}

/** What a page tells the server that opened it. */
export type PageMessage =
  /** The file is loaded. */
  | { readonly kind: "begin"; readonly adapter: string }
  | { readonly kind: "result"; readonly result: TestResult }
  /** A test called `console.log()`. */
  | { readonly kind: "log"; readonly text: string }
  /** All tests ran. */
  | {
    readonly kind: "end";
    /** The largest fraction used of each tolerance, by its name. */
    readonly tolerances: Record<string, number>;
    readonly shaders: ShaderReport;
  }
  /** The file cannot be loaded. */
  | { readonly kind: "broken"; readonly error: string };
