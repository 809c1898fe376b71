/**
 * What the generated sentences are about: kinds of events, each with the
 * details that a fact of it has and the sentences that tell it.
 *
 * @module
 */
import type { Frame } from "./frame.ts";
import { BUSINESS } from "./frames_business.ts";
import { PUBLIC_LIFE } from "./frames_public_life.ts";

/** The kinds of events. */
export const FRAMES: readonly Frame[] = [...BUSINESS, ...PUBLIC_LIFE];
