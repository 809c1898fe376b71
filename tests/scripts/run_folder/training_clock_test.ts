import { assertEquals } from "@std/assert";
import { TrainingClock } from "../../../scripts/run_folder/training_clock.ts";

Deno.test("TrainingClock begins with the first step", () => {
  const progress = { seconds: 3 };
  const clock = new TrainingClock(progress);
  clock.start();
  progress.seconds = 5;
  assertEquals(clock.seconds, 2);
  assertEquals(clock.samplesPerSecond(8), 4);
});

Deno.test("TrainingClock adds the processes that were interrupted", () => {
  const progress = { seconds: 3 };
  const clock = new TrainingClock(progress);
  clock.resume(30, [
    { event: "eval", trainSeconds: 7 },
    { event: "eval", trainSeconds: 10 },
    { event: "step" },
  ]);
  clock.start();
  progress.seconds = 5;
  assertEquals(clock.seconds, 12);
  assertEquals(clock.samplesPerSecond(38), 4, "the rate of this process");
  assertEquals(clock.samplesPerSecond(30), 2.5, "it did not train");
});
