import { assertEquals } from "@std/assert";
import { Random } from "../../../mod.ts";
import { assertAllClose, F64_HOST } from "../../helpers/all_close.ts";
import { LossSpikes } from "../../../scripts/run_folder/loss_spikes.ts";

const ROWS = 8;

/** Adds losses; returns the indices of those that are spikes. */
function spikes(
  losses: readonly number[],
  watch: LossSpikes = new LossSpikes(),
  rows = ROWS,
): number[] {
  return losses.flatMap((loss, i) => watch.add(loss, rows) ? [i] : []);
}

const constant = (length: number, loss = 0.5) => Array(length).fill(loss);

Deno.test("LossSpikes notices a loss above 5 times the mean and one row's worst, after 20 losses", () => {
  const limit = 5 * 0.5 + 10 / ROWS;
  assertEquals(spikes([...constant(20), limit * 1.0001]), [20]);
  assertEquals(spikes([...constant(20), limit * 0.9999]), []);
  assertEquals(spikes([...constant(19), 1000]), []);
});

Deno.test("LossSpikes compares with the mean of the first losses, and with a larger one later", () => {
  const watch = new LossSpikes();
  spikes(
    [...constant(10, 1), ...constant(10, 2), ...constant(500, 0.01)],
    watch,
  );
  assertAllClose([watch.mean], [1.5], F64_HOST);
  spikes(constant(1000, 3), watch);
  assertAllClose([watch.mean], [3], F64_HOST);
  // A change of scale is a spike a few times, not for ever.
  const first = spikes(constant(200, 100), watch);
  assertEquals(first.length > 0 && first.at(-1)! < 10, true, `${first}`);
});

Deno.test("LossSpikes goes on where its state was saved", () => {
  const losses = Array.from({ length: 60 }, (_, i) => 1 + i % 7);
  const [whole, before, after] = [1, 2, 3].map(() => new LossSpikes());
  spikes(losses, whole);
  spikes(losses.slice(0, 17), before);
  after!.loadStateDict(JSON.parse(JSON.stringify(before!.stateDict())));
  spikes(losses.slice(17), after);
  assertEquals(after!.stateDict(), whole!.stateDict());
});

Deno.test("LossSpikes is quiet where a model learns its rows by heart", () => {
  // Cross-entropy of rows whose logits are ±margin: margins grow, a few rows stay wrong.
  for (const rows of [1, 4, 8, 32]) {
    const random = new Random(rows);
    const losses = Array.from({ length: 2000 }, (_, step) => {
      const margin = Math.min(8, step / 100);
      let sum = 0;
      for (let row = 0; row < rows; row++) {
        const isWrong = random.nextFloat() < 0.02;
        sum += Math.log1p(Math.exp(isWrong ? margin : -margin));
      }
      return sum / rows;
    });
    assertEquals(spikes(losses, new LossSpikes(), rows), [], `${rows} rows`);
  }
});
