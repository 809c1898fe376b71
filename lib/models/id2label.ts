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
 * @param numLabels Number of labels that the caller asks for.
 * @returns The labels of the file; none if the caller asks for another number.
 */
export function labelsOf(
  { id2label, num_labels: count }: Readonly<Record<string, unknown>>,
  numLabels: number | undefined,
): { id2label?: Id2Label; numLabels?: number } {
  const names = (id2label ?? undefined) as Id2Label | undefined;
  if (names === undefined) {
    return typeof count === "number" ? { numLabels: count } : {};
  }
  const isOther = numLabels !== undefined &&
    Object.keys(names).length !== numLabels;
  return isOther ? {} : { id2label: names };
}
