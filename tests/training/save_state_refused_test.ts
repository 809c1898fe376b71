import { assertEquals, assertRejects } from "@std/assert";
import {
  AdamW,
  fromArray,
  Linear,
  mean,
  Module,
  saveState,
  SGD,
  type StateObjects,
} from "../../mod.ts";
import { device } from "../helpers/device.ts";
import { needs } from "../helpers/permissions.ts";
import { tempFolder } from "../helpers/temp_folder.ts";

async function namesIn(path: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(path))).map(({ name }) => name);
}

Deno.test(
  needs(
    "saveState() refuses what it cannot save and leaves nothing",
    "read",
    "write",
  ),
  async (t) => {
    await using folder = await tempFolder();
    const model = new Linear(device, 2, 2);
    const other = new Linear(device, 2, 2);
    const stateOf = (state: unknown) => ({
      stateDict: () => state,
      loadStateDict: () => {},
    });
    class Named extends Module {
      readonly head = new Linear(device, 1, 1);
    }
    const ids = fromArray(device, [1], [1], { dtype: "u32" });
    const cases: [unknown, message: string][] = [
      [
        { "a/b": model },
        'Cannot save a state with the name "a/b": it must be letters and digits, begin with a letter, and not be version or gradients',
      ],
      [{ gradients: model }, 'Cannot save a state with the name "gradients"'],
      [{ version: model }, 'Cannot save a state with the name "version"'],
      [
        JSON.parse('{"__proto__": 1}'),
        'Cannot save a state with the name "__proto__"',
      ],
      [
        { model: 5 },
        "Cannot save the state of model: it is the number 5; pass a module, an optimizer, or an object with stateDict() and loadStateDict()",
      ],
      [{ model: null }, "Cannot save the state of model: it is null"],
      [
        { model: Promise.resolve(model) },
        "Cannot save the state of model: it is a promise",
      ],
      [
        { model, optimizer: new SGD([...model.parameters(), other.bias!]) },
        "Cannot name the parameters of optimizer: number 2, of shape [2], is in none of the modules; pass its module too",
      ],
      [
        { model: new Named(), head: new Linear(device, 1, 1) },
        'Cannot name the parameters of head: another module has a "head.weight" too; give head another name',
      ],
      [
        { model, date: stateOf({ at: [new Date(0)] }) },
        "Cannot save the state of date: date.at.0 is Date; return plain objects, arrays, strings, numbers, booleans, typed arrays or tensors",
      ],
      [
        { model, ids: stateOf({ ids }) },
        "Cannot save ids: it is a tensor of u32; return its values as a typed array",
      ],
    ];
    for (const [objects, message] of cases) {
      await t.step(message, async () => {
        const error = await assertRejects(
          () => saveState(`${folder.path}/new`, objects as StateObjects),
          Error,
        );
        assertEquals(error.message.slice(0, message.length), message);
        assertEquals(await namesIn(folder.path), []);
      });
    }
    await t.step("a folder that exists", async () => {
      const path = `${folder.path}/new`;
      await saveState(path, { model });
      await assertRejects(
        () => saveState(path, { model }),
        Error,
        "already exists",
      );
    });
    await t.step("a tensor that was freed", async () => {
      const gone = fromArray(device, [1], [1]);
      const path = `${folder.path}/gone`;
      const save = saveState(path, { model, gone: stateOf({ gone }) });
      gone.dispose();
      await assertRejects(() => save, ReferenceError, "it was disposed");
      assertEquals(await namesIn(folder.path), [
        "new",
      ]);
    });
  },
);

Deno.test(
  needs("saveState() refuses weights that are NaN", "read", "write"),
  async () => {
    await using folder = await tempFolder();
    const model = new Linear(device, 2, 2);
    model.stateDict().bias!.load(new Float32Array([1, NaN]));
    await assertRejects(
      () => saveState(`${folder.path}/state`, { model }),
      RangeError,
      '"bias" has values that are NaN, so its training has diverged',
    );
    assertEquals(await namesIn(folder.path), []);
  },
);

Deno.test(
  needs("saveState() refuses a step that is taken meanwhile", "read", "write"),
  async () => {
    await using folder = await tempFolder();
    const model = new Linear(device, 2, 2);
    const optimizer = new AdamW(model.parameters(), { lr: 0.1 });
    const step = () => {
      using _step = device.scope();
      mean(model.forward(fromArray(device, [1, 2], [1, 2]))).backward();
      optimizer.step();
      optimizer.zeroGrad();
    };
    step();
    const path = `${folder.path}/state`;
    const saving = saveState(path, { model, optimizer });
    step();
    const error = await assertRejects(() => saving, Error);
    assertEquals(
      error.message,
      `Cannot save the state in ${path}: optimizer took a step meanwhile; wait for saveState before the next one`,
    );
    assertEquals(await namesIn(folder.path), []);
    await saveState(path, { model, optimizer });
  },
);
