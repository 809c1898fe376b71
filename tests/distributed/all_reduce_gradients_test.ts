import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  allReduceGradients,
  type Communicator,
  type Device,
  DeviceLostError,
  fromArray,
  Kernel,
  ParamAndGradBuffer,
  Parameter,
  requestDevice,
  SingleProcess,
} from "../../mod.ts";
import { device } from "../helpers/device.ts";
import { observe } from "../helpers/observe.ts";
import { smallBindings } from "../helpers/small_bindings.ts";
import { rowsFrom } from "../../lib/tensor/shards.ts";
import { localCommunicators } from "./local_communicators.ts";

/** An embedding table with a sparse gradient, of rows of 64 columns. */
const ROWS = 1100;

const makeParameter = (shape: number[], isTable = false, own = device) =>
  new Parameter(own, shape, () => {}, { isTable });
const gradOf = async ({ grad }: Parameter) => grad && [...await grad.toArray()];

/** Values of a gradient, which differ between processes. */
const values = (size: number, rank: number) =>
  Float32Array.from({ length: size }, (_, i) => i % 7 + 10 * rank);

function setDense(parameter: Parameter, rank: number): void {
  const { tensor } = parameter.gradSlot();
  parameter.device.upload(tensor, values(parameter.size, rank));
  parameter.grad = tensor;
}

/** Sets a sparse gradient of rank + 1 in each element of some rows. */
function setRows(table: Parameter, ids: number[], rank: number): void {
  const rows = table.gradSlot().takeRows!(ids)!;
  const gradient = new Float32Array(rows.size);
  gradient.fill(rank + 1, 64, 64 * (1 + ids.length)); // row 0 stays zeros
  table.device.upload(rows, gradient);
}

/** Sums the gradients of parameters that each process makes. */
async function sumOver(
  size: number,
  make: (rank: number) => Parameter[],
): Promise<Parameter[][]> {
  const all = Array.from({ length: size }, (_, rank) => make(rank));
  await Promise.all(
    localCommunicators(size).map((communicator, rank) =>
      allReduceGradients(communicator, all[rank]!)
    ),
  );
  return all;
}

Deno.test("allReduceGradients() sums each gradient that any process has", async () => {
  const all = await sumOver(3, (rank) => {
    const parameters = [[2, 3], [5], [4]].map((shape) => makeParameter(shape));
    new ParamAndGradBuffer(device, parameters);
    const [everywhere, once, nowhere] = parameters;
    setDense(everywhere!, rank);
    for (const parameter of [once!, nowhere!]) { // memory with old values
      setDense(parameter, 5);
      parameter.grad = undefined;
    }
    if (rank === 1) setDense(once!, rank);
    return parameters;
  });
  for (const [everywhere, once, nowhere] of all) {
    assertEquals(await gradOf(everywhere!), [30, 33, 36, 39, 42, 45]);
    assertEquals(await gradOf(once!), [10, 11, 12, 13, 14]);
    assertEquals(nowhere!.hasGrad, false);
  }
});

Deno.test("allReduceGradients() leaves parameters alone that were moved out of a buffer", async () => {
  for (const isTableFirst of [false, true]) {
    const all = await sumOver(2, (rank) => {
      const [matrix, table] = [
        makeParameter([4]),
        makeParameter([ROWS, 64], true),
      ];
      const both = isTableFirst ? [table, matrix] : [matrix, table];
      new ParamAndGradBuffer(device, both);
      new ParamAndGradBuffer(device, [table]);
      if (rank === 0) setRows(table, [5], rank);
      else setDense(matrix, rank);
      return [table, matrix];
    });
    for (const [table, matrix] of all) {
      assertEquals([...table!.rowGradient!.ids as number[]], [5]);
      assertEquals((await gradOf(table!))![64 * 5], 1);
      assertEquals(await gradOf(matrix!), [10, 11, 12, 13]);
    }
  }
});

Deno.test("allReduceGradients() keeps gradients of rows sparse unless a process has a dense one", async () => {
  const table = () => makeParameter([ROWS, 64], true);
  const sparse = await sumOver(3, (rank) => {
    const parameter = table();
    if (rank < 2) setRows(parameter, rank === 0 ? [9, 3] : [3, 7], rank);
    return [parameter];
  });
  for (const [parameter] of sparse) {
    assertEquals([...parameter!.rowGradient!.ids as number[]], [3, 7, 9]);
    assert(!parameter!.flatBuffer.hasGradStorage);
    const gradient = await gradOf(parameter!);
    const rows = [3, 7, 9, 0].map((row) => gradient![64 * row + 63]);
    assertEquals(rows, [3, 2, 1, 0]);
  }
  const mixed = await sumOver(2, (rank) => {
    const parameter = table();
    if (rank === 0) setRows(parameter, [3], rank);
    else setDense(parameter, rank);
    return [parameter];
  });
  const expected = values(64 * ROWS, 1).map((value, i) =>
    Math.floor(i / 64) === 3 ? value + 1 : value
  );
  for (const [parameter] of mixed) {
    assertEquals(await gradOf(parameter!), [...expected]);
  }
});

