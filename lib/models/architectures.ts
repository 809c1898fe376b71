/**
 * All architectures: a folder and a line each. `Auto…` classes, the ONNX export
 * and the scripts learn of them from here.
 *
 * @module
 */
export * from "./bert/mod.ts";
export * from "./distilbert/mod.ts";
export * from "./roberta/mod.ts";
export * from "./electra/mod.ts";
export * from "./albert/mod.ts";
export * from "./modernbert/mod.ts";
export * from "./deberta_v2/mod.ts";
export * from "./mpnet/mod.ts";
