/**
 * Accessibility of the page, by axe-core.
 *
 * @module
 */
import type { Page } from "npm:playwright-core@1.56.1";

interface Violation {
  readonly id: string;
  readonly impact: string | null;
  readonly nodes: readonly { readonly html: string }[];
}

/**
 * Looks for faults.
 *
 * @param page The page.
 * @returns Those that are serious or critical, with the first element of each.
 */
export async function seriousFaults(page: Page): Promise<string[]> {
  const { default: axe } = await import("npm:axe-core@4.10.3");
  await page.evaluate(axe.source);
  const violations = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(): Promise<{ violations: Violation[] }> };
    };
    return (await axe.run()).violations.map(({ id, impact, nodes }) => ({
      id,
      impact,
      nodes: nodes.map(({ html }) => ({ html })),
    }));
  });
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.length} × ${nodes[0]!.html}`);
}
