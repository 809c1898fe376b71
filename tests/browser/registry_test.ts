import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { Registry, type TestResult } from "./registry.ts";

/** Runs registered tests, and gives their results without times. */
async function run(
  register: (registry: Registry) => void,
  filter = "",
): Promise<Omit<TestResult, "ms">[]> {
  const registry = new Registry();
  register(registry);
  const results = await Array.fromAsync(registry.run(filter));
  return results.map(({ ms: _ms, ...result }) => result);
}

const passed = (name: string, steps = 0) => ({
  name,
  status: "passed" as const,
  steps,
  errors: [],
});

Deno.test("Registry takes each form of Deno.test()", async () => {
  const calls: string[] = [];
  const results = await run(({ test }) => {
    test("name", () => void calls.push("name"));
    test({ name: "options" }, () => void calls.push("options"));
    test({ name: "fn", fn: () => void calls.push("fn") });
    test(function named() {
      calls.push("named");
    });
    const ignore = true;
    test({ name: "ignored", ignore }, () => void calls.push("ignored"));
  });
  const names = ["name", "options", "fn", "named"];
  assertEquals(calls, names);
  assertEquals(results, [
    ...names.map((name) => passed(name)),
    { name: "ignored", status: "ignored", steps: 0, errors: [] },
  ]);
  assertThrows(
    () => new Registry().test("empty"),
    TypeError,
    "Cannot register empty: no function",
  );
});

Deno.test("Registry fails a test whose step fails, and goes on", async () => {
  const [failed, next] = await run(({ test }) => {
    test("outer", async (t) => {
      assertEquals(await t.step("good", () => {}), true);
      assertEquals(
        await t.step("bad", async (t) => {
          await t.step("inner", () => Promise.reject(new Error("broken")));
        }),
        false,
      );
    });
    test("next", () => {});
  });
  assertEquals([failed?.status, failed?.steps], ["failed", 3]);
  assertEquals(failed?.errors.length, 1);
  assertMatch(failed!.errors[0]!, /^inner: Error: broken\n/);
  assertEquals(next, passed("next"));
});

Deno.test("Registry fails the running test by an error that nothing caught", async () => {
  const [failed, next] = await run((registry) => {
    registry.test("outer", () => registry.uncaught("lost"));
    registry.test("next", () => {});
  });
  assertEquals(failed?.errors, ["uncaught: lost"]);
  assertEquals(next, passed("next"));
});

Deno.test("Registry runs the tests whose name contains the filter", async () => {
  const results = await run(({ test }) => {
    for (const name of ["gelu() here", "softmax()", "gelu() there"]) {
      test(name, () => {});
    }
  }, "gelu()");
  assertEquals(results, [passed("gelu() here"), passed("gelu() there")]);
});
