import { assertEquals } from "@std/assert";
import {
  type Interruption,
  listenToSignals,
} from "../../../scripts/cli/signals.ts";
import { needs } from "../../helpers/permissions.ts";
import { startMain } from "./main_fixture.ts";

const CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
const SIGNALS = Object.entries(CODES) as [keyof typeof CODES, number][];
const READY = 'console.log("ready");';

Deno.test(
  needs("runMain() ends by a signal with its exit code", "run"),
  async (t) => {
    for (const [name, code] of SIGNALS) {
      /** Sends the signal to a script that is ready. */
      const interrupt = async (body: string) => {
        const process = startMain(body);
        await process.line("ready");
        process.kill(name);
        return await process.outcome();
      };
      await t.step(`${name}: at once before the first step`, async () => {
        assertEquals(
          await interrupt(
            `${READY} await turn(10_000); console.log("went on");`,
          ),
          { code, stdout: "ready\n", stderr: "" },
        );
      });
      await t.step(`${name}: after the current step`, async () => {
        const body =
          `begin(); ${READY} while (!signal.aborted) await turn(); console.log("step ended by", signal.reason.signalName);`;
        assertEquals(await interrupt(body), {
          code,
          stdout: `ready\nstep ended by ${name}\n`,
          stderr: `Interrupted by ${name}\n`,
        });
      });
      await t.step(`${name}: where the loop throws it`, async () => {
        const body =
          `begin(); ${READY} for (;;) { await turn(); signal.throwIfAborted(); }`;
        assertEquals(await interrupt(body), {
          code,
          stdout: "ready\n",
          stderr: `Interrupted by ${name}\n`,
        });
      });
      await t.step(`${name}: at once by another one later`, async () => {
        const process = startMain(`begin(); ${READY}
          signal.onabort = () => console.log("aborted"); for (;;) await turn();`);
        await process.line("ready");
        process.kill(name);
        await process.line("aborted");
        await process.killUntilItEnds(name === "SIGHUP" ? "SIGINT" : "SIGHUP");
        assertEquals(await process.outcome(), {
          code,
          stdout: "ready\naborted\n",
          stderr: `Interrupted by ${name}\n`,
        });
      });
    }
    await t.step("not where saving fails after it", async () => {
      const process = startMain(
        `begin(); ${READY} while (!signal.aborted) await turn(); throw new Error("Cannot save");`,
      );
      await process.line("ready");
      process.kill("SIGTERM");
      assertEquals(await process.outcome(), {
        code: 1,
        stdout: "ready\n",
        stderr: "error: Cannot save\n",
      });
    });
  },
);

Deno.test(
  needs("runMain() goes on if a signal comes twice while it saves", "run"),
  async () => {
    const process = startMain(`begin(); ${READY}
      while (!signal.aborted) await turn();
      console.log("saving");
      Deno.stdin.readSync(new Uint8Array(1)); // nothing else runs meanwhile
      for (let i = 0; i < 20; i++) await turn();
      console.log("saved");`);
    await process.line("ready");
    process.kill("SIGTERM");
    await process.line("saving");
    process.kill("SIGTERM");
    await new Promise((resolve) => setTimeout(resolve, 400));
    await process.input();
    assertEquals(await process.outcome(), {
      code: 143,
      stdout: "ready\nsaving\nsaved\n",
      stderr: "Interrupted by SIGTERM\n",
    });
  },
);

/** Listens with a system that has some signals, and timers that the test fires. */
function fakeSignals(missing: readonly string[] = []) {
  const { addSignalListener } = Deno;
  const { setTimeout } = globalThis;
  const listeners = new Map<string, () => void>();
  const timers: (() => void)[] = [];
  const received: string[] = [];
  Deno.addSignalListener = (name, listener) => {
    if (missing.includes(name)) throw new TypeError(`No ${name} here`);
    listeners.set(name, listener);
  };
  Object.assign(globalThis, {
    setTimeout: (callback: () => void) => void timers.push(callback),
  });
  const note = (event: string) => ({ signalName, exitCode }: Interruption) =>
    void received.push(`${event} ${signalName} ${exitCode}`);
  listenToSignals({ first: note("first"), again: note("again") });
  return {
    listeners,
    received,
    send: (name: string) => listeners.get(name)!(),
    fireTimers: () => {
      for (const fire of timers.splice(0)) fire();
    },
    [Symbol.dispose]() {
      Deno.addSignalListener = addSignalListener;
      Object.assign(globalThis, { setTimeout });
    },
  };
}

Deno.test("listenToSignals() takes signals that come together for one", () => {
  using signals = fakeSignals();
  signals.send("SIGTERM");
  signals.send("SIGTERM");
  signals.send("SIGHUP");
  signals.fireTimers();
  signals.send("SIGTERM"); // delivered together with the end of the time
  assertEquals(signals.received, ["first SIGTERM 143"]);
  signals.fireTimers();
  signals.send("SIGINT");
  assertEquals(signals.received, ["first SIGTERM 143", "again SIGTERM 143"]);
});

Deno.test("listenToSignals() uses the signals that the system has", () => {
  using signals = fakeSignals(["SIGTERM", "SIGHUP"]);
  assertEquals([...signals.listeners.keys()], ["SIGINT"]);
  signals.send("SIGINT");
  assertEquals(signals.received, ["first SIGINT 130"]);
});
