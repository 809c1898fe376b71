import { assertEquals } from "@std/assert";
import { suggestNext } from "../../../scripts/classify/next.ts";
import { printed } from "../../helpers/printed.ts";

/** The lines of these example texts. */
function linesOf(texts: readonly string[], model = "runs/a/model"): string[] {
  using output = printed();
  suggestNext("runs/a", model, texts);
  return output.lines;
}

Deno.test("suggestNext() names the report and the model, and commands with it", () => {
  assertEquals(linesOf(["It's\nlate"]), [
    "The report, a page for the browser, is in runs/a/report.html",
    "The model is in runs/a/model",
    "Label a text with it:\n  ./denow task predict --model runs/a/model 'It'\\''s late'",
    "Try it in the browser:\n  ./denow task serve --model runs/a/model",
  ]);
});

Deno.test("suggestNext() gives both texts of a pair, the beginning of long ones", () => {
  const [, , command] = linesOf(["word ".repeat(20), "b"], "my runs/model");
  const words = Array.from({ length: 12 }, () => "word").join(" ");
  assertEquals(
    command,
    `Label a pair with it:\n  ./denow task predict --model 'my runs/model' '${words}' 'b'`,
  );
});
