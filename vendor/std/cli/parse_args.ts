/**
 * Stands in for `jsr:@std/cli/parse-args` where JSR cannot be reached: the
 * same standard library, from npm. The types are of this project.
 *
 * @module
 */
// @ts-types="./parse_args.d.ts"
export * from "npm:deno-std@1.4.0/cli/parse_args.js";
