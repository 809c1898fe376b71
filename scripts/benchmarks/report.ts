/**
 * The block of text that the owner of a GPU pastes into an issue.
 *
 * @module
 */
import project from "../../deno.json" with { type: "json" };
import type { Device } from "../../mod.ts";
import { flagName } from "../cli/flag_help.ts";
import type { BenchOptions } from "./flags.ts";
import type { BenchResult } from "./result.ts";

/** Names of flags that change the measured work. */
const FLAGS = [
  "model",
  "batch",
  "length",
  "gradientCheckpointing",
  "fp16",
  "steps",
  "warmup",
  "kernels",
] as const;

/** Classes of products on a line. */
const TILES_PER_LINE = 3;

/**
 * Formats a result for an issue: about 40 lines.
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
  { fields, summary = [] }: BenchResult,
  versions: { deno: string; platform: string },
): string {
  const ms = (value: number) => Number(value.toPrecision(4));
  const { medianMs, minMs, maxMs, runs, model } = fields;
  const given: Record<string, unknown> = { ...options };
  given.model ??= model;
  const flags = FLAGS.flatMap((name) =>
    given[name] === undefined
      ? []
      : [`--${flagName(name)}${given[name] === true ? "" : ` ${given[name]}`}`]
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
  const chosen = [...table].map(([name, tile]) => `${name}: ${tile}`);
  return [
    `tiles chosen in ${(spentMs / 1000).toFixed(2)} s:`,
    ...Array.from(
      { length: Math.ceil(chosen.length / TILES_PER_LINE) },
      (_, i) =>
        chosen.slice(TILES_PER_LINE * i, TILES_PER_LINE * (i + 1)).join(", "),
    ),
  ];
}
