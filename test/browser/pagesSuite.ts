/** What holds of every page of the console, whoever looks and however: on the browser and the product of the file that calls it. */
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, expect, it } from "vitest";
import { isTooWide, violations } from "../support/browser.ts";
import { oids } from "../support/estate.ts";

export interface Bench {
  readonly browser: Browser;
  readonly base: string;
}

/** Those that no other file looks at. */
const pages = [
  "/api/console",
  "/api/console/approvals",
  "/api/console/access",
  "/api/console/capacity",
  "/api/console/tour",
];

export function pagesSuite(bench: () => Bench): void {
  const opened: BrowserContext[] = [];
  const said: string[] = [];
  let shared: Page | undefined;
  afterAll(() => Promise.all(opened.map((context) => context.close())));

  async function open(options: Parameters<Browser["newContext"]>[0] = {}, oid: string = oids.approver): Promise<Page> {
    const { browser, base } = bench();
    const context = await browser.newContext(options);
    opened.push(context);
    context.on("console", (message) => {
      if (message.type() === "error" && !/status of [45]\d\d|ERR_FAILED/.test(message.text()))
        said.push(message.text());
    });
    context.on("weberror", (error) => said.push(String(error.error())));
    context.on("request", (request) => {
      if (!/^(http:\/\/localhost:|data:)/.test(request.url())) said.push(`asked ${request.url()}`);
    });
    const page = await context.newPage();
    await page.goto(`${base}/api/console`);
    await page.click(`button[value="${oid}"]`);
    await page.waitForURL(`${base}/api/console`);
    return page;
  }

  it.each(pages)(
    "has no barrier on %s in either theme, wide or narrow, and need not be scrolled sideways",
    async (path) => {
      // A colour on its way to another one is neither.
      shared ??= await open({ reducedMotion: "reduce" });
      await shared.goto(bench().base + path);
      for (const colorScheme of ["light", "dark"] as const)
        for (const width of [1440, 390]) {
          await shared.emulateMedia({ colorScheme });
          await shared.setViewportSize({ width, height: 900 });
          expect([colorScheme, width, await violations(shared)]).toEqual([colorScheme, width, []]);
          expect([width, await isTooWide(shared)]).toEqual([width, false]);
        }
    },
  );

  it("holds its width from 320 to 1920 px, with text at 200 % and in forced colours", async () => {
    const page = await open({ forcedColors: "active" });
    for (const width of [320, 821, 1000, 1181, 1321, 1920]) {
      await page.setViewportSize({ width, height: 900 });
      expect([width, await isTooWide(page)]).toEqual([width, false]);
    }
    expect(await violations(page)).toEqual([]);
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.evaluate("document.documentElement.style.fontSize = '200%'");
    expect(await isTooWide(page)).toBe(false);
  });

  it("keeps the theme that was chosen, in the first answer of the next page", async () => {
    const page = await open({ colorScheme: "light" });
    const ground = (): Promise<string> => page.evaluate<string>("getComputedStyle(document.body).backgroundColor");
    expect(await ground()).toBe("rgb(247, 246, 243)");
    await page.click("#themes [value=dark]");
    expect(await ground()).toBe("rgb(18, 17, 15)");
    const answer = await page.goto(`${bench().base}/api/console/access`);
    expect(await answer?.text()).toContain('data-theme="dark"');
    expect(await ground()).toBe("rgb(18, 17, 15)");
    expect(await page.getAttribute("#themes [value=dark]", "aria-pressed")).toBe("true");
  });

  it("reads as a document without a script: menus open, the theme is kept, filters are sent", async () => {
    const page = await open({ javaScriptEnabled: false });
    expect(await page.locator(".bottom .keys").isVisible()).toBe(false);
    await page.click("nav summary");
    expect(await page.locator("nav .menu a:has-text('Findings')").isVisible()).toBe(true);
    await page.click("#themes [value=dark]");
    await page.waitForURL(`${bench().base}/api/console`);
    expect(await page.getAttribute("html", "data-theme")).toBe("dark");
    await page.goto(`${bench().base}/api/console/estate`);
    expect(await page.locator(".noscript").first().isVisible()).toBe(true);
  });

  it("goes by keys, lists them, and leaves them alone where a person asks for that or types", async () => {
    const page = await open();
    await page.keyboard.press("g");
    await page.keyboard.press("l");
    await page.waitForURL(`${bench().base}/api/console/ledger`);
    await page.keyboard.press("?");
    expect(await page.locator("dialog").innerText()).toContain("go to Estate");
    expect(await violations(page)).toEqual([]);
    await page.check("#keys-off");
    await page.keyboard.press("Escape");
    await page.keyboard.press("g");
    await page.keyboard.press("o");
    await page.keyboard.press("?");
    expect(await page.locator("dialog").isVisible()).toBe(false);
    expect(page.url()).toBe(`${bench().base}/api/console/ledger`);
    await page.click("#allkeys");
    await page.uncheck("#keys-off");
    await page.keyboard.press("Escape");
    await page.keyboard.press("/");
    await page.waitForFunction("document.activeElement.type === 'search'");
    await page.keyboard.type("g?");
    expect(await page.locator("dialog").isVisible()).toBe(false);
  });

  it("leads past the bar to the page, and Escape closes what is open and gives the focus back", async () => {
    const page = await open();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    expect(await page.evaluate("document.activeElement.id")).toBe("main");
    await page.focus("nav summary");
    await page.keyboard.press("Enter");
    expect(await page.locator("nav .menu").isVisible()).toBe(true);
    await page.keyboard.press("Escape");
    expect(await page.locator("nav .menu").isVisible()).toBe(false);
    expect(await page.evaluate("document.activeElement.tagName")).toBe("SUMMARY");
  });

  it("says how old its picture is when nobody answers, and nothing moves without motion", async () => {
    const page = await open({ reducedMotion: "reduce" });
    expect(await page.evaluate("document.getAnimations().length")).toBe(0);
    await page.clock.install();
    await page.goto(`${bench().base}/api/console`);
    await page.route("**/api/console", (route) => route.abort());
    await page.clock.runFor(21_000);
    await page.waitForSelector("#read.late");
    expect(await page.innerText("#read")).toMatch(/\d\d:\d\d:\d\d\s*, \d+ s ago: no answer/);
  });

  it("sends less than 100 kB for a page, its style and its script", async () => {
    const page = await open();
    const sizes: Promise<number>[] = [];
    page.on("requestfinished", (request) =>
      sizes.push(request.sizes().then(({ responseBodySize }) => responseBodySize)),
    );
    await page.context().clearCookies({ name: "steelyard-theme" });
    await page.goto(`${bench().base}/api/console/approvals`, { waitUntil: "networkidle" });
    await page.evaluate(
      "Promise.all([...document.querySelectorAll('link[rel=stylesheet], script[src]')].map((e) => fetch(e.href || e.src, { cache: 'reload' }).then((a) => a.text())))",
    );
    const all = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
    expect(all).toBeGreaterThan(10_000);
    expect(all).toBeLessThan(100_000);
  });

  it("asks nobody but its own host, and complains of nothing", () => {
    expect(said).toEqual([]);
  });
}
