import { describe, expect, it } from "vitest";
import { configSchema, modeOf, type ConfigInput } from "../../../shared/config/schema.ts";
import { definitions } from "../../../shared/standards/catalogue.ts";
import { fieldsOf, intentOf, wanted, type Intent } from "../../../shared/view/configurationIntent.ts";
import { changePage, planAwaitedPage, planPage } from "../../../shared/view/configurationPages.ts";
import { planSentence, type ForetoldPlan } from "../../../shared/view/planModel.ts";
import { deadLetterPage, deadLettersPage } from "../../../shared/view/deadLetterPages.ts";
import { may, mayNot } from "../../../shared/view/person.ts";
import { catalogue, standardModel } from "../../../shared/view/standardModel.ts";
import { standardPage } from "../../../shared/view/standardPage.ts";
import { standardsPage } from "../../../shared/view/standardsPage.ts";
import { proposalNowMs as nowMs } from "../../support/proposals.ts";

const subscription = "5b000000-0000-4000-8000-000000000001";
const by = "00000000-0000-4000-8000-00000000000e";
const viewer = { oid: by, roles: new Set(["Steelyard.Admin"]), csrf: "token" };
const hostile = `"><script>alert(1)</script>`;

const config = configSchema.parse({
  version: 3,
  subscriptions: [{ id: subscription, name: "corp", archetype: "corp", level: "approve" }],
  standards: [{ id: "NET-01", mode: "approve", modes: { dev: "audit" } }],
} satisfies ConfigInput);

const modesOf = (made: object, id: string): string[] => {
  const { standards, environments } = made as typeof config;
  const setting = standards.find((one) => one.id === id)!;
  return environments.names.map((name) => modeOf(setting, name));
};

describe("what is wanted of the configuration", () => {
  it.each<Intent>([
    { do: "mode", standard: "NET-01", modes: { prod: "enforce", dev: "audit" } },
    { do: "pause" },
    { do: "resume" },
    { do: "level", subscription, level: "enforce" },
    { do: "withdraw", subscription },
  ])("goes through a form and comes back: $do", (intent) => {
    expect(
      intentOf(new URLSearchParams(fieldsOf(intent).map(([name, value]): [string, string] => [name, value]))),
    ).toEqual(intent);
  });

  it.each([
    "",
    "do=mode&standard=x",
    "do=level&subscription=1&level=audit",
    "do=drop",
    "do=mode&standard=NET-01&mode.prod=on",
  ])("is nothing in %j", (query) => {
    expect(intentOf(new URLSearchParams(query))).toBeUndefined();
  });

  it("changes a mode where it is said, and nowhere else", () => {
    const made = wanted({ do: "mode", standard: "NET-01", modes: { test: "enforce" } }, config);
    expect(modesOf(made, "NET-01")).toEqual(["approve", "enforce", "audit"]);
  });

  it("says one mode once where it is the same everywhere", () => {
    const made = wanted(
      { do: "mode", standard: "NET-01", modes: { prod: "audit", test: "audit", dev: "audit" } },
      config,
    );
    expect((made as typeof config).standards).toEqual([{ id: "NET-01", mode: "audit", modes: {}, parameters: {} }]);
  });

  it("brings a standard of the catalogue into force", () => {
    const made = wanted(
      { do: "mode", standard: "ACC-02", modes: { prod: "approve", test: "audit", dev: "audit" } },
      config,
    );
    expect(modesOf(made, "ACC-02")).toEqual(["approve", "audit", "audit"]);
    expect(modesOf(made, "NET-01")).toEqual(["approve", "approve", "audit"]);
  });

  it("keeps the name of no environment, for the writer to refuse", () => {
    const made = wanted({ do: "mode", standard: "NET-01", modes: { stage: "enforce" } }, config);
    expect((made as typeof config).standards[0]!.modes).toHaveProperty("stage");
  });
});

const account = (name: string): string =>
  `/subscriptions/${subscription}/resourcegroups/rg/providers/microsoft.cognitiveservices/accounts/${name}`;

const plan: ForetoldPlan = {
  at: "2026-11-18T14:05:00.000Z",
  asOf: null,
  accounts: 3,
  oldest: "2026-11-18T14:00:00.000Z",
  stale: 0,
  unseen: { accounts: 1, named: [account("new")], subscriptions: [], more: false },
  total: 3,
  inTheWay: 0,
  counts: [
    { standard: "NET-01", environment: "prod", was: "report", will: "ask", count: 2, told: 2, from: 0 },
    { standard: "NET-01", environment: "dev", was: "report", will: "write", count: 1, told: 1, from: 2 },
  ],
  from: 0,
  told: 3,
  differences: [
    {
      target: account("a"),
      environment: "prod",
      standard: "NET-01",
      was: { kind: "report", fields: [] },
      will: { kind: "ask", quorum: 2, fields: [{ path: "properties.x", before: hostile, after: "y" }] },
      why: null,
      inTheWay: [],
    },
  ],
};

