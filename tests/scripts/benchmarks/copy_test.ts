import { assert, assertEquals, assertRejects } from "@std/assert";
import { type BufferBinding, requestDevice } from "../../../mod.ts";
import { copyGBs } from "../../../scripts/benchmarks/copy.ts";

Deno.test("copyGBs() copies buffers of the given size", async () => {
  using device = await requestDevice();
  const bytes: number[] = [];
  const { profile } = device;
  device.profile = async (...args: Parameters<typeof profile>) => {
    const runs = await profile.apply(device, args);
    bytes.push(...runs.map(({ bytes }) => bytes));
    return runs.map((run) => ({ ...run, ms: 2 }));
  };
  // 2 x 4 MiB in 2 ms.
  assertEquals(await copyGBs(device, 2 ** 22), 2 ** 23 / 2 / 1e6);
  assert(bytes.length > 1 && bytes.every((bytes) => bytes === 2 ** 23));
});

Deno.test("copyGBs() fails if one element differs", async () => {
  using device = await requestDevice();
  const { dispatch, profile } = device;
  let target: BufferBinding | undefined;
  device.dispatch = (...args: Parameters<typeof dispatch>) => {
    target = args[1].at(-1);
    dispatch.apply(device, args);
  };
  device.profile = async (...args: Parameters<typeof profile>) => {
    const runs = await profile.apply(device, args);
    const { storage, byteOffset } = target!;
    device.upload(
      { storage, byteOffset: byteOffset + 40, byteLength: 4 },
      Float32Array.of(0.5),
    );
    return runs;
  };
  await assertRejects(
    () => copyGBs(device, 4096),
    Error,
    'The kernel "copy" copied 0.5 instead of 10: the driver of',
  );
});

Deno.test("copyGBs() fails if nothing was copied", async () => {
  using device = await requestDevice();
  device.profile = () => Promise.resolve([]);
  await assertRejects(() => copyGBs(device, 4096), Error, 'kernel "copy"');
});
