/**
 * Weights that balance classes.
 *
 * @module
 */

/**
 * Computes weights with which each class adds the same to the loss of a data set,
 * `rows / (C · rows of the class)`, as `compute_class_weight("balanced", …)` of
 * scikit-learn. Their sum over the rows is the number of rows.
 *
 * @param labels The class of each row.
 * @param numLabels Number of classes, C.
 * @returns The weight of each class, `[C]`: the `weight` of `crossEntropy`.
 * @throws {RangeError} If a label is not in [0, C), or a class has no rows.
 * @see https://scikit-learn.org/stable/modules/generated/sklearn.utils.class_weight.compute_class_weight.html
 */
export function computeClassWeight(
  labels: ArrayLike<number>,
  numLabels: number,
): number[] {
  const counts = new Array<number>(numLabels).fill(0);
  for (let row = 0; row < labels.length; row++) {
    const label = labels[row]!;
    if (!(label in counts)) {
      throw new RangeError(
        `Cannot balance ${numLabels} classes: the label of row ${row} is ${label}, not one of 0 to ${
          numLabels - 1
        }`,
      );
    }
    counts[label]!++;
  }
  const empty = counts.indexOf(0);
  if (empty >= 0) {
    throw new RangeError(
      `Cannot balance ${numLabels} classes: class ${empty} has no rows; add some, or give the weights as numbers`,
    );
  }
  return counts.map((count) => labels.length / (numLabels * count));
}