Deno.test("allReduceGradients() sums buffers of several pieces and of several shards", async () => {
  const [{ device: small } = { device }] = await smallBindings(2 ** 16);
  for (
    const [own, shape, isTable] of [
      [device, [4, 2 ** 20 + 16], false],
      [small, [ROWS, 64], true],
    ] as [Device, number[], boolean][]
  ) {
    const all = await sumOver(2, (rank) => {
      const parameter = makeParameter(shape, isTable, own);
      setDense(parameter, rank);
      return [parameter];
    });
    for (const [parameter] of all) {
      const sums = await parameter!.grad!.toArray();
      assert(sums.every((sum, i) => sum === 2 * (i % 7) + 10));
      parameter!.dispose();
    }
  }
  small.destroy();
});

Deno.test("allReduceGradients() reads the scalars that wait, too", async () => {
  const later = device.readLater(fromArray(device, [7], [1]));
  await sumOver(2, (rank) => {
    const parameter = makeParameter([3]);
    setDense(parameter, rank);
    return [parameter];
  });
  assertEquals(await later, 7);
});

Deno.test("allReduceGradients() reads the first gradients before the last ones are computed", async () => {
  const [communicator] = localCommunicators(1);
  const two: Communicator = { ...communicator!, size: 2 };
  const parameter = makeParameter([2, 2 ** 20]); // two pieces
  const { tensor } = parameter.gradSlot();
  const ones = fromArray(device, new Float32Array(2 ** 20).fill(1), [2 ** 20]);
  const copyInto = (row: number) => device.copy(ones, rowsFrom(tensor, row, 1));
  await tensor.toArray();
  copyInto(1);
  copyInto(0);
  parameter.grad = tensor;
  const events: string[] = [];
  const log = (name: string) => () => void events.push(name);
  const encoder = GPUCommandEncoder.prototype;
  using _copies = observe(encoder, "copyBufferToBuffer", log("copy"));
  using _submits = observe(GPUQueue.prototype, "submit", log("submit"));
  using _maps = observe(GPUBuffer.prototype, "mapAsync", log("map"));
  await allReduceGradients(two, [parameter]);
  const half = ["copy", "copy", "submit", "map"]; // into the gradient, and out of it
  assertEquals(events, [...half, ...half]);
});

Deno.test("allReduceGradients() makes no staging buffers where steps repeat", async () => {
  const parameter = makeParameter([2 ** 8]);
  const [communicator] = localCommunicators(1);
  const two: Communicator = { ...communicator!, size: 2 };
  const made: number[] = [];
  for (let i = 0; i < 3; i++) {
    let count = 0;
    using _made = observe(
      GPUDevice.prototype,
      "createBuffer",
      (made: GPUBufferDescriptor) => {
        count += Number(made.label === "read");
      },
    );
    setDense(parameter, i);
    await allReduceGradients(two, [parameter]);
    made.push(count);
  }
  assertEquals(made, [1, 0, 0]);
});

Deno.test("allReduceGradients() of a single process reads nothing", async () => {
  const parameter = makeParameter([3]);
  setDense(parameter, 1);
  const { waits } = device.counters;
  await allReduceGradients(new SingleProcess(), [parameter]);
  assertEquals(device.counters.waits, waits);
  assertEquals(await gradOf(parameter), [10, 11, 12]);
});

Deno.test("allReduceGradients() throws the error of the device that the read of the scalars finds", async () => {
  using own = await requestDevice();
  const table = makeParameter([ROWS, 64], true, own);
  setRows(table, [3], 0);
  const broken = new Kernel(
    "broken",
    "@compute @workgroup_size(1) fn main() { oops(); }",
  );
  await assertRejects(() => own.compile([broken]), Error, "oops");
  const [communicator] = localCommunicators(1);
  await assertRejects(
    () => allReduceGradients({ ...communicator!, size: 2 }, [table]),
    Error,
    "oops",
  );
});

Deno.test("allReduceGradients() throws the error of the device once, whatever was being read", async () => {
  const own = await requestDevice();
  const parameters = [[2, 3], [5], [4]].map((shape) =>
    makeParameter(shape, false, own)
  );
  for (const parameter of parameters) setDense(parameter, 0);
  const [communicator] = localCommunicators(1);
  let calls = 0;
  const failing: Communicator = {
    ...communicator!,
    size: 2,
    allReduceSum: () => {
      if (++calls === 1) own.destroy();
      return Promise.resolve();
    },
  };
  await assertRejects(
    () => allReduceGradients(failing, parameters),
    DeviceLostError,
  );
  await new Promise((resolve) => setTimeout(resolve)); // unhandled rejections end the test
  assertEquals(calls, 1);
});
