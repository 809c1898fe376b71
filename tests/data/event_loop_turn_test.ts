import { assertEquals } from "@std/assert";
import { eventLoopTurn } from "../../lib/data/event_loop_turn.ts";
import { fakeClock } from "../helpers/fake_clock.ts";

Deno.test("eventLoopTurn() uses a timer ten times a second", async () => {
  using clock = fakeClock();
  const { setTimeout } = globalThis;
  let timers = 0;
  using _timers = {
    [Symbol.dispose]: () => void (globalThis.setTimeout = setTimeout),
  };
  globalThis.setTimeout = ((run: () => void) => {
    timers++;
    return setTimeout(run);
  }) as typeof setTimeout;
  for (let i = 0; i < 1010; i++) {
    clock.ms++;
    await eventLoopTurn();
  }
  assertEquals(timers, 10); // every 101 ms
});
