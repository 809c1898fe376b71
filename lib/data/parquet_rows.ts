/**
 * Assembles the values of a column of lists into rows, from their repetition and
 * definition levels.
 *
 * Source: Melnik et al. 2010, Dremel: Interactive Analysis of Web-Scale Datasets,
 * section 4, https://research.google/pubs/pub36632/
 *
 * @module
 */
import type { SchemaTree } from "./hyparquet.ts";

/** Levels of the values of a page, by value; absent if each has the maximum. */
export interface Levels {
  /** 0 where a row starts, else the depth of the list that continues. */
  readonly repetitions: ArrayLike<number> | undefined;
  /** Number of optional and repeated groups that are present. */
  readonly definitions: ArrayLike<number> | undefined;
}

/** Assembles rows from pages; a list may continue in the next page. */
export class RowAssembler {
  /** The rows so far: a value, `null`, or a list. */
  readonly rows: unknown[] = [];
  /** Whether each group of the column is required, optional or repeated; the root is left out. */
  readonly #repetition: readonly (string | undefined)[];
  readonly #maxDefinition: number;
  /** For each depth of lists: index of the group below, and the definition level of the list. */
  readonly #resume: readonly { group: number; level: number }[];
  /** The list of each depth that was last appended to. */
  readonly #open: unknown[][] = [];

  /**
   * Makes an assembler.
   *
   * @param path The groups from the root to the column.
   */
  constructor(path: readonly SchemaTree[]) {
    this.#repetition = path.slice(1)
      .map(({ element }) => element.repetition_type);
    const resume = [{ group: 0, level: 0 }];
    let level = 0;
    this.#repetition.forEach((type, i) => {
      if (type === "OPTIONAL" || type === "REPEATED") level++;
      if (type === "REPEATED") resume.push({ group: i + 1, level });
    });
    this.#resume = resume;
    this.#maxDefinition = level;
  }

  /**
   * Appends the values of a page.
   *
   * @param values The values that are present.
   * @param count Number of values, including missing ones.
   * @param levels Their levels.
   * @throws {Error} If the levels are not those of the column, or a value is undefined.
   */
  append(values: ArrayLike<unknown>, count: number, levels: Levels): void {
    const { repetitions, definitions } = levels;
    let next = 0;
    for (let i = 0; i < count; i++) {
      const definition = definitions?.[i] ?? this.#maxDefinition;
      const target = this.#target(repetitions?.[i] ?? 0, definition);
      if (target === undefined) continue;
      const isMissing = definition < this.#maxDefinition;
      const value = isMissing ? null : values[next++];
      if (value === undefined) throw new Error("a page lacks a value");
      target.push(value);
    }
  }

  /** Opens the lists of a value; returns the one to append to, `undefined` if the last is empty. */
  #target(repetition: number, definition: number): unknown[] | undefined {
    const start = this.#resume[repetition];
    let target = repetition === 0 ? this.rows : this.#open[repetition];
    if (start === undefined || target === undefined) {
      throw new Error("a page continues a list that does not exist");
    }
    let { level } = start;
    let depth = repetition;
    for (let i = start.group; i < this.#repetition.length; i++) {
      if (this.#repetition[i] === "OPTIONAL" && definition < ++level) break;
      if (this.#repetition[i] !== "REPEATED") continue;
      const list: unknown[] = [];
      target.push(list);
      this.#open[++depth] = list;
      if (definition < ++level) return undefined;
      target = list;
    }
    return target;
  }
}
