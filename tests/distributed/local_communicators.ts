import type { Communicator } from "../../lib/distributed/communicator.ts";

/** Processes that meet in one: what they send goes through an array. */
export function localCommunicators(size: number): Communicator[] {
  let meeting: { sent: unknown[]; all: PromiseWithResolvers<unknown[]> };
  const start = () => {
    meeting = { sent: [], all: Promise.withResolvers() };
  };
  start();

  /** Resolves to what all have sent, by rank, once all have called. */
  const exchange = <T>(rank: number, value: T): Promise<T[]> => {
    const { sent, all } = meeting;
    sent[rank] = value;
    if (Object.keys(sent).length === size) {
      start();
      all.resolve(sent);
    }
    return all.promise as Promise<T[]>;
  };

  return Array.from({ length: size }, (_, rank) => ({
    rank,
    size,
    async allReduceSum(values) {
      const all = await exchange(rank, values.slice());
      values.forEach((_, i) => {
        values[i] = all.reduce((sum, other) => sum + other[i]!, 0);
      });
    },
    async broadcast(bytes, root = 0) {
      bytes.set((await exchange(rank, bytes.slice()))[root]!);
    },
    async gather(bytes) {
      const all = await exchange(rank, bytes.slice());
      return rank === 0 ? all : [];
    },
    async barrier() {
      await exchange(rank, undefined);
    },
    abort() {},
    [Symbol.dispose]() {},
  }));
}
