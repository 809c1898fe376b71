/**
 * Distances between the tokens of a row in an ONNX graph.
 *
 * @module
 */
import type { OnnxLayers } from "../onnx/layers.ts";

/**
 * Adds the bucket of each query and key, an int64 `[S, S]`.
 *
 * @param layers The graph under construction.
 * @param ids Name of `input_ids`, `[B, S]`.
 * @param longest Most tokens of a row.
 * @param bucketOf Returns the bucket of a distance, query minus key.
 * @returns Its name.
 */
export function addBuckets(
  { graph }: OnnxLayers,
  ids: string,
  longest: number,
  bucketOf: (distance: number) => number,
): string {
  const length = graph.node("Shape", [ids], { start: { i: 1 }, end: { i: 2 } });
  const positions = graph.node("Range", [
    graph.integers(0),
    graph.node("Gather", [length, graph.integers(0)]),
    graph.integers(1),
  ]); // [S]
  const queries = graph.node("Unsqueeze", [positions, graph.integers([1])]);
  const distances = graph.node("Sub", [queries, positions]); // [S, S]
  const table = graph.initializer({
    name: "buckets",
    type: "int64",
    shape: [2 * longest - 1],
    data: () =>
      BigInt64Array.from(
        { length: 2 * longest - 1 },
        (_, i) => BigInt(bucketOf(i + 1 - longest)),
      ),
  });
  const places = graph.node("Add", [distances, graph.integers(longest - 1)]);
  return graph.node("Gather", [table, places]);
}
