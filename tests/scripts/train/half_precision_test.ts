import { assertEquals, assertThrows } from "@std/assert";
import type { Device } from "../../../mod.ts";
import { scalerOf } from "../../../scripts/train/half_precision.ts";
import { parseFlags } from "../../../scripts/train/options.ts";
import { device } from "../../helpers/device.ts";
import { needsFloat16 } from "../../helpers/float16.ts";
import { overriding } from "../../helpers/overriding.ts";

Deno.test(needsFloat16("scalerOf() scales a loss with --fp16 alone"), () => {
  assertEquals(scalerOf(device, { fp16: true }).isEnabled, true);
  assertEquals(scalerOf(device, { fp16: undefined }).isEnabled, false);
});

Deno.test("scalerOf() refuses --fp16 on a GPU without shader-f16, and nothing else", () => {
  const other: Device = overriding(device, {
    hasFloat16: false,
    description: "an old GPU",
  });
  assertEquals(scalerOf(other, { fp16: undefined }).isEnabled, false);
  assertThrows(
    () => scalerOf(other, { fp16: true }),
    Error,
    "--fp16 needs a GPU with shader-f16, which this one lacks (an old GPU): leave out --fp16; --gradient-checkpointing takes less memory too",
  );
});

Deno.test("--fp16 and --debug-nan exclude each other", () => {
  assertThrows(
    () => parseFlags(["--fp16", "--debug-nan"]),
    TypeError,
    "--fp16 and --debug-nan exclude each other: --fp16 skips the steps whose gradients are not finite; leave out one of them",
  );
});
