/**
 * Label names of a configuration.
 *
 * @module
 */

/** Label names by number. */
export type Id2Label = Readonly<Record<number, string>>;

/**
 * Label names as transformers numbers them.
 *
 * @param numLabels Number of labels.
 * @returns LABEL_0, LABEL_1, …
 */
export function numberedLabels(numLabels: number): Id2Label {
  return Object.fromEntries(
    Array.from({ length: numLabels }, (_, i) => [i, `LABEL_${i}`]),
  );
}

/**
 * Reads the labels of a `config.json`: `id2label`, or `num_labels` of older files.
 *
 * @param json Content of the file.
 * @param given Labels that the caller asks for.
 * @returns The labels of the file; none if the caller asks for others.
 * @throws {RangeError} If a value has the wrong type.
 */
export function labelsOf(
  json: Readonly<Record<string, unknown>>,
  given: { id2label?: Id2Label; numLabels?: number },
): { id2label?: Id2Label; numLabels?: number } {
  if (given.id2label !== undefined) return {};
  const names = json.id2label ?? undefined;
  const count = json.num_labels ?? undefined;
  if (names !== undefined && typeof names !== "object") {
    throw new RangeError(
      `id2label must map numbers to names, not ${JSON.stringify(names)}`,
    );
  }
  if (count !== undefined && typeof count !== "number") {
    throw new RangeError(
      `num_labels must be a whole number from 1, not ${JSON.stringify(count)}`,
    );
  }
  // As in transformers, num_labels wins over names of another number.
  const numLabels = given.numLabels ?? count;
  if (names === undefined) return numLabels === undefined ? {} : { numLabels };
  const isOther = numLabels !== undefined &&
    Object.keys(names).length !== numLabels;
  return isOther ? { numLabels } : { id2label: names as Id2Label };
}
