/**
 * Section on how the run was made, and how to repeat it.
 *
 * @module
 */
import { type Html, html } from "./html.ts";
import { type Section, table } from "./layout.ts";
import type { ReportData } from "./report_data.ts";

/** Parts of `config.json` that have tables of their own. */
const PARTS = ["flags", "versions", "digests", "adapter", "seed", "tuning"];

/**
 * Makes the section on the settings.
 *
 * @param data The data of a report.
 * @returns The section.
 */
export function settingsSection({ config, command }: ReportData): Section {
  const settings = Object.entries(config)
    .filter(([name, value]) => !PARTS.includes(name) && value !== null);
  const { seed, adapter, flags, versions, digests } = config;
  return {
    id: "settings",
    title: "Settings",
    content: html`${
      command === undefined ? undefined : html`
        <p>This command repeats it:</p>
        <pre><code>${command}</code></pre>
      `
    }${
      valuesTable("Run", {
        ...seed === undefined ? {} : { seed },
        ...adapter === undefined ? {} : { adapter },
        ...Object.fromEntries(
          Object.entries(record(versions)).map((
            [name, version],
          ) => [`version of ${name}`, version]),
        ),
      })
    }
${valuesTable("Flags that were given", record(flags))}
<details class="more"><summary>All settings</summary>
${valuesTable("All settings", Object.fromEntries(settings))}
${
      Object.entries(record(digests)).map(([name, files]) =>
        valuesTable(`SHA-256 of the ${name}`, record(files))
      )
    }</details>`,
  };
}

function valuesTable(
  caption: string,
  values: Readonly<Record<string, unknown>>,
): Html | undefined {
  const rows = Object.entries(values);
  if (rows.length === 0) return;
  return table({
    caption,
    head: ["Name", "Value"],
    rows: rows.map(([name, value]) => [name, valueText(value)]),
    textColumns: [0, 1],
  });
}

/**
 * Writes a value of `config.json`.
 *
 * @param value The value.
 * @returns Its text: a string as it is, anything else as JSON.
 */
export function valueText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value) ?? "";
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null
    ? value as Record<string, unknown>
    : {};
}
