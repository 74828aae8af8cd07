/** An audit's page as people open it: from a file, with nothing else there. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AuditReport } from "../../shared/audit/audited.ts";
import { pageOf } from "../../shared/audit/page.ts";
import { countsOf, verdicts as kinds, type Verdict } from "../../shared/audit/verdict.ts";
import { isTooWide, openBrowser, violations, type Opened } from "../support/browser.ts";

const opened: Opened = await openBrowser();
const why = opened.kind === "away" ? `: skipped, no Chromium starts here: ${opened.reason}` : "";
const group = "/subscriptions/5b000000-0000-4000-8000-000000000001/resourceGroups/rg-with-a-rather-long-name";

const remedy = {
  kind: "patch",
  safety: "R",
  description: null,
  target: "/a",
  changes: [{ path: "properties.publicNetworkAccess", before: "Enabled", after: "Disabled" }],
  unmet: "The account has no approved private endpoint: closing public access would cut off everybody.",
} as const;

const all = Array.from({ length: 40 }, (_, at): Verdict => {
  const verdict = kinds[at % kinds.length] ?? "pass";
  return {
    resource: `${group}/providers/Microsoft.CognitiveServices/accounts/oai-${at}`,
    standard: "NET-01",
    verdict,
    effect: "audit",
    reason: 'A "><img src=x onerror=alert(1)> sentence that is as long as reasons are.',
    paths: [],
    remedy: verdict === "fail" ? remedy : null,
  };
});

const report: AuditReport = {
  subscription: "5b000000-0000-4000-8000-000000000001",
  name: "contoso-ai-corp-prod",
  at: "2026-11-21T08:00:00.000Z",
  accounts: 40,
  unreadable: [{ id: `${group}/accounts/away`, reason: "AuthorizationFailed: no" }],
  standards: [
    { id: "NET-01", title: "Accounts are not reachable from the internet", severity: "high", counts: countsOf(all) },
  ],
  counts: countsOf(all),
  verdicts: all,
};

describe.skipIf(opened.kind === "away")(`the page of an audit, in a browser${why}`, () => {
  const folder = mkdtempSync(join(tmpdir(), "steelyard-page-"));
  const complaints: string[] = [];
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    if (opened.kind === "open") ({ browser } = opened);
    const file = join(folder, "audit.html");
    writeFileSync(file, pageOf(report));
    page = await browser.newPage();
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("request", (request) => {
      if (!/^(file|data):/.test(request.url())) complaints.push(request.url());
    });
    await page.goto(pathToFileURL(file).href);
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true });
  });

  it.each(["light", "dark"] as const)("reads well to everybody in %s", async (colorScheme) => {
    await page.emulateMedia({ colorScheme });
    expect(await violations(page)).toEqual([]);
  });

  it("shows what needs somebody first, and the rest when asked, without a script", async () => {
    const shown = (): Promise<string[]> => page.locator("tr.v:visible td:nth-child(3)").allInnerTexts();
    const kindsOf = (words: string[]): string[] => [...new Set(words)].sort();
    expect(kindsOf(await shown())).toEqual(["fails", "unknown"]);
    await page.getByLabel("What fails", { exact: true }).check();
    expect(kindsOf(await shown())).toEqual(["fails"]);
    await page.getByLabel("Everything").check();
    expect(await shown()).toHaveLength(40);
    expect(await page.locator("script, img, link").count()).toBe(0);
  });

  it("fits a telephone, and asks nothing of anybody", async () => {
    await page.setViewportSize({ width: 390, height: 800 });
    expect(await isTooWide(page)).toBe(false);
    expect(complaints).toEqual([]);
  });
});
