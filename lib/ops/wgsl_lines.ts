/**
 * Generated WGSL, built as indented lines.
 *
 * @module
 */

/** Lines of WGSL; a nested list is a block, one level deeper. */
export type Lines = readonly (string | Lines)[];

/**
 * Joins lines into a text, two spaces per level.
 *
 * @param lines The lines.
 * @param indent Prefix of each line.
 * @returns The text; every line ends with a newline.
 */
export function wgsl(lines: Lines, indent = ""): string {
  return lines.map((line) =>
    typeof line === "string" ? `${indent}${line}\n` : wgsl(line, `${indent}  `)
  ).join("");
}

/**
 * Repeats a line.
 *
 * @param count Number of lines.
 * @param line Makes line `i`, or anything else that there is one of per `i`.
 * @returns The lines.
 */
export function times<T = string>(count: number, line: (i: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => line(i));
}

/** Components of a vec4. */
export const COMPONENTS = ["x", "y", "z", "w"] as const;

/**
 * The entry point of a kernel, with the built-in values `workgroup`, `workgroups` and
 * `thread`.
 *
 * @param threads Threads of a workgroup, along each of its axes.
 * @param body The body.
 * @returns WGSL.
 */
export function main(threads: readonly number[], body: Lines): Lines {
  return [
    `@compute @workgroup_size(${threads.join(", ")})`,
    "fn main(",
    [
      "@builtin(workgroup_id) workgroup: vec3u,",
      "@builtin(num_workgroups) workgroups: vec3u,",
      "@builtin(local_invocation_index) thread: u32,",
    ],
    ") {",
    body,
    "}",
  ];
}
