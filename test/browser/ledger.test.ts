/** The ledger, standards, configuration, dead letters and passes as people use them, in a real browser. */
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isTooWide, openBrowser, violations, type Opened } from "../support/browser.ts";
import { accessOf, corpAccounts, decide, ledger, oids, open, proposalsOf } from "../support/estate.ts";
import { isFull } from "../support/extent.ts";
import { startPlatform, type TestPlatform } from "../support/platform.ts";

const opened: Opened = await openBrowser();
const why = opened.kind === "away" ? `: skipped, no Chromium starts here: ${opened.reason}` : "";
const hostile = `a partner's "><img src=x onerror=alert(1)> test`;

describe.skipIf(opened.kind === "away")(`the ledger and what is beside it, in a browser${why}`, () => {
  let browser: Browser;
  let platform: TestPlatform;
  let base: string;
  let page: Page;
  let account: string;
  let name: string;
  const complaints: string[] = [];

  beforeAll(async () => {
    if (opened.kind === "open") ({ browser } = opened);
    const standards = [
      { id: "NET-01", mode: "approve", modes: { prod: "audit" } },
      { id: "ACC-02", mode: "audit" },
    ];
    platform = await startPlatform({ scenario: "small", clock: "manual", config: { standards } });
    base = `http://localhost:${platform.portBase + 1}`;
    const closed = [...(await corpAccounts(platform)).values()].filter(
      ({ id, properties }) => !id.includes("-prod-") && properties["publicNetworkAccess"] === "Disabled",
    );
    account = closed[0]!.id;
    name = account.split("/").at(-1)!;
    await open(platform, account);
    await platform.settle();
    await decide(platform, (await proposalsOf(platform, account))[0]!.id);
    await platform.settle();
    page = await (await newContext()).newPage();
    await signIn(page, oids.admin, "/api/console/ledger");
  });
  afterAll(async () => {
    await browser?.close();
    await platform?.stop();
  });

  async function newContext(options: Parameters<Browser["newContext"]>[0] = {}): Promise<BrowserContext> {
    const made = await browser.newContext(options);
    made.on("console", (message) => {
      if (message.type() === "error" && !/status of [45]\d\d/.test(message.text())) complaints.push(message.text());
    });
    made.on("weberror", (error) => complaints.push(String(error.error())));
    return made;
  }

  async function signIn(on: Page, oid: string, path: string): Promise<void> {
    await on.goto(base + path);
    await on.click(`button[value="${oid}"]`);
    await on.waitForURL(base + path);
  }

  const heading = (): Promise<string> => page.innerText("h1");
  const main = (): Promise<string> => page.innerText("main");
  const chain = async (): Promise<string> => {
    const [first] = await ledger(platform, account);
    return (first as unknown as { pk: string }).pk;
  };

  it("begins with a sentence, and opens a row by the keyboard alone", async () => {
    expect(await accessOf(platform, account)).toBe("Disabled");
    expect(await heading()).toMatch(/^\d+ entries, .*; 1 change to the estate today$/);
    await page.goto(`${base}/api/console/ledger?kind=changes`);
    expect(await page.locator(".led tbody tr").count()).toBe(1);
    expect(await page.innerText(".led tbody tr")).toMatch(/publicNetworkAccess[^]*Enabled[^]*Disabled[^]*NET-01/);
    for (let presses = 0; presses < 60; presses += 1) {
      await page.keyboard.press("Tab");
      if (await page.evaluate("document.activeElement.matches('.led tbody a.plain')")) break;
    }
    await page.keyboard.press("Enter");
    await page.waitForURL(/entry=/);
    expect(await page.innerText(".detail")).toMatch(
      /Before and after[^]*Undo puts 1 field back[^]*as written[^]*holds/,
    );
    // Where the page was led to the row, a target half under the bar is too small for axe.
    await page.evaluate("scrollTo(0, 0)");
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press("Escape");
    await page.waitForURL((url) => !url.search.includes("entry"));
  });

  it("narrows by a chip, and takes it away again", async () => {
    await page.goto(`${base}/api/console/ledger?kind=findings&q=${name}`);
    expect(await page.locator(".led tbody tr").count()).toBe(2);
    await page.click('a.pick:has-text("Kind")');
    expect(await page.locator(".led tbody tr").count()).toBeGreaterThan(2);
    expect(page.url()).toContain(`q=${name}`);
  });

  it("verifies the chain, and says so from then on", async () => {
    await page.goto(`${base}/api/console/ledger/${await chain()}/verify`);
    expect(await heading()).toMatch(/^The chain of .* holds: \d+ entries, unbroken$/);
    await page.goto(`${base}/api/console/ledger`);
    await page.click("text=Verify the chain");
    expect(await heading()).toMatch(/^The ledger holds: \d+ entries, unbroken$/);
    await page.goto(`${base}/api/console/ledger`);
    expect(await heading()).toContain("the chain unbroken");
  });

  it("gives the entries as a file to whoever is signed in, and to nobody else", async () => {
    const answer = await page.request.get(`${base}/api/console/ledger/export?kind=all&q=${name}`);
    const lines = (await answer.text()).trim().split("\n");
    expect(lines.map((line) => JSON.parse(line).key)).toEqual(lines.map(() => account.toLowerCase()));
    expect((await fetch(`${base}/api/console/ledger/export`)).status).toBe(401);
  });

  it("shows what undo would do, does it with a reason, and refuses it a second time in words", async () => {
    const [outcome] = (await ledger(platform, account)).filter(({ type }) => type === "outcome");
    const entry = `${base}/api/console/ledger/${await chain()}/${outcome!.seq}`;
    await page.goto(entry);
    await page.click("text=Show what undo would do");
    expect(await page.innerText(".diff")).toMatch(/publicNetworkAccess: "Disabled"[^]*publicNetworkAccess: "Enabled"/);
    expect(await accessOf(platform, account)).toBe("Disabled");
    await page.evaluate("document.querySelectorAll('form').forEach((form) => (form.noValidate = true))");
    await page.fill("textarea", "no");
    await page.click('main button:has-text("Undo")');
    expect(await page.innerText(".note.stop")).toContain("five characters");
    await page.fill("textarea", hostile);
    await page.click('main button:has-text("Undo")');
    expect(await page.innerText(".note.met")).toContain("being taken back");
    await platform.settle();
    expect(await accessOf(platform, account)).toBe("Enabled");
    await page.goto(entry);
    expect(await main()).toMatch(/Waiver .* is live on the same fields/);
    expect(await page.locator("text=Show what undo would do").count()).toBe(0);
    await page.goto(`${base}/api/console/ledger?kind=undo`);
    expect(await main()).toContain(`Taken back for a day: “${hostile}”`);
  });

  it("switches a mode behind its plan; what writes unasked waits for another admin", async () => {
    await page.goto(`${base}/api/console/standards`);
    await page.click("text=Accounts have a managed identity");
    for (const environment of ["prod", "test", "dev"]) await page.selectOption(`#mode-${environment}`, "enforce");
    await page.click("text=Show what it would do");
    expect(await heading()).toMatch(/Change the mode of ACC-02/);
    expect(await main()).toContain("It waits for another admin");
    expect(await violations(page)).toEqual([]);
    await page.focus("#asOf");
    await page.fill("#asOf", (await page.getAttribute("#asOf", "max"))!);
    await page.keyboard.press("Enter");
    await page.waitForURL(/asOf=/);
    expect(await main()).toMatch(/Of \d+ accounts? of which nothing that was seen by then is kept/);
    expect(await page.locator("main form[method=post]").count()).toBe(0);
    expect([await violations(page), await isTooWide(page)]).toEqual([[], false]);
    await page.click("text=Show what it would do now");
    await page.fill("textarea", "agreed in the meeting");
    await page.click("text=Propose to another admin");
    expect(await heading()).toMatch(/^Change c-\d+ waits for another admin$/);
    expect(await main()).toContain("You proposed it: another admin has to agree to it.");
    expect(await page.locator("text=Approve and apply").count()).toBe(0);
    const change = page.url().replace(/\?.*/, "");
    const other = await (
      await newContext({ javaScriptEnabled: false, colorScheme: "dark", viewport: { width: 390, height: 844 } })
    ).newPage();
    await signIn(other, oids.secondAdmin, new URL(change).pathname);
    expect(await isTooWide(other)).toBe(false);
    await other.click("text=Approve and apply");
    expect(await other.innerText(".note.met")).toContain("It holds now.");
    expect((await platform.api("GET", "config")).body.config.standards).toContainEqual(
      expect.objectContaining({ id: "ACC-02", mode: "enforce", modes: {} }),
    );
  });

  it("pauses at once, and ends the pause by two", async () => {
    await page.goto(`${base}/api/console/configuration`);
    expect(await heading()).toMatch(/^Version 2 holds; \d+ values? other than the file laid$/);
    await page.click("text=Pause all writes");
    await page.fill("textarea", "an incident at a partner");
    await page.click('main button:has-text("Apply")');
    expect(await heading()).toContain("all writes are paused");
    expect((await platform.api("GET", "config")).body.config.paused).toBe(true);
    await page.click("text=End the pause");
    await page.fill("textarea", "the incident is over");
    await page.click("text=Propose to another admin");
    expect((await platform.api("GET", "config")).body.config.paused).toBe(true);
    await page.click("text=Call it off");
    expect(await heading()).toMatch(/was turned down$/);
  });

  it("refuses what the viewer may not do, on the page and behind it", async () => {
    const reader = await (await newContext()).newPage();
    const plan = "/api/console/configuration/plan?do=mode&standard=NET-01&mode.prod=enforce";
    await signIn(reader, oids.reader, "/api/console/standards/NET-01");
    expect(await reader.innerText("main")).toContain("To change a mode takes the role Steelyard.Admin.");
    await reader.goto(base + plan);
    expect(await reader.locator("main form[method=post]").count()).toBe(0);
    const csrf = await reader.getAttribute("input[name=csrf]", "value");
    const form = {
      csrf: csrf!,
      do: "mode",
      standard: "NET-01",
      "mode.prod": "enforce",
      base: "3",
      reason: "because I can",
    };
    const answer = await reader.request.post(`${base}/api/console/configuration/apply`, {
      form,
      headers: { origin: base },
    });
    expect(answer.status()).toBe(403);
  });

  it("shows a dead letter and has it taken in again", async () => {
    const foreign = account.replace(/subscriptions\/[^/]+/, "subscriptions/99999999-0000-4000-8000-000000000001");
    const event = {
      id: "foreign",
      topic: "/subscriptions/5b000000-0000-4000-8000-000000000001",
      subject: foreign,
      eventType: "Microsoft.Resources.ResourceWriteSuccess",
      eventTime: "2026-01-05T08:00:00Z",
      data: {
        resourceUri: foreign,
        operationName: "Microsoft.CognitiveServices/accounts/write",
        claims: { name: "Somebody" },
      },
      dataVersion: "2",
      metadataVersion: "1",
    };
    await platform.control("POST", "eventgrid/publish", event);
    await platform.settle();
    await page.goto(`${base}/api/console/deadletters`);
    expect(await heading()).toBe("1 dead letter waits");
    await page.click(".t a");
    expect(await main()).not.toContain("Somebody");
    expect(await violations(page)).toEqual([]);
    await page.click("text=Take in again");
    expect(await page.innerText(".note.met")).toContain("in its queue again");
    expect((await ledger(platform)).at(-1)).toMatchObject({
      type: "deadLetter",
      body: { event: "redriven", by: oids.admin },
    });
  });

  it("has core tell how the last pass over an account went", async () => {
    await page.goto(`${base}/api/console/orchestrations/${await chain()}`);
    expect(await main()).toContain("Not asked lately");
    await page.click("text=Ask core how it went");
    await page.waitForSelector("svg.pass");
    expect(await heading()).toMatch(/^The last pass over .*: ended well, \d+ steps?/);
    expect(await page.innerText(".steps")).toContain("look");
    expect(await violations(page)).toEqual([]);
  });

  const looks = [
    ["dark", 390],
    ["light", 390],
    ["light", 1440],
    ["dark", 1440],
  ] as const;

  it.each(isFull ? looks : looks.slice(0, 1))(
    "is clean, narrow enough and small: %s, %i wide",
    { timeout: 60_000 },
    async (colorScheme, width) => {
      const pk = await chain();
      const paths = [
        "ledger",
        `ledger?entry=${pk}.1`,
        `ledger/${pk}/2`,
        "ledger/verify",
        "standards",
        "standards/NET-01",
        "configuration",
        "configuration/versions/2",
        "configuration/plan?do=pause",
        "deadletters",
        "orchestrations",
        `orchestrations/${pk}`,
      ];
      const context = await newContext({ colorScheme, viewport: { width, height: 900 } });
      const on = await context.newPage();
      await signIn(on, oids.operator, "/api/console/ledger");
      for (const path of isFull ? paths : paths.filter((_, index) => index % 4 === 0)) {
        const answer = await on.goto(`${base}/api/console/${path}`);
        expect([path, answer!.status(), await violations(on), await isTooWide(on)]).toEqual([path, 200, [], false]);
        expect([path, (await answer!.body()).length < 100_000]).toEqual([path, true]);
      }
      await context.close();
      expect(complaints).toEqual([]);
    },
  );
});
