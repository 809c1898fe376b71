/**
 * Times of all tiles for graphics hardware, on the products of a model.
 *
 * @module
 */
import { type Device, type TileTime, timeTiles } from "../../mod.ts";
import { table } from "../cli/table.ts";
import type { ProductShape } from "./layers.ts";
import { percent } from "./profile.ts";

/** Lines of products in the block of text to share. */
const MAX_SUMMARY = 16;

/** The candidates for one product. */
export interface CandidateTimes extends Omit<ProductShape, "layer"> {
  /** Tiles with their times and GFLOP/s; the first one is used where nothing is measured. */
  readonly tiles: readonly (TileTime & { readonly gflops: number })[];
}

/**
 * Times all tiles on each product, once per shape.
 *
 * @param device The device.
 * @param shapes The products.
 * @param signal Ends the run after the current product.
 * @returns The times; none for software adapters, whose tiles are fixed.
 */
export async function timeCandidates(
  device: Device,
  shapes: readonly ProductShape[],
  signal: AbortSignal,
): Promise<CandidateTimes[]> {
  if (device.isSoftware) return [];
  const all = new Map<string, CandidateTimes>();
  for (const { layout, m, n, k } of shapes) {
    const name = `${layout} ${m}x${n}x${k}`;
    if (all.has(name)) continue;
    const times = await timeTiles(device, layout, { m, n, k });
    const tiles = times.map(({ tile, ms }) => ({
      tile,
      ms,
      gflops: 2 * m * n * k / ms / 1e6,
    }));
    all.set(name, { layout, m, n, k, tiles });
    signal.throwIfAborted();
  }
  return [...all.values()];
}

/**
 * Formats the times, with the fastest tile's share of the peak.
 *
 * @param candidates The times.
 * @param peak Peak of the adapter, in GFLOP/s.
 * @returns A table in ms; a line for software adapters.
 */
export function candidatesTable(
  candidates: readonly CandidateTimes[],
  peak: number,
): string {
  const [first] = candidates;
  if (!first) {
    return "No candidates: the tiles of software adapters are fixed";
  }
  const rows = candidates.map(({ layout, m, n, k, tiles }) => {
    const fastest = tiles.reduce((a, b) => b.ms < a.ms ? b : a);
    return [
      `${layout} ${m}x${n}x${k}`,
      ...tiles.map((tile) =>
        `${Number(tile.ms.toPrecision(3))}${tile === fastest ? "*" : " "}`
      ),
      percent(fastest.gflops / peak),
    ];
  });
  const names = first.tiles.map(({ tile }) => tile);
  return table(["ms, * fastest", ...names, "of peak"], rows);
}

/**
 * Formats the times of the products with the most operations, for the block of text
 * to share.
 *
 * @param candidates The times.
 * @param peak Peak of the adapter, in GFLOP/s.
 * @returns The lines of their table, in order.
 */
export function candidatesSummary(
  candidates: readonly CandidateTimes[],
  peak: number,
): string[] {
  const largest = candidates
    .toSorted((a, b) => b.m * b.n * b.k - a.m * a.n * a.k)
    .slice(0, MAX_SUMMARY);
  return candidatesTable(
    candidates.filter((product) => largest.includes(product)),
    peak,
  ).split("\n");
}
