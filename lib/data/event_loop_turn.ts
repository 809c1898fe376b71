/**
 * Yields to the event loop between batches.
 *
 * @module
 */

/** Milliseconds between two turns of the event loop in which every pending event runs. */
const FULL_TURN_MS = 100;
let lastFullTurn = 0;

/**
 * Yields to the event loop. A message costs 20 µs but does not let everything
 * run: events from the GPU wait, and after `setImmediate` signals do too.
 * `setTimeout` lets everything run but costs 2 ms, so only some turns use it.
 *
 * @returns When the turn is over.
 */
export function eventLoopTurn(): Promise<void> {
  return new Promise((resolve) => {
    if (performance.now() - lastFullTurn > FULL_TURN_MS) {
      setTimeout(() => {
        lastFullTurn = performance.now();
        resolve();
      });
      return;
    }
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close(); // an open port keeps the process alive
      resolve();
    };
    port2.postMessage(undefined);
    port2.close(); // an open port leaks memory
  });
}
