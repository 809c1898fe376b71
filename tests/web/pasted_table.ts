import type { DataChoice, TableSource } from "../../web/messages.ts";

/** Columns of a table with `text` and `label`. */
export const CHOICE: DataChoice = {
  text: ["text"],
  label: "label",
  heldOut: 0.2,
};

/** A table that is pasted. */
export function paste(text: string): TableSource {
  return { kind: "text", text };
}

/** Rows of two classes in turn. */
export function rowsOf(count: number): string {
  return Array.from(
    { length: count },
    (_, i) => `text number ${i}\t${"ab"[i % 2]}\n`,
  ).join("");
}
