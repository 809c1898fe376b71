/** A clock in place of `performance.now()` and `Date.now()`, until it is disposed. */
export interface FakeClock extends Disposable {
  /** The time in ms, set by the test. */
  ms: number;
}

/** Starts a {@linkcode FakeClock}. */
export function fakeClock(): FakeClock {
  const { now } = Date;
  const clock = {
    ms: 1000,
    [Symbol.dispose]() {
      Date.now = now;
      Reflect.deleteProperty(performance, "now");
    },
  };
  Date.now = performance.now = () => clock.ms;
  return clock;
}
