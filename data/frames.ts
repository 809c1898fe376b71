/**
 * The subjects of the generated sentences: types of events, each with the
 * details of its facts and the templates of its sentences.
 *
 * @module
 */
import type { Frame } from "./frame.ts";
import { BUSINESS } from "./frames_business.ts";
import { PUBLIC_LIFE } from "./frames_public_life.ts";

/** All types of events. */
export const FRAMES: readonly Frame[] = [...BUSINESS, ...PUBLIC_LIFE];
