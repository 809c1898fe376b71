/**
 * The block of text that the owner of a GPU pastes into an issue.
 *
 * @module
 */
import project from "../../deno.json" with { type: "json" };
import type { Device } from "../../mod.ts";
import type { BenchOptions } from "./flags.ts";
import type { BenchResult } from "./result.ts";

/** Names of flags that change the measured work. */
const FLAGS = [
  "model",
  "batch",
  "length",
  "steps",
  "warmup",
  "kernels",
] as const;

/**
 * Formats a result for an issue.
 *
 * @param device The device.
 * @param options The settings of the run.
 * @param result The result; its `summary` is the content.
 * @param versions Versions of Deno and others, and the platform.
 * @returns The text, at most 100 columns wide where names allow.
 */
export function pasteBlock(
  { description, tuning }: Pick<Device, "description" | "tuning">,
  options: BenchOptions,
  { fields: { medianMs, minMs, maxMs, runs }, summary = [] }: BenchResult,
  versions: { deno: string; platform: string },
): string {
  const ms = (value: number) => Number(value.toPrecision(4));
  const flags = FLAGS.flatMap((name) =>
    options[name] === undefined ? [] : [`--${name} ${options[name]}`]
  );
  return [
    "To share these figures, paste this block into an issue of the project:",
    "",
    "```text",
    `gradloop ${project.version}, Deno ${versions.deno}, ${versions.platform}`,
    `adapter: ${description}`,
    `bench ${options.case} ${flags.join(" ")}`,
    `median ${ms(medianMs)} ms, ${ms(minMs)} to ${ms(maxMs)}, ${runs} runs`,
    ...summary,
    ...tuningLines(tuning),
    "```",
  ].join("\n");
}

function tuningLines({ table, spentMs }: Device["tuning"]): string[] {
  if (table.size === 0) return [];
  return [
    `tiles chosen in ${(spentMs / 1000).toFixed(2)} s:`,
    ...[...table].map(([name, tile]) => `  ${name}: ${tile}`),
  ];
}
