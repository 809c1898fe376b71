import { assert, assertEquals, assertRejects } from "@std/assert";
import { Gate, Lock } from "../../web/worker/gate.ts";

Deno.test("Lock runs tasks one after another, also after one that fails", async () => {
  const lock = new Lock();
  const order: string[] = [];
  const task = (name: string, fails = false) =>
    lock.run(async () => {
      order.push(`${name} begins`);
      await Promise.resolve();
      order.push(`${name} ends`);
      if (fails) throw new Error(name);
    });
  const first = task("a", true);
  const second = task("b");
  await assertRejects(() => first, Error, "a");
  await second;
  assertEquals(order, ["a begins", "a ends", "b begins", "b ends"]);
});

Deno.test("Gate holds what comes while it is closed", async () => {
  const gate = new Gate();
  await gate.pass();
  gate.close();
  let passed = false;
  const passing = gate.pass().then(() => passed = true);
  await Promise.resolve();
  assert(gate.isClosed && !passed);
  gate.open();
  await passing;
  assert(passed && !gate.isClosed);
});