describe("the plan", () => {
  it("is a sentence first", () => {
    expect(planSentence(plan)).toBe("1 target would be written without asking, 2 asked about");
    expect(planSentence({ ...plan, total: 0, counts: [] })).toBe("nothing would be otherwise for any target");
    const stopped = [{ ...plan.counts[0]!, was: "write", will: "report", count: 4 }];
    expect(planSentence({ ...plan, counts: stopped })).toContain("4 targets would be left alone");
  });

  const model = {
    title: "Change the mode of NET-01",
    intent: { do: "mode", standard: "NET-01", modes: { prod: "enforce" } } as Intent,
    base: 3,
    changes: [{ path: "standards[NET-01].mode", before: "approve", after: hostile }],
    changed: 1,
    needs: [{ path: "standards[NET-01].mode", why: "it lets NET-01 write unasked in prod" }],
    warnings: [],
    plan,
    hrefOf: (from: number) => `/plan?do=pause&from=${from}&run=1`,
    days: { first: "2026-08-21", last: "2026-11-18" },
    permission: may,
    viewer,
    reason: "",
    fault: null,
    nowMs,
  };

  it("shows fields, who has to agree, and a form that is bound to the version", () => {
    const text = planPage(model).toString();
    expect(text).toMatch(/It waits for another admin[^]*it lets NET-01 write unasked in prod/);
    expect(text).toContain(`name="base"`);
    expect(text).toContain(`value="3"`);
    expect(text).toContain(`name="mode.prod" value="enforce"`);
    expect(text).toContain("Propose to another admin");
    expect(text).not.toContain("<script>");
  });

  it("has no form where nothing changes, or the viewer may not", () => {
    const without = (change: Partial<typeof model>): string => planPage({ ...model, ...change }).toString();
    expect(without({ changed: 0, changes: [] })).not.toContain('method="post"');
    expect(without({ permission: mayNot("takes the role") })).not.toContain('method="post"');
  });

  const shown = (change: Partial<ForetoldPlan>): string =>
    planPage({ ...model, plan: { ...plan, ...change } }).toString();
  const row = plan.differences[0]!;

  it("names accounts of which nothing is known, and tells which could not be read lately", () => {
    expect(shown({})).toMatch(/Of 1 account that no look has seen yet nothing is foretold\.[^]*<code>new<\/code>/);
    const unseen = {
      accounts: 30,
      named: Array.from({ length: 25 }, (_, n) => account(`x${n}`)),
      subscriptions: [],
      more: true,
    };
    const many = shown({ unseen, stale: 2 });
    expect(many).toContain("2 accounts could not be read lately: judged as seen before.");
    expect(many).toContain("The first 20 of these accounts");
    expect(many).toContain("<code>x19</code>");
    expect(many).not.toContain("<code>x20</code>");
    const none = { accounts: 0, named: [], subscriptions: [], more: false };
    expect(shown({ unseen: none })).not.toContain("nothing is foretold");
  });

  it("of an estate that nobody has looked at says so", () => {
    const empty = shown({ accounts: 0, oldest: null, total: 0, told: 0, counts: [], differences: [] });
    expect(empty).toContain("no account was looked at yet");
    expect(empty).toContain("For no target would anything be otherwise.");
    expect(empty).not.toContain("Target by target");
  });

  it("says why, and what stands in the way, as texts", () => {
    const way = { kind: "waiver", by, until: "2026-11-19T14:00:00.000Z", reason: hostile };
    const text = shown({ inTheWay: 1, differences: [{ ...row, why: hostile, inTheWay: [way] }] });
    expect(text).toContain("On 1 target something stands in the way");
    expect(text).toContain("In the way: taken back by");
    expect(text).not.toContain("<script>");
  });

  it("of many targets leads to each part, and from sums to their targets", () => {
    const differences = Array.from({ length: 50 }, () => row);
    const middle = shown({ total: 400, told: 200, from: 50, differences });
    expect(middle).toContain("51 to 100 of 400");
    expect(middle).toContain('href="/plan?do=pause&amp;from=100&amp;run=1#each"');
    expect(middle).toContain('href="/plan?do=pause&amp;from=0&amp;run=1#each"');
    expect(middle).toContain('href="/plan?do=pause&amp;from=2&amp;run=1#each"');
    expect(middle).toContain("200 more are in the sums above.");
    const last = shown({ total: 400, told: 200, from: 150, differences });
    expect(last).not.toContain("Show the next ones");
    expect(last.length).toBeLessThan(90_000);
  });

  it("of an earlier day is not confirmed, but leads to what would happen now", () => {
    const text = shown({ asOf: "2026-11-01T00:00:00.000Z" });
    expect(text).toContain("as it was seen by");
    expect(text).not.toContain('method="post"');
    expect(text).toContain("Show what it would do now");
    expect(text).toMatch(/type="date"[^>]*value="2026-11-01"/);
    expect(text).toMatch(/min="2026-08-21"[^>]*max="2026-11-18"/);
  });

  it("says how far it is while it is being made", () => {
    const { title, intent } = model;
    const awaited = (done: number, of: number): string =>
      planAwaitedPage({ title, intent, progress: { done, of }, href: "/plan?run=1" }).toString();
    expect(awaited(1_200, 4_000)).toMatch(/<progress[^>]*max="4000"[^>]*value="1200"/);
    expect(awaited(1_200, 4_000)).toContain("of 4,000 accounts judged.");
    expect(awaited(0, 0)).toContain("The accounts are being read.");
    expect(awaited(0, 0)).toContain('href="/plan?run=1"');
  });

  it("of a change that waits lets whoever proposed it only call it off", () => {
    const change = {
      ...model,
      id: "c-4",
      state: "open" as const,
      hash: "h".repeat(64),
      by,
      reason: hostile,
      askedAt: "2026-11-18T14:00:00.000Z",
      expiresAt: "2026-11-21T14:00:00.000Z",
      decisions: [],
    };
    const page = {
      change,
      plan,
      hrefOf: model.hrefOf,
      approve: mayNot("You proposed it: another admin has to agree to it."),
      reject: may,
      viewer,
      reason: "",
      fault: null,
      done: null,
      nowMs,
    };
    const text = changePage(page).toString();
    const awaited = changePage({ ...page, plan: { done: 20, of: 400 } }).toString();
    expect(awaited).toMatch(/<progress[^>]*max="400"/);
    expect(awaited).toContain("Call it off");
    expect(text).toContain("Call it off");
    expect(text).not.toContain("Approve and apply");
    expect(text).toContain("another admin has to agree to it");
    expect(text).not.toContain("<script>");
  });
});

