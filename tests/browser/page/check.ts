/**
 * A check, and what all of them need.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { type BrowserContext, type Driver, openBrowser } from "./driver.ts";

/** Place of a check. */
export interface Place {
  /** Address of the page. */
  readonly origin: string;
  /** Folder of the browser's profile. */
  readonly profile: string;
  /** Folder for pictures and files. */
  readonly out: string;
}

/** A check: returns what it measured. */
export type Check = (place: Place) => Promise<string[]>;

/** Opens a browser, and closes it in the end. */
export async function withBrowser<T>(
  { profile }: Place,
  use: (browser: BrowserContext) => Promise<T>,
  hasWebGpu = true,
): Promise<T> {
  const browser = await openBrowser({ profile, hasWebGpu });
  try {
    return await use(browser);
  } finally {
    await browser.close();
  }
}

/** Neither errors, nor violations of the policy, nor requests to others. */
export function assertClean({ faults, requests }: Driver): void {
  assertEquals(faults, []);
  assertEquals(requests, []);
}
