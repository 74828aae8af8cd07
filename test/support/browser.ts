/**
 * A real Chromium for tests of pages: the binary comes in an npm package (for x64 Linux), so nothing has to be installed.
 * Where it cannot start, tests say why and are skipped.
 */
import chromium from "@sparticuz/chromium";
import axe from "axe-core";
import { chromium as driver, type Browser, type Page } from "playwright-core";

export type Opened =
  | { readonly kind: "open"; readonly browser: Browser }
  | { readonly kind: "away"; readonly reason: string };

const START_MS = 15_000;

export async function openBrowser(): Promise<Opened> {
  try {
    const executablePath = await chromium.executablePath();
    // Not the package's own arguments: they turn off the same-origin policy, which is among what is tested. A container
    // has no user namespaces for the sandbox.
    const browser = await driver.launch({ executablePath, args: ["--no-sandbox"], timeout: START_MS });
    return { kind: "open", browser };
  } catch (error) {
    const [reason = ""] = String(error).split("\n");
    return { kind: "away", reason };
  }
}

/** What axe-core finds on a page: WCAG 2.2 A and AA, and best practice; one line for each place. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const tags = JSON.stringify(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]);
  const { violations } = await page.evaluate<axe.AxeResults>(`axe.run(document, { runOnly: ${tags} })`);
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`));
}

/** Whether the page as a whole has to be scrolled sideways. */
export function isTooWide(page: Page): Promise<boolean> {
  return page.evaluate<boolean>("document.documentElement.scrollWidth > document.documentElement.clientWidth");
}
