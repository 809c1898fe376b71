/**
 * Stands in for `jsr:@std/assert` where JSR cannot be reached: the same
 * standard library, from npm. The types are of this project.
 *
 * @module
 */
// @ts-types="./mod.d.ts"
export * from "npm:deno-std@1.4.0/assert/mod.js";