describe("standards", () => {
  it("are all told, configured or not", () => {
    const standards = catalogue().map((definition) => standardModel(definition, config, undefined));
    expect(standards).toHaveLength(definitions.length);
    const text = standardsPage({ standards, stale: null }).toString();
    for (const { id } of definitions) expect(text).toContain(`/standards/${id}`);
    expect(text).toContain("1 standard in force");
  });

  it.each(catalogue().map((definition) => [definition.id, definition] as const))(
    "have a page each: %s",
    (_id, definition) => {
      const standard = standardModel(definition, config, []);
      const text = standardPage({ standard, findings: [], isMore: false, change: may, stale: null, nowMs }).toString();
      expect(text).toContain("It fails when");
      expect(text).toContain("Show what it would do");
      expect(Buffer.byteLength(text)).toBeLessThan(60_000);
      const refused = standardPage({
        standard,
        findings: [],
        isMore: false,
        change: mayNot("takes the role Steelyard.Admin"),
        stale: null,
        nowMs,
      });
      expect(refused.toString()).not.toContain("<form");
    },
  );
});

describe("dead letters", () => {
  const letter = {
    id: `dead-${"0".repeat(32)}`,
    from: "intake",
    queue: "events",
    reason: hostile,
    at: "2026-11-18T14:00:00.000Z",
    excerpt: hostile,
    stuck: null,
    settled: null,
  } as const;

  it("are told as text, with what could not be read", () => {
    const text = deadLettersPage({
      letters: [letter],
      next: null,
      isFirst: true,
      unread: ["wake"],
      stale: null,
      nowMs,
    }).toString();
    expect(text).not.toContain("<script>");
    expect(text).toMatch(/1 dead letter waits[^]*cannot be read at this moment/);
    const nothing = { letters: [], next: null, isFirst: true, stale: null, nowMs };
    expect(deadLettersPage({ ...nothing, unread: ["wake"] }).toString()).toContain("No dead letter could be read");
    expect(deadLettersPage({ ...nothing, unread: [] }).toString()).toContain("No dead letter waits");
  });

  it("are taken in again only where there is something to look at", () => {
    const model = { letter, permission: may, viewer, fault: null, done: null, nowMs };
    expect(deadLetterPage(model).toString()).toContain("Take in again");
    const stuck = deadLetterPage({ ...model, letter: { ...letter, stuck: "It names no resource." } }).toString();
    expect([stuck.includes("Take in again"), stuck.includes("Set aside")]).toEqual([false, true]);
    expect(deadLetterPage({ ...model, permission: mayNot("takes the role") }).toString()).not.toContain("<form");
  });
});
