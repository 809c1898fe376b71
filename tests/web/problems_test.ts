import { assertEquals, assertStringIncludes } from "@std/assert";
import { DeviceLostError, OutOfMemoryError } from "../../mod.ts";
import { explain } from "../../web/worker/problems.ts";

Deno.test("explain() says how to go on after a device was lost", () => {
  const lost = new DeviceLostError("Cannot continue: lost; restart the run");
  for (
    const [section, canGoOn, remedy] of [
      ["train", true, "“Go on” at the top of this page"],
      ["train", false, "Train again"],
      ["understand", false, "offers to open the trained model"],
    ] as const
  ) assertStringIncludes(explain(lost, section, canGoOn).text, remedy);
});

Deno.test("explain() knows the errors of browsers", () => {
  const named = (name: string) => new DOMException("…", name);
  for (
    const [error, title] of [
      [new OutOfMemoryError("Cannot allocate"), "There is not enough memory"],
      [
        new RangeError("Array buffer allocation failed"),
        "There is not enough memory",
      ],
      [named("QuotaExceededError"), "The browser has no space left"],
      [named("NotReadableError"), "The file has changed"],
    ] as const
  ) assertEquals(explain(error, "train").title, title);
});

Deno.test("explain() leaves out the flags of the scripts", () => {
  const error = new RangeError("Cannot train: too long; use --max-length");
  assertEquals(explain(error, "train").text, "Cannot train: too long");
});
