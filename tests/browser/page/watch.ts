/**
 * Runs in the page before its own scripts.
 *
 * @module
 */
/// <reference lib="dom" />

/** What the page is made to remember for the driver. */
export interface Watched {
  /** Tasks of more than 50 ms. */
  longTasks: number[];
  /** Times from a key to the next frame, in ms. */
  times: number[];
  /** Letters typed since the training began, and the last answer of the worker. */
  typed: number;
  classes: string[];
  answer: {
    id: number;
    probabilities: { label: number; probability: number }[];
  };
}

/** Begins to remember. Has no names of this module, for it runs in the page. */
export function watch(): void {
  const watched = globalThis as unknown as Watched;
  watched.longTasks = [];
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) {
      watched.longTasks.push(duration);
    }
  }).observe({ type: "longtask", buffered: true });
  addEventListener("input", () => watched.typed++);
  globalThis.Worker = class extends Worker {
    constructor(url: string | URL, options?: WorkerOptions) {
      super(url, options);
      this.addEventListener("message", ({ data }) => {
        if (data.type === "plan") {
          watched.classes = data.plan.classes;
          watched.typed = 0;
        } else if (data.type === "prediction") watched.answer = data;
      });
    }
  };
  addEventListener("securitypolicyviolation", ({ violatedDirective }) => {
    // deno-lint-ignore no-console -- read by the driver
    console.error(`policy violated: ${violatedDirective}`);
  });
}
