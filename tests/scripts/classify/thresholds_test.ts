import { assertEquals } from "@std/assert";
import {
  thresholdsFile,
  tuneThresholds,
} from "../../../scripts/classify/thresholds.ts";
import { assertAllClose, F32_OP } from "../../helpers/all_close.ts";
import { needs } from "../../helpers/permissions.ts";
import { tempFolder } from "../../helpers/temp_folder.ts";
import { SETS } from "./labels_fixture.ts";

/** Logits of the first label with these probabilities, and of a second that no row has. */
const tune = (
  rows: readonly (readonly [probability: number, label: 0 | 1])[],
) =>
  tuneThresholds({
    logits: Float32Array.from(
      rows.flatMap(([p]) => [Math.log(p / (1 - p)), -1]),
    ),
    references: rows.map(([, label]) => [label, 0]),
  }, SETS);

Deno.test("tuneThresholds() finds the best F1 between two probabilities", () => {
  const [first, second] = tune([[0.9, 1], [0.3, 1], [0.1, 0], [0.2, 0]]);
  assertAllClose([first!], [0.25], F32_OP);
  assertEquals(second, 0.5); // no row has it
  // One of two is found at the price of none, and the other would cost three.
  const cases = [[0.8, 1], [0.6, 0], [0.5, 0], [0.4, 0], [0.3, 0], [
    0.2,
    1,
  ]] as const;
  assertAllClose([tune(cases)[0]!], [0.7], F32_OP);
});

Deno.test("tuneThresholds() takes the threshold next to 0.5 of two with the same F1, and none between equal ones", () => {
  // F1 is 2/3 with the first alone (0.6), and with all four (0.05).
  const same = [[0.9, 1], [0.3, 0], [0.2, 0], [0.1, 1]] as const;
  assertAllClose([tune(same)[0]!], [0.6], F32_OP);
  // The same with 0.945 and 0.35.
  const high = [[0.99, 1], [0.9, 0], [0.8, 0], [0.7, 1]] as const;
  assertAllClose([tune(high)[0]!], [0.35], F32_OP);
  // Both with 0.4 are predicted, or neither.
  const equal = [[0.4, 1], [0.4, 0], [0.2, 0]] as const;
  assertAllClose([tune(equal)[0]!], [0.3], F32_OP);
  // Everything is predicted.
  assertAllClose([tune([[0.2, 1], [0.1, 1]])[0]!], [0.05], F32_OP);
});

Deno.test(
  needs(
    "thresholdsFile() replaces the thresholds of config.json",
    "read",
    "write",
  ),
  async () => {
    await using folder = await tempFolder();
    const path = `${folder.path}/config.json`;
    const read = async () => JSON.parse(await Deno.readTextFile(path));
    await Deno.writeTextFile(path, '{"a":1,"thresholds":{"old":0.1}}');
    await thresholdsFile(SETS, [0.25, 0.75]).savePretrained(folder.path);
    assertEquals(await read(), { a: 1, thresholds: { a: 0.25, b: 0.75 } });
    await thresholdsFile(SETS, undefined).savePretrained(folder.path);
    assertEquals(await read(), { a: 1 });
    // Without either, the file stays as it was written.
    await Deno.writeTextFile(path, '{"a":1}');
    await thresholdsFile(SETS, undefined).savePretrained(folder.path);
    assertEquals(await Deno.readTextFile(path), '{"a":1}');
  },
);
