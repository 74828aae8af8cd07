/** A newcomer's first minutes, by the tour: from a fresh start to a change that was asked about, made, told and taken back. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openBrowser, violations, type Opened } from "../support/browser.ts";
import { oids } from "../support/estate.ts";
import { startPlatform, type TestPlatform } from "../support/platform.ts";

const opened: Opened = await openBrowser();
const why = opened.kind === "away" ? `: skipped, no Chromium starts here: ${opened.reason}` : "";

describe.skipIf(opened.kind === "away")(`a newcomer follows the tour${why}`, { timeout: 60_000 }, () => {
  let browser: Browser;
  let platform: TestPlatform;
  let base: string;
  let page: Page;
  const complaints: string[] = [];

  beforeAll(async () => {
    if (opened.kind === "open") ({ browser } = opened);
    // As a fresh start has it: everything in audit.
    platform = await startPlatform({ scenario: "contoso", clock: "manual", config: {} });
    base = `http://localhost:${platform.portBase + 1}`;
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    context.on("console", (message) => {
      if (message.type() === "error") complaints.push(message.text());
    });
    context.on("weberror", (error) => complaints.push(String(error.error())));
    context.on("request", (request) => {
      const { protocol, hostname } = new URL(request.url());
      if (protocol !== "data:" && !["localhost", "127.0.0.1"].includes(hostname)) complaints.push(request.url());
    });
    context.setDefaultTimeout(10_000);
    page = await context.newPage();
    await platform.clock({ advance: "PT1M" });
    await platform.settle();
  }, 90_000);

  afterAll(async () => {
    await browser?.close();
    await platform?.stop();
  });

  let tour = "";

  const follow = (name: string): Promise<void> => page.getByRole("link", { name, exact: true }).click();
  const current = (): Promise<string> => page.innerText('[aria-current="step"] h2');
  /** The tour as it is now, without waiting for it to follow by itself. */
  async function back(): Promise<void> {
    await platform.settle();
    await page.goto(tour);
  }

  it("finds the way to the tour from the first page", async () => {
    await page.goto(`${base}/api/console`);
    await page.click(`button[value="${oids.admin}"]`);
    await page.waitForURL(`${base}/api/console`);
    expect(await page.innerText("h1")).toContain("Steelyard would change");
    await follow("See it happen once");
    await page.click("a.btn.go");
    tour = page.url();
    expect(await current()).toContain("Let NET-01 ask");
    expect(await violations(page)).toEqual([]);
  });

  it("raises the standard behind its plan", async () => {
    await follow("Raise NET-01");
    for (const environment of ["prod", "test", "dev"]) await page.selectOption(`#mode-${environment}`, "approve");
    await page.getByRole("button", { name: "Show what it would do" }).click();
    expect(await violations(page)).toEqual([]);
    await page.fill("textarea[name=reason]", "we have looked long enough");
    await page.click("main form[method=post] button.btn.go");
    await back();
    expect(await current()).toContain("Open a private account");
  });

  it("breaks it with the command that stands there, and sees it found", async () => {
    const command = await page.innerText(".cmd");
    const { stdout } = await promisify(execFile)("sh", ["-c", command]);
    expect(JSON.parse(stdout)).toMatchObject({ properties: { publicNetworkAccess: "Enabled" } });
    await back();
    expect(await current()).toContain("Agree");
    expect(await page.innerText(".tour")).toContain("It was opened, and found");
  });

  it("agrees, and sees it put right and in the ledger", async () => {
    await follow("Read the question");
    expect(await violations(page)).toEqual([]);
    await page.click("main a.btn.go");
    await page.click("main form[method=post] button.btn.go");
    await back();
    expect(await current()).toContain("Take it back");
    expect(await access()).toBe("Disabled");
    await follow("Read the ledger");
    const told = await page.innerText("main");
    expect(told).toContain("publicNetworkAccess");
    expect(told).toContain("NET-01");
    expect(await violations(page)).toEqual([]);
  });

  it("takes it back, and is told until when", async () => {
    await back();
    await follow("Take it back");
    await page.fill("textarea[name=reason]", "a partner's test runs until tonight");
    await page.click("main form[method=post] button.btn.go");
    await back();
    expect(await page.innerText("h1")).toBe("That was the whole way round");
    expect(await access()).toBe("Enabled");
    expect(await violations(page)).toEqual([]);
  });

  it("saw no error and nothing that left the machine", () => {
    expect(complaints).toEqual([]);
  });

  async function access(): Promise<unknown> {
    const account = new URL(tour).searchParams.get("account") ?? "";
    const { body } = await platform.control("GET", "arm/state");
    return (body as Record<string, { properties: Record<string, unknown> }>)[account]?.properties[
      "publicNetworkAccess"
    ];
  }
});
