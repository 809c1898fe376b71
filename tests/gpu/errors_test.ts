import {
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import {
  DeviceLostError,
  fromArray,
  Kernel,
  OutOfMemoryError,
  requestDevice,
  Tensor,
} from "../../mod.ts";
import { DeviceErrors } from "../../lib/gpu/device_errors.ts";
import { mapError, toError } from "../../lib/gpu/errors.ts";
import { device } from "../helpers/device.ts";
import { scale } from "./scale_kernel.ts";

/** The message of the error that a read of the tensor throws. */
async function failureOf(tensor: Tensor): Promise<string> {
  const error = await assertRejects(() => tensor.toArray(), Error);
  return error.message;
}

const UNKNOWN_NAME = new Kernel(
  "unknown_name",
  `// A kernel that does not compile.
@group(0) @binding(0) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(1)
fn main() {
  y[0] = missing;
}
`,
);

const WRITES_TO_READ_ONLY = new Kernel(
  "writes_to_read_only",
  `
@group(0) @binding(0) var<storage, read> x: array<f32>;

@compute @workgroup_size(1)
fn main() {
  x[0] = 1.0;
}
`,
);

Deno.test("a shader that does not compile is reported at the next read, with label and line", async () => {
  using _scope = device.scope();
  const y = fromArray(device, [7], [1]);
  device.dispatch(UNKNOWN_NAME, [y], {}, 1);
  const message = await failureOf(y);
  assertStringIncludes(message, "Cannot run on the GPU: ");
  assertStringIncludes(message, "unknown_name");
  assertStringIncludes(message, ":6:");
  assertStringIncludes(message, "y[0] = missing;");
});

Deno.test("a shader that writes to a read-only buffer is reported with its label", async () => {
  using _scope = device.scope();
  const x = fromArray(device, [7], [1]);
  device.dispatch(WRITES_TO_READ_ONLY, [x], {}, 1);
  assertStringIncludes(await failureOf(x), "writes_to_read_only");
});

Deno.test("Device.dispatch() rejects bindings that WebGPU would reject", () => {
  using _scope = device.scope();
  const x = fromArray(device, [1, 2, 3, 4], [4]);
  const y = new Tensor(device, [1]);
  const unaligned = { storage: x.storage, byteOffset: 4, byteLength: 4 };
  assertThrows(
    () => scale(device, unaligned, y, 2),
    RangeError,
    'Cannot dispatch "scale": binding 0 begins at byte 4, which is not a multiple of ',
  );
  assertThrows(
    () => scale(device, y, y, 2),
    RangeError,
    'Cannot dispatch "scale": bindings 0 and 1 read and write the same buffer',
  );
});

Deno.test("an error is reported once, and the device stays usable", async () => {
  using _scope = device.scope();
  const y = fromArray(device, [7], [1]);
  device.dispatch(UNKNOWN_NAME, [y], {}, 1);
  await failureOf(y);
  const z = new Tensor(device, [1]);
  scale(device, y, z, 3);
  assertEquals(await z.item(), 21);
});

Deno.test("the first of several errors is reported", async () => {
  using own = await requestDevice(); // has compiled neither kernel yet
  using _scope = own.scope();
  const y = fromArray(own, [7], [1]);
  own.dispatch(UNKNOWN_NAME, [y], {}, 1);
  own.dispatch(WRITES_TO_READ_ONLY, [y], {}, 1);
  assertStringIncludes(await failureOf(y), "unknown_name");
});

Deno.test("an error that follows from one that was thrown is not thrown", () => {
  const gpu = Object.assign(new EventTarget(), {
    lost: new Promise<GPUDeviceLostInfo>(() => {}),
  });
  const errors = new DeviceErrors(gpu as unknown as GPUDevice);
  const report = (message: string) =>
    gpu.dispatchEvent(
      Object.assign(new Event("uncapturederror"), { error: { message } }),
    );
  const consequence =
    "[Invalid CommandBuffer] is invalid due to a previous error.";
  report(consequence); // of an error that something else caught
  assertThrows(() => errors.throwFirst(), Error, consequence);
  report("buffer is too small");
  assertThrows(() => errors.throwFirst(), Error, "buffer is too small");
  report(consequence);
  errors.throwFirst();
  assertEquals(errors.count, 3); // commands may not have run
});

Deno.test("toError() distinguishes out-of-memory errors from others", () => {
  const memory = toError(new GPUOutOfMemoryError("no room"));
  assertInstanceOf(memory, OutOfMemoryError);
  assertEquals(
    memory.message,
    "Cannot allocate on the GPU: no room; use a smaller batch or shorter sequences",
  );
  assertEquals(
    toError(new GPUOutOfMemoryError("")).message,
    "Cannot allocate on the GPU: out of memory; use a smaller batch or shorter sequences",
  );
  const other = toError(new GPUValidationError("wrong"));
  assertEquals(other.message, "Cannot run on the GPU: wrong");
});

Deno.test("errors have their name and cause", () => {
  const cause = new Error("driver");
  for (const Class of [OutOfMemoryError, DeviceLostError]) {
    const error = new Class("gone", { cause });
    assertEquals([error.name, error.message, error.cause], [
      Class.name,
      "gone",
      cause,
    ]);
  }
});

Deno.test("a failed mapAsync is reported as the error behind it, which arrives later", async () => {
  // A staging buffer that could not be allocated: mapAsync rejects first.
  let uncaptured: Error | undefined;
  const outOfMemory = new OutOfMemoryError("Cannot allocate on the GPU");
  setTimeout(() => uncaptured = outOfMemory, 0);
  const cause = new Error("validation error occurred");
  assertEquals(await mapError(cause, () => uncaptured), outOfMemory);

  const other = await mapError(cause, () => undefined);
  assertInstanceOf(other, DeviceLostError);
  assertEquals(
    other.message,
    "Cannot read from the GPU: validation error occurred; restart the run, with a smaller batch if memory ran out",
  );
  assertEquals(other.cause, cause);
});
