/**
 * Distances between the tokens of a row in an ONNX graph.
 *
 * @module
 */
import type { OnnxLayers } from "../onnx/layers.ts";

/** Positions in a graph. */
export interface GraphPositions {
  /** Number of positions S, int64 `[1]`. */
  readonly length: string;
  /** The positions, int64 `[S]`. */
  readonly positions: string;
  /** The positions, int64 `[S, 1]`. */
  readonly column: string;
}

/**
 * Adds the positions from 0 in rows of S tokens.
 *
 * @param layers The graph under construction.
 * @param ids Name of `input_ids`, `[B, S]`.
 * @returns Their names.
 */
export function addPositions(
  { graph }: OnnxLayers,
  ids: string,
): GraphPositions {
  const length = graph.node("Shape", [ids], { start: { i: 1 }, end: { i: 2 } });
  const positions = graph.node("Range", [
    graph.integers(0),
    graph.node("Gather", [length, graph.integers(0)]),
    graph.integers(1),
  ]);
  const column = graph.node("Unsqueeze", [positions, graph.integers([1])]);
  return { length, positions, column };
}

/** Buckets of distances in a graph. */
export interface GraphBuckets {
  /** Bucket of each query and key, int64 `[S, S]`. */
  readonly ofPairs: string;
  /** Bucket of the distance 1 - S, int64 `[1]`. */
  readonly first: string;
  /** Bucket of the distance S - 1, int64 `[1]`. */
  readonly last: string;
}

/**
 * Adds the buckets of the distances in rows of S tokens.
 *
 * @param layers The graph under construction.
 * @param ids Name of `input_ids`, `[B, S]`.
 * @param longest Most tokens of a row.
 * @param bucketOf Returns the bucket of a distance, query minus key.
 * @returns Their names.
 */
export function addBuckets(
  layers: OnnxLayers,
  ids: string,
  longest: number,
  bucketOf: (distance: number) => number,
): GraphBuckets {
  const { graph } = layers;
  const { length, positions, column } = addPositions(layers, ids);
  const distances = graph.node("Sub", [column, positions]); // [S, S]
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
  const middle = graph.integers(longest - 1);
  const farthest = graph.node("Sub", [length, graph.integers(1)]); // S - 1
  const bucketAt = (place: string) => graph.node("Gather", [table, place]);
  return {
    ofPairs: bucketAt(graph.node("Add", [distances, middle])),
    first: bucketAt(graph.node("Sub", [middle, farthest])),
    last: bucketAt(graph.node("Add", [middle, farthest])),
  };
}
