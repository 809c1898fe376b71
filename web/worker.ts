/**
 * Entry point of the worker.
 *
 * @module
 */
/// <reference lib="dom" />
import type { Reply, Request } from "./messages.ts";
import { Session } from "./worker/session.ts";

const session = new Session((reply: Reply) => self.postMessage(reply));
self.onmessage = ({ data }: MessageEvent<Request>) => session.handle(data);
await session.open();
