import { assert, assertEquals } from "@std/assert";
import { benchSteps } from "../../../scripts/benchmarks/steps.ts";
import { fromArray, requestDevice } from "../../../mod.ts";

Deno.test("benchSteps() starts no step while tiles are measured", async () => {
  using device = await requestDevice();
  let isMeasuring = false;
  let steps = 0;
  const prepare = () => {
    assert(!isMeasuring);
    steps++;
    return () => {
      isMeasuring = true;
      device.tuning.settled = new Promise((resolve) =>
        setTimeout(() => {
          isMeasuring = false;
          resolve();
        }, 30)
      );
      return fromArray(device, Float32Array.of(1), []);
    };
  };
  await benchSteps(
    device,
    prepare,
    {
      case: "bert",
      batch: 1,
      steps: 2,
      warmup: 1,
      profile: false,
      json: false,
    },
    new AbortController().signal,
  );
  assertEquals(steps, 6);
  assert(!isMeasuring);
});
