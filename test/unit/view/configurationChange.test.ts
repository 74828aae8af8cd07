import { describe, expect, it } from "vitest";
import { configSchema, modeOf, type ConfigInput } from "../../../shared/config/schema.ts";
import { definitions } from "../../../shared/standards/catalogue.ts";
import { fieldsOf, intentOf, wanted, type Intent } from "../../../shared/view/configurationIntent.ts";
import { changePage, planPage } from "../../../shared/view/configurationPages.ts";
import { planSentence, type ForetoldPlan } from "../../../shared/view/configurationPlan.ts";
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

const plan: ForetoldPlan = {
  accounts: 3,
  oldest: "2026-11-18T14:00:00.000Z",
  unseen: { accounts: 1, subscriptions: [], more: false },
  total: 3,
  counts: [
    { standard: "NET-01", environment: "prod", was: "report", will: "ask", count: 2 },
    { standard: "NET-01", environment: "dev", was: "report", will: "write", count: 1 },
  ],
  differences: [
    {
      target: `/subscriptions/${subscription}/resourcegroups/rg/providers/microsoft.cognitiveservices/accounts/a`,
      environment: "prod",
      standard: "NET-01",
      was: { kind: "report", fields: [] },
      will: { kind: "ask", quorum: 2, fields: [{ path: "properties.x", before: hostile, after: "y" }] },
    },
  ],
};

describe("the plan", () => {
  it("is a sentence first", () => {
    expect(planSentence(plan)).toBe("1 target would be written without asking, 2 asked about");
    expect(planSentence({ ...plan, total: 0, counts: [] })).toBe("nothing would be otherwise for any target");
    const stopped = [{ standard: "NET-01", environment: "prod", was: "write", will: "report", count: 4 }];
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
    expect(planPage({ ...model, changed: 0, changes: [] }).toString()).not.toContain("<form");
    expect(planPage({ ...model, permission: mayNot("takes the role") }).toString()).not.toContain("<form");
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
    const text = changePage({
      change,
      plan,
      approve: mayNot("You proposed it: another admin has to agree to it."),
      reject: may,
      viewer,
      reason: "",
      fault: null,
      done: null,
      nowMs,
    }).toString();
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
