/** The console as an approver uses it, in a real browser, against the whole product. */
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isTooWide, openBrowser, violations, type Opened } from "../support/browser.ts";
import { accessOf, apiVersion, corpAccounts, ledger, oids, open, proposalsOf } from "../support/estate.ts";
import { isFull } from "../support/extent.ts";
import { startPlatform, type TestPlatform } from "../support/platform.ts";
import { pagesSuite } from "./pagesSuite.ts";

const opened: Opened = await openBrowser();

const why = opened.kind === "away" ? `: skipped, no Chromium starts here: ${opened.reason}` : "";

describe.skipIf(opened.kind === "away")(`the console, in a browser${why}`, () => {
  let browser: Browser;
  let platform: TestPlatform;
  let base: string;
  let context: BrowserContext;
  let page: Page;
  const complaints: string[] = [];

  beforeAll(async () => {
    if (opened.kind === "open") ({ browser } = opened);
    // Three accounts in prod are open from the start: found and told, until the standard is switched on there.
    const config = { standards: [{ id: "NET-01", mode: "approve", modes: { prod: "audit" } }] };
    platform = await startPlatform({ scenario: "small", clock: "manual", config });
    base = `http://localhost:${platform.portBase + 1}`;
    context = await newContext();
    page = await context.newPage();
    const closed = [...(await corpAccounts(platform)).values()].filter(
      ({ id, properties }) => !id.includes("-prod-") && properties["publicNetworkAccess"] === "Disabled",
    );
    accounts.push(...closed.slice(0, 3).map(({ id }) => id));
    for (const account of accounts) await open(platform, account);
    await platform.settle();
  });
  afterAll(async () => {
    await browser?.close();
    await platform?.stop();
  });

  const accounts: string[] = [];
  const nameOf = (account: string): string => account.split("/").at(-1)!;
  const account = (index: number): string => accounts[index]!;

  /** The issuer's certificate is not one that a browser knows; people see its page without TLS. */
  async function newContext(options: Parameters<Browser["newContext"]>[0] = {}): Promise<BrowserContext> {
    const made = await browser.newContext(options);
    // A page that breaks its own content policy says so here; refusals that a test asks for are answers of 4xx.
    made.on("console", (message) => {
      if (message.type() === "error" && !/status of [45]\d\d/.test(message.text())) complaints.push(message.text());
    });
    made.on("weberror", (error) => complaints.push(String(error.error())));
    return made;
  }

  async function signIn(on: Page, oid: string, path = "/api/console/approvals"): Promise<void> {
    await on.goto(base + path);
    await on.click(`button[value="${oid}"]`);
    await on.waitForURL(base + path);
  }

  const heading = (on: Page): Promise<string> => on.innerText("h1");
  const proposalOf = async (index: number): Promise<string> => (await proposalsOf(platform, account(index)))[0]!.id;

  it("sends whoever is not signed in to the issuer, and back to the page asked for", async () => {
    await signIn(page, oids.approver);
    expect(await heading(page)).toBe("3 questions wait for you");
    for (const index of [0, 1, 2]) expect(await page.innerText("main")).toContain(nameOf(account(index)));
    const cookies = await context.cookies(base);
    expect(cookies.map(({ httpOnly, sameSite, path }) => ({ httpOnly, sameSite, path }))).toEqual([
      { httpOnly: true, sameSite: "Lax", path: "/" },
    ]);
  });

  it("shows exactly what would be written, records the approval, and shows it written", async () => {
    await page.click(`a:has-text("Approve for ${nameOf(account(0))}")`);
    const diff = await page.innerText(".diff");
    expect(diff).toMatch(/publicNetworkAccess: "Enabled"[^]*publicNetworkAccess: "Disabled"/);
    expect(await violations(page)).toEqual([]);
    await page.click('main button:has-text("Approve")');
    expect(await page.innerText(".note")).toContain("Your approval is recorded.");
    await platform.settle();
    await page.reload();
    expect(await page.innerText(".pill")).toBe("Put right");
    expect(await page.innerText("main")).toContain('Written and read back: publicNetworkAccess is "Disabled".');
    expect(await accessOf(platform, account(0))).toBe("Disabled");
    const [decision] = (await ledger(platform, account(0))).filter(({ type }) => type === "decision");
    expect(decision!.body).toMatchObject({ verdict: "approve", by: oids.approver });
  });

  it("takes a change back with a reason and no less", async () => {
    await page.click('a:has-text("Show what undo would do")');
    await page.evaluate("document.querySelectorAll('form').forEach((form) => (form.noValidate = true))");
    await page.fill("textarea", "no");
    await page.click('main button:has-text("Undo")');
    expect(await page.innerText(".note.stop")).toContain("five characters");
    await page.fill("textarea", "a partner's <b>test</b> runs");
    await page.click('main button:has-text("Undo")');
    await platform.settle();
    await page.reload();
    expect(await page.innerText("main")).toContain("a partner's <b>test</b> runs");
    expect(await page.innerText("main")).toContain("A change is taken back once.");
    expect(await page.locator('a:has-text("Show what undo would do")').count()).toBe(0);
    expect(await accessOf(platform, account(0))).toBe("Enabled");
  });

  it("records nothing when what was seen is over, and shows what is asked instead", async () => {
    const before = await proposalOf(1);
    await page.goto(`${base}/api/console/approvals/${before}/decide?verdict=approve`);
    const close = { properties: { publicNetworkAccess: "Disabled" } };
    await platform.armAs(oids.reader, "PATCH", `${account(1)}?api-version=${apiVersion}`, close);
    await platform.settle();
    await open(platform, account(1));
    await platform.settle();
    await page.click('main button:has-text("Approve")');
    expect(await heading(page)).toBe("What you saw is over; this is asked instead");
    expect(await page.locator(".diff").count()).toBe(2);
    expect(await violations(page)).toEqual([]);
    const after = await proposalOf(1);
    expect(after).not.toBe(before);
    expect(await page.getAttribute("main form", "action")).toBe(`/api/console/approvals/${after}/decisions`);
    expect(await accessOf(platform, account(1))).toBe("Enabled");
  });

  it("takes no decision on anything else than was seen", async () => {
    await page.goto(`${base}/api/console/approvals/${await proposalOf(2)}/decide?verdict=approve`);
    await page.evaluate(`document.querySelector("input[name=hash]").value = "0".repeat(64)`);
    await page.click('main button:has-text("Approve")');
    expect(await heading(page)).toBe("It says something else now");
    expect(await proposalsOf(platform, account(2))).toHaveLength(1);
  });

  it("takes no form from another page, nor one that does not know the session", async () => {
    const id = await proposalOf(2);
    const to = `${base}/api/console/approvals/${id}/decisions`;
    const { hash } = (await proposalsOf(platform, account(2)))[0]!;
    const post = `const form = document.createElement("form");
      form.method = "post"; form.action = ${JSON.stringify(to)};
      for (const [name, value] of Object.entries({ verdict: "approve", reason: "", hash: "${hash}", csrf: CSRF })) {
        const input = document.createElement("input"); input.name = name; input.value = value; form.append(input);
      }
      document.body.append(form); form.submit();`;
    await page.goto(`${base}/api/console/approvals/${id}/decide?verdict=approve`);
    const csrf = await page.getAttribute("input[name=csrf]", "value");
    const sent = async (from: string, token: string): Promise<[number, string]> => {
      await page.goto(from);
      const answer = page.waitForResponse((response) => response.url() === to);
      await page.evaluate(post.replace("CSRF", JSON.stringify(token)));
      return [(await answer).status(), await heading(page)];
    };
    // Another origin of the same site: the cookie comes along.
    const neighbour = `http://localhost:${platform.portBase}/_platform/health`;
    expect(await sent(neighbour, csrf!)).toEqual([403, "Not recorded"]);
    // Another site: it does not.
    const stranger = `http://127.0.0.1:${platform.portBase}/_platform/health`;
    expect(await sent(stranger, csrf!)).toEqual([401, "Not recorded: your session has ended"]);
    expect(await sent(`${base}/api/console`, "guessed")).toEqual([403, "Not recorded"]);
    // Browsers that say only one of the two.
    const [session] = await context.cookies(base);
    const form = new URLSearchParams({ verdict: "approve", reason: "", hash, csrf: csrf! });
    for (const said of [
      {},
      { origin: "null" },
      { origin: neighbour },
      { origin: base, "sec-fetch-site": "same-site" },
    ]) {
      const headers = { ...said, cookie: `${session!.name}=${session!.value}` } as Record<string, string>;
      expect((await fetch(to, { method: "POST", body: form, headers, redirect: "manual" })).status).toBe(403);
    }
    expect((await proposalsOf(platform, account(2)))[0]).toMatchObject({ id, state: "open" });
  });

  it("shows a reader everything and why there is no button", async () => {
    const reading = await newContext({ colorScheme: "dark", viewport: { width: 390, height: 844 } });
    const reader = await reading.newPage();
    await signIn(reader, oids.reader);
    expect(await reader.innerText("main")).toContain("To decide takes the role Steelyard.Approver.");
    expect(await reader.locator("main .btn").count()).toBe(0);
    expect(await violations(reader)).toEqual([]);
    expect(await isTooWide(reader)).toBe(false);
    await reader.goto(`${base}/api/console`);
    expect(await reader.innerText("[data-part=todo] .head")).toMatch(/Waiting for you\s+nothing/);
    expect(await violations(reader)).toEqual([]);
    await reading.close();
  });

  it("says so where it has no page, and leads back", async () => {
    const answer = await page.goto(`${base}/api/console/approvels`);
    expect([answer?.status(), await page.textContent("h1")]).toEqual([404, "There is no such page"]);
    expect(await violations(page)).toEqual([]);
    await page.click("text=Go to the overview");
    await page.waitForURL(`${base}/api/console`);
  });

  it("asks about what was there before in one piece, bound to what was seen of it", async () => {
    const { config } = (await platform.api("GET", "config")).body;
    const standards = [{ id: "NET-01", mode: "approve" }];
    const change = { config: { ...config, standards }, version: 1, reason: "switched on in prod" };
    expect((await platform.api("PUT", "config", change, oids.admin)).status).toBe(200);
    await platform.clock({ advance: "PT1M" });
    await platform.settle();
    await page.goto(`${base}/api/console/approvals`);
    expect(await page.innerText(".request h2")).toMatch(/^Accounts in corp subscriptions .*: 3 in production$/);
    expect(await page.getAttribute(".hist", "aria-label")).toMatch(
      /^How long it has been so: of 3 accounts, 1 30 to 90 d/,
    );
    await page.click('.request a:has-text("See all"), .request summary');
    const names = await page.locator(".names a").allInnerTexts();
    expect(names).toHaveLength(3);
    expect(await violations(page)).toEqual([]);
    await page.click('a:has-text("Approve all 3")');
    await page.waitForSelector("input[name=hash]", { state: "attached" });
    await page.evaluate(`document.querySelector("input[name=hash]").value = "0".repeat(64)`);
    await page.click('main button:has-text("Approve all 3")');
    expect(await heading(page)).toBe("It says something else now: 3 accounts");
    expect(await violations(page)).toEqual([]);
    await page.click('main button:has-text("Approve all 3")');
    await platform.settle();
    const corp = [...(await corpAccounts(platform)).values()].filter(({ id }) => names.includes(nameOf(id)));
    expect(corp.map(({ properties }) => properties["publicNetworkAccess"])).toEqual([
      "Disabled",
      "Disabled",
      "Disabled",
    ]);
  });

  it("says how old its picture is while the store is away, and lets nobody decide from it", async () => {
    const path = `${base}/api/console/approvals`;
    await page.goto(path);
    expect(await page.locator("main .btn").count()).toBeGreaterThan(0);
    await platform.clock({ advance: "PT1M" });
    // Not a status that the client repeats.
    const away = { where: "cosmos", kind: "status", status: 400, match: { caller: edgeIdentity } };
    await platform.control("PUT", "faults", [away]);
    await page.goto(path);
    expect(await page.innerText(".note.stop")).toContain("1 min ago");
    expect(await page.locator("main .btn").count()).toBe(0);
    await page.goto(`${base}/api/console/approvals/p-00000000000000000000000000000000-1`);
    expect(await heading(page)).toBe("The store cannot be read");
    await platform.control("DELETE", "faults");
  });

  it("follows what happens, and does not take a list away from under a person", async () => {
    const watching = await context.newPage();
    await watching.clock.install();
    await watching.goto(`${base}/api/console/approvals`);
    expect(await heading(watching)).toBe("2 questions wait for you");
    const reject = { verdict: "reject", reason: "the partner's test" };
    const path = (id: string): string => `proposals/${id}/decisions`;
    await watching.focus("main .btn");
    await platform.api("POST", path(await proposalOf(1)), reject, oids.secondApprover);
    await watching.clock.runFor(16_000);
    await watching.click("#fresh");
    expect(await heading(watching)).toBe("1 question waits for you");
    await platform.api("POST", path(await proposalOf(2)), reject, oids.secondApprover);
    await watching.evaluate("document.activeElement.blur()");
    await watching.mouse.move(0, 0);
    await watching.clock.runFor(16_000);
    await watching.waitForSelector('h1:has-text("Nothing waits for approval")');
    // What is announced is announced at most once in ten seconds.
    await watching.clock.runFor(10_000);
    expect(await watching.innerText("#live")).toBe("Nothing waits for approval");
    await watching.close();
  });

  it("lets nobody in while the issuer is away, and signs out for good", async () => {
    await page.click(".me summary");
    await page.click('button:has-text("Sign out")');
    expect(await heading(page)).toBe("You are signed out");
    expect(await context.cookies(base)).toEqual([]);
    await page.click('a:has-text("Sign in")');
    const away = { where: "issuer", kind: "status", status: 503, match: { path: "token" } };
    await platform.control("PUT", "faults", [away]);
    await page.click(`button[value="${oids.approver}"]`);
    expect(await heading(page)).toBe("Nobody can sign in at this moment");
    await platform.control("DELETE", "faults");
    expect(await context.cookies(base)).toEqual([]);
    await signIn(page, oids.approver);
    expect(await page.innerText(".me")).toContain("approver");
  });

  it("ends a sign-in only where it was begun, and leads nowhere but to its own pages", async () => {
    const get = (path: string, cookie = ""): Promise<Response> =>
      fetch(base + path, { redirect: "manual", headers: { cookie } });
    const begun = await get(`/api/console/signin?return=${encodeURIComponent("https://evil.example/api/console")}`);
    const [cookie = ""] = begun.headers.getSetCookie().map((text) => text.split(";")[0] ?? "");
    const kept = JSON.parse(Buffer.from(cookie.split("=")[1] ?? "", "base64url").toString()) as Record<string, string>;
    expect(kept["returnTo"]).toBe("/api/console");
    for (const [state, sent] of [
      [kept["state"], ""],
      ["x".repeat(43), cookie],
    ] as const) {
      const refused = await get(`/api/console/signin/callback?code=c&state=${state}`, sent);
      expect([refused.status, refused.headers.getSetCookie()]).toEqual([400, []]);
    }
    const forged = await get(`/api/console/signin/callback?code=c&state=${kept["state"]}`, cookie);
    expect([forged.status, await forged.text()]).toEqual([403, expect.stringContaining("The sign-in was refused")]);
    const elsewhere = await fetch(`${platform.edgeUrl}/api/console`, { redirect: "manual" });
    expect(elsewhere.headers.get("location")).toBe(`${base}/api/console`);
  });

  it.each([
    ["tour?account=x", 400, "This address does not say what to show", "expected the resource ID of an account"],
    ["standards/NOPE-99", 404, "There is nothing of that name", "there is no standard NOPE-99"],
  ])("says of the address %s what is wrong with it", async (path, status, title, text) => {
    const answer = await page.goto(`${base}/api/console/${path}`);
    expect([answer!.status(), await heading(page)]).toEqual([status, title]);
    expect(await page.innerText("main")).toContain(text);
  });

  describe.runIf(isFull)("and every page", () => {
    pagesSuite(() => ({ browser, base }));
  });

  it("breaks no policy of its own", () => {
    expect(complaints).toEqual([]);
  });
});

const edgeIdentity = "c0de0000-0000-4000-8000-0000000000ed";
