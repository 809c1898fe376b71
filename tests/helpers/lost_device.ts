import { overriding } from "./overriding.ts";

/** A device of a process, counted from 1, that is lost. */
export interface LostDevice {
  /** Number of the device. */
  readonly device: number;
  /** Number of the submit, from 1, at which it is lost. */
  readonly submit: number;
}

/** Makes devices of this process get lost, as far as a script can tell. */
export function loseDevices(losses: readonly LostDevice[]): void {
  let devices = 0;
  const { gpu } = navigator;
  const requestAdapter = async (options?: GPURequestAdapterOptions) => {
    const adapter = (await gpu.requestAdapter(options))!;
    return overriding(adapter, {
      async requestDevice(descriptor?: GPUDeviceDescriptor) {
        const device = await adapter.requestDevice(descriptor);
        devices++;
        const loss = losses.find(({ device }) => device === devices);
        return loss ? losable(device, loss.submit) : device;
      },
    });
  };
  Object.defineProperty(navigator, "gpu", {
    value: overriding(gpu, { requestAdapter }),
  });
}

/** A device that is lost at the n-th submit: nothing that follows is run. */
function losable(device: GPUDevice, nth: number): GPUDevice {
  const { promise: lost, resolve } = Promise.withResolvers<GPUDeviceLostInfo>();
  let submits = 0;
  const queue = overriding(device.queue, {
    submit(commands: GPUCommandBuffer[]) {
      submits++;
      if (submits < nth) device.queue.submit(commands);
      if (submits !== nth) return;
      resolve(
        { message: "Xid 79", reason: "unknown" as string } as GPUDeviceLostInfo,
      );
    },
  });
  return overriding(device, { lost, queue });
}

/** Flags of `deno run` that make the process lose devices. */
export function lostDeviceFlags(losses: readonly LostDevice[]): string[] {
  const url = new URL(import.meta.url);
  url.searchParams.set("losses", JSON.stringify(losses));
  return [`--preload=${url}`];
}

const losses = new URL(import.meta.url).searchParams.get("losses");
if (losses !== null) loseDevices(JSON.parse(losses));
