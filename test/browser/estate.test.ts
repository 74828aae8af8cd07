/** The estate as people look through it, in a real browser, against the whole product. */
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isTooWide, openBrowser, violations, type Opened } from "../support/browser.ts";
import { isFull } from "../support/extent.ts";
import { corpAccounts, oids, open } from "../support/estate.ts";
import { startPlatform, type TestPlatform } from "../support/platform.ts";

const opened: Opened = await openBrowser();

const why = opened.kind === "away" ? `: skipped, no Chromium starts here: ${opened.reason}` : "";

describe.skipIf(opened.kind === "away")(`the estate, in a browser${why}`, () => {
  let browser: Browser;
  let platform: TestPlatform;
  let base: string;
  const accounts: string[] = [];
  const complaints: string[] = [];
  const nameOf = (account: string): string => account.split("/").at(-1)!;

  beforeAll(async () => {
    if (opened.kind === "open") ({ browser } = opened);
    const config = { standards: [{ id: "NET-01", mode: "approve" }] };
    platform = await startPlatform({ scenario: "small", clock: "manual", config });
    base = `http://localhost:${platform.portBase + 1}`;
    const closed = [...(await corpAccounts(platform)).values()].filter(
      ({ properties }) => properties["publicNetworkAccess"] === "Disabled",
    );
    accounts.push(...closed.slice(0, 3).map(({ id }) => id));
    for (const account of accounts) await open(platform, account);
    await platform.settle();
  });
  afterAll(async () => {
    await browser?.close();
    await platform?.stop();
  });

  async function visit(options: Parameters<Browser["newContext"]>[0], path: string): Promise<[BrowserContext, Page]> {
    const context = await browser.newContext(options);
    context.on("console", (message) => {
      if (message.type() === "error" && !/status of [45]\d\d/.test(message.text())) complaints.push(message.text());
    });
    const page = await context.newPage();
    await page.goto(base + path);
    await page.click(`button[value="${oids.approver}"]`);
    await page.waitForURL(base + path);
    return [context, page];
  }

  it("counts the same in its sentence, its chips, the head of the column and the cells", async () => {
    const [context, page] = await visit({}, "/api/console/estate");
    expect(await page.innerText("h1")).toMatch(/^3 accounts and \d+ deployments in \d regions?/);
    expect(await page.innerText(".lead p")).toBe("3 accounts: 3 wait for people.");
    expect(await page.innerText('.pick[href*="state=waits"]')).toBe("3 wait");
    expect(await page.innerText(".mx thead .st >> nth=0")).toMatch(/NET-01[^]*3 wait/);
    expect(await page.locator(".mx .dv").count()).toBe(3);
    await context.close();
  });

  it("leads by keyboard alone from a row to what is told of it, and back to the row", async () => {
    const [context, page] = await visit({}, "/api/console/estate");
    const name = nameOf(accounts[1]!);
    await page.focus(`.mx a:has-text("${name}")`);
    await page.keyboard.press("Enter");
    await page.waitForSelector(".drawer");
    expect(await page.innerText(".drawer h2")).toContain(name);
    expect(await page.innerText(".drawer .fd")).toMatch(/publicNetworkAccess\s+Disabled\s+Enabled[^]*NET-01/);
    await page.keyboard.press("Tab");
    expect(await page.evaluate<boolean>("document.querySelector('.drawer').contains(document.activeElement)")).toBe(
      true,
    );
    await page.keyboard.press("Escape");
    await page.waitForSelector(".drawer", { state: "detached" });
    expect(await page.evaluate("document.querySelector(location.hash).textContent")).toBe(name);
    await context.close();
  });

  it("says what approval would write, and where, on the resource's own page without a script", async () => {
    const path = `/api/console/resources${accounts[0]!.toLowerCase()}`;
    const [context, page] = await visit({ javaScriptEnabled: false }, path);
    expect(await page.innerText("h1")).toContain(nameOf(accounts[0]!));
    await page.click("main a:has-text('Show what it would do')");
    expect(await page.innerText(".diff")).toMatch(/publicNetworkAccess: "Disabled"/);
    await context.close();
  });

  it("narrows by links and by its form, without a script", async () => {
    const [context, page] = await visit({ javaScriptEnabled: false }, "/api/console/estate");
    await page.fill("input[type=search]", nameOf(accounts[2]!));
    await page.click("main form button");
    expect(await page.locator(".mx tbody tr").count()).toBe(1);
    await page.click(".pick.on:has-text('With')");
    expect(await page.locator(".mx tbody tr").count()).toBe(3);
    await context.close();
  });

  it.each(isFull ? (["light", "dark"] as const) : (["light"] as const))(
    "breaks no rule of accessibility, wide or narrow, %s",
    { timeout: 60_000 },
    async (colorScheme) => {
      for (const width of isFull ? [1440, 390] : [390]) {
        const [context, page] = await visit({ viewport: { width, height: 900 }, colorScheme }, "/api/console/estate");
        const target = encodeURIComponent(accounts[0]!.toLowerCase());
        for (const path of [
          "/api/console/estate",
          "/api/console/estate?view=deployments",
          `/api/console/estate?at=${target}#drawer`,
          `/api/console/resources${accounts[0]!.toLowerCase()}`,
          "/api/console/findings",
        ]) {
          await page.goto(base + path);
          expect([path, width, await violations(page)]).toEqual([path, width, []]);
          expect([path, width, await isTooWide(page)]).toEqual([path, width, false]);
        }
        await context.close();
      }
    },
  );

  it("answers over the API as the page does, and tells apart what it does not know", async () => {
    const { body } = await platform.api("GET", "estate?state=waits&limit=2");
    expect(body).toMatchObject({ counts: { waits: 3 }, totals: { accounts: 3 }, standards: [{ id: "NET-01" }] });
    const next = await platform.api("GET", `estate?state=waits&limit=2&continuation=${body.continuation}`);
    expect(new Set([...body.value, ...next.body.value].map(({ target }) => target)).size).toBe(3);
    expect(next.body.continuation).toBeNull();
    const one = await platform.api("GET", `targets${accounts[0]!}`);
    expect(one.body).toMatchObject({
      presence: "there",
      state: "waits",
      fields: [{ path: "properties.publicNetworkAccess", shouldBe: "Disabled", is: "Enabled", state: "waits" }],
    });
    expect((await platform.api("GET", `targets${accounts[0]!}-of-nobody`)).status).toBe(404);
    expect((await platform.api("GET", "targets/subscriptions/none")).status).toBe(400);
    expect((await platform.api("GET", "estate?colour=red")).status).toBe(400);
  });

  it("gave the browser nothing to complain about", () => {
    expect(complaints).toEqual([]);
  });
});
