/**
 * Configurations in the card of a data set: the YAML block at the top of its
 * README.md, where a configuration may name any file for any split.
 *
 * Source: https://huggingface.co/docs/hub/datasets-manual-configuration
 *
 * @module
 */
import { parse } from "npm:deno-std@1.4.0/yaml/parse.js";

/** A configuration of a data set. */
export interface Configuration {
  /** Name. */
  readonly name: string;
  /** Whether it is the default. */
  readonly isDefault: boolean;
  /** The paths of each split; a file name may have `*`. */
  readonly splits: ReadonlyMap<string, readonly string[]>;
}

/**
 * Reads the configurations that name their files.
 *
 * @param card The content of README.md.
 * @returns The configurations; none if the card has no YAML block.
 * @throws {SyntaxError} If the block is not valid YAML.
 */
export function readConfigurations(card: string): Configuration[] {
  const [, yaml] = card.match(/^\ufeff?---\r?\n(.*?\r?\n)---\r?(\n|$)/s) ?? [];
  const configs = yaml === undefined ? [] : asObject(parse(yaml)).configs;
  return (Array.isArray(configs) ? configs : []).flatMap((item, _, all) => {
    const { config_name: name, data_files: files, default: isDefault } =
      asObject(item);
    const splits = splitsOf(files);
    if (typeof name !== "string" || splits.size === 0) return [];
    return [{
      name,
      isDefault: all.length === 1 || isDefault === true || name === "default",
      splits,
    }];
  });
}

/** The value if it is an object, else an empty object. */
function asObject(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

/** Accepts one path or several for `train`, or a list or an object of splits. */
function splitsOf(files: unknown): Map<string, readonly string[]> {
  const entries: [unknown, unknown][] = !Array.isArray(files)
    ? typeof files === "string"
      ? [["train", files]]
      : Object.entries(asObject(files))
    : files.every((file) => typeof file === "string")
    ? [["train", files]]
    : files.map((file) => [asObject(file).split, asObject(file).path]);
  return new Map(entries.flatMap(([split, paths]) => {
    const list = [paths].flat().filter((path) => typeof path === "string");
    return typeof split === "string" && list.length > 0 ? [[split, list]] : [];
  }));
}
