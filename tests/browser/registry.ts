/**
 * `Deno.test` for a browser: registers the tests of a file, and runs them one after
 * another.
 *
 * @module
 */

/** The part of `Deno.TestContext` that tests use. */
export interface TestContext {
  readonly name: string;
  step(name: string | TestOptions | TestBody, fn?: TestBody): Promise<boolean>;
}

/** The function of a test or of a step. */
export type TestBody = (t: TestContext) => void | Promise<void>;

/** The part of `Deno.TestDefinition` that tests use. */
export interface TestOptions {
  readonly name?: string;
  readonly ignore?: boolean;
  readonly fn?: TestBody;
}

/** Outcome of one test. */
export interface TestResult {
  readonly name: string;
  readonly status: "passed" | "failed" | "ignored";
  readonly ms: number;
  /** Number of steps that ran. */
  readonly steps: number;
  /** Messages and stacks of the test and of its steps; empty unless it failed. */
  readonly errors: readonly string[];
}

interface Test {
  readonly name: string;
  readonly ignore: boolean;
  readonly fn: TestBody;
}

/** Tests of one file. */
export class Registry {
  readonly #tests: Test[] = [];
  #errors: string[] = [];

  /** Registers a test, in each form of `Deno.test()`. */
  readonly test = (
    name: string | TestOptions | TestBody,
    fn?: TestBody,
  ): void => {
    this.#tests.push(definition(name, fn));
  };

  /** Fails the running test: an error that nothing caught. */
  uncaught(error: unknown): void {
    this.#errors.push(`uncaught: ${describe(error)}`);
  }

  /** Runs the tests whose name contains `filter`, in their order. */
  async *run(filter: string): AsyncGenerator<TestResult> {
    for (const test of this.#selected(filter)) {
      yield test.ignore ? ignored(test.name) : await this.#run(test);
    }
  }

  #selected(filter: string): Test[] {
    return this.#tests.filter(({ name }) => name.includes(filter));
  }

  async #run({ name, fn }: Test): Promise<TestResult> {
    const started = performance.now();
    this.#errors = [];
    const count = { steps: 0 };
    await this.#attempt(name, fn, count, "");
    const errors = this.#errors;
    return {
      name,
      status: errors.length === 0 ? "passed" : "failed",
      ms: performance.now() - started,
      steps: count.steps,
      errors,
    };
  }

  /** Runs a test or a step; returns whether it and its steps passed. */
  async #attempt(
    name: string,
    fn: TestBody,
    count: { steps: number },
    path: string,
  ): Promise<boolean> {
    const before = this.#errors.length;
    const step: TestContext["step"] = async (nameOrOptions, body) => {
      const test = definition(nameOrOptions, body);
      if (test.ignore) return true;
      count.steps++;
      return await this.#attempt(test.name, test.fn, count, `${test.name}: `);
    };
    try {
      await fn({ name, step });
    } catch (error) {
      this.#errors.push(path + describe(error));
    }
    return this.#errors.length === before;
  }
}

function definition(
  name: string | TestOptions | TestBody,
  fn?: TestBody,
): Test {
  const options: TestOptions = typeof name === "string"
    ? { name }
    : typeof name === "function"
    ? { name: name.name, fn: name }
    : name;
  const body = fn ?? options.fn;
  if (!body) {
    throw new TypeError(`Cannot register ${options.name}: no function`);
  }
  return {
    name: options.name ?? body.name,
    ignore: options.ignore ?? false,
    fn: body,
  };
}

function ignored(name: string): TestResult {
  return { name, status: "ignored", ms: 0, steps: 0, errors: [] };
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { name, message, stack = "" } = error;
  // Chromium's stack begins with the message; Firefox's has none.
  const text = stack.includes(message)
    ? stack
    : `${name}: ${message}\n${stack}`;
  return error.cause === undefined
    ? text
    : `${text}\ncaused by: ${describe(error.cause)}`;
}
