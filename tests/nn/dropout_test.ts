import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { Dropout, DropoutKeys, fromArray, sum } from "../../mod.ts";
import { device } from "../helpers/device.ts";
import { dropoutScale } from "../helpers/philox.ts";

const SIZE = 64;
const ones = fromArray(device, Array(SIZE).fill(1), [SIZE]);

/** The outputs of `count` forward passes over ones. */
async function draws(layer: Dropout, count: number): Promise<number[][]> {
  using _scope = device.scope();
  const all: number[][] = [];
  for (let i = 0; i < count; i++) {
    all.push([...await layer.forward(ones).toArray()]);
  }
  return all;
}

Deno.test("Dropout draws a new mask in every training step", async () => {
  const layer = new Dropout(0.25, { seed: 5 });
  const expected = [1, 2, 3].map((step) =>
    Array.from(
      { length: SIZE },
      (_, i) => dropoutScale({ p: 0.25, seed: 5, step, site: 0 }, i),
    )
  );
  assert(expected[0]!.includes(0), "some are dropped");
  assertEquals(await draws(layer, 3), expected);
});

Deno.test("Dropout draws the same masks for the same seed, and others for another", async () => {
  const first = await draws(new Dropout(0.5, { seed: 101 }), 2);
  assertEquals(await draws(new Dropout(0.5, { seed: 101 }), 2), first);
  const all = [
    ...first,
    ...await draws(new Dropout(0.5, { seed: 102 }), 2),
    ...await draws(new Dropout(0.5), 1), // its own seed
    ...await draws(new Dropout(0.5), 1),
  ];
  assertEquals(new Set(all.map(String)).size, 6);
});

Deno.test("Dropout returns its input in evaluation", () => {
  const layer = new Dropout(0.5, { seed: 1 }).eval();
  assertStrictEquals(layer.forward(ones), ones);
  assertEquals(new Dropout().p, 0.5);
});

Deno.test("Dropout applies the mask of the forward pass to gradients", async () => {
  using _scope = device.scope();
  const x = fromArray(device, Array(SIZE).fill(1), [SIZE], {
    requiresGrad: true,
  });
  const y = new Dropout(0.5, { seed: 1 }).forward(x);
  sum(y).backward();
  assertEquals([...await x.grad!.toArray()], [...await y.toArray()]);
});

Deno.test("DropoutKeys numbers steps and sites", () => {
  const keys = new DropoutKeys(9);
  keys.nextStep();
  const first = [keys.nextSite(0.1), keys.nextSite(0.2)];
  assertEquals(first, [
    { p: 0.1, seed: 9, step: 1, site: 0 },
    { p: 0.2, seed: 9, step: 1, site: 1 },
  ]);
  const part = { firstRow: 3, batchRows: 7 };
  keys.nextStep(part);
  const second = { p: 0.1, seed: 9, step: 2, site: 0, ...part };
  assertEquals(keys.nextSite(0.1), second);
  assertEquals(keys.step, 2);
  keys.loadStateDict({ seed: 9, step: 0 }); // as a resumed run does
  keys.nextStep();
  assertEquals([keys.nextSite(0.1), keys.nextSite(0.2)], first);
});

Deno.test("DropoutKeys.loadStateDict() restores seed and step, and refuses other values", () => {
  const keys = new DropoutKeys(9);
  keys.nextStep();
  keys.nextStep();
  const saved = keys.stateDict();
  assertEquals(saved, { seed: 9, step: 2 });
  const other = new DropoutKeys(1);
  other.loadStateDict(saved);
  for (const each of [keys, other]) each.nextStep();
  assertEquals(other.nextSite(0.5), keys.nextSite(0.5));
  for (const [name, value] of [["seed", -1], ["step", 0.5], ["step", "3"]]) {
    const bad = { ...saved, seed: 5, [name!]: value };
    assertThrows(
      () => other.loadStateDict(bad),
      RangeError,
      `Cannot load the dropout keys: the ${name} must be a whole number from 0, not ${value}`,
    );
    assertEquals(other.stateDict(), { seed: 9, step: 3 });
  }
});

Deno.test("Dropout goes on with the masks of its extra state, also of another seed", async () => {
  const layer = new Dropout(0.5);
  const masks = await draws(layer, 2);
  const saved = layer.getExtraState();
  masks.push(...await draws(layer, 1));
  const other = new Dropout(0.5);
  other.setExtraState(saved);
  assertEquals(await draws(other, 1), masks.slice(2));
  other.setExtraState({ ...saved, step: 0 });
  assertEquals(await draws(other, 3), masks);
});
