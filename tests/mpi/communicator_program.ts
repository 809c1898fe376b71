/** A process of a job: prints what it got from the others. */
import { connectMpi } from "../../mod.ts";

using communicator = connectMpi();
const { rank, size } = communicator;
const sums = Float64Array.of(rank, 1, 2 ** -40 * rank);
await communicator.allReduceSum(sums);
// More than one call sums, and no multiple of anything.
const large = new Float32Array(2 ** 18 + 3).map((_, i) => i % 7 + rank);
await communicator.allReduceSum(large);
const isSummed = large.every((value, i) =>
  value === size * (i % 7) + size * (size - 1) / 2
);
const bytes = Uint8Array.of(rank, 7 + rank, 0);
await communicator.broadcast(bytes, size - 1);
// Of different lengths, none for the last rank.
const own = new Uint8Array(size - 1 - rank).fill(rank);
const all = await communicator.gather(own);
await communicator.barrier();
// deno-lint-ignore no-console
console.log(JSON.stringify({
  ...{ rank, size, isSummed, sums: [...sums], bytes: [...bytes] },
  all: all.map((part) => [...part]),
}));
