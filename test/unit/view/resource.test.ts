import { describe, expect, it } from "vitest";
import type { Claim } from "../../../shared/desired/documents.ts";
import type { ResourceId } from "../../../shared/estate/resourceId.ts";
import { resourceModel, type ResourceFacts, type Site } from "../../../shared/view/resourceModel.ts";
import { resourcePage, type ResourcePageModel } from "../../../shared/view/resourcePage.ts";
import { sampleProposal } from "../../support/proposals.ts";
import {
  accountKey,
  deploymentKey,
  lockKey,
  resourceNowMs as nowMs,
  sampleFacts,
  sampleFinding,
  sampleJudgement,
} from "../../support/resourceFacts.ts";
import { sampleSummary } from "../../support/summaries.ts";

const page = (facts: Partial<ResourceFacts> = {}, change: Partial<ResourcePageModel> = {}): string =>
  resourcePage({
    resource: resourceModel(sampleFacts(facts)),
    history: [],
    older: null,
    movedTo: null,
    isAwaited: false,
    nowMs,
    close: null,
    stale: null,
    ...change,
  }).toString();
const plain = (text: string): string => text.replaceAll(/<[^>]*>/g, " ").replaceAll(/\s+/g, " ");
const told = (site: Site | undefined): unknown[] =>
  (site?.fields ?? []).map(({ path, shouldBe, is, standing }) => [path, shouldBe, is, standing]);

const waiver = {
  id: "w-1",
  kind: "claim",
  live: true,
  claimKind: "waiver",
  key: accountKey,
  target: accountKey,
  state: "active",
  authority: { kind: "claim", id: "w-1", version: 1 },
  assertions: [
    {
      path: "properties.publicNetworkAccess",
      op: "set",
      value: "Enabled",
      authority: { kind: "claim", id: "w-1", version: 1 },
    },
  ],
  fields: [{ path: "properties.publicNetworkAccess", before: "Disabled", after: "Enabled" }],
  by: "00000000-0000-4000-8000-00000000000e",
  reason: "a partner's <test>",
  from: "2026-11-18T12:32:00.000Z",
  until: "2026-11-18T18:00:00.000Z",
} as unknown as Claim;

describe("a resource as it should be and as it is", () => {
  it("tells field by field what is demanded of it and of what remedies make at it", () => {
    const { sites, standing, apart } = resourceModel(sampleFacts());
    expect(sites.map(({ kind, target, isThere }) => [kind, target, isThere])).toEqual([
      ["own", accountKey, true],
      ["beside", lockKey, false],
    ]);
    expect(told(sites[0])).toEqual([
      ["properties.disableLocalAuth", "true", "true", "same"],
      ["properties.publicNetworkAccess", "Disabled", "Enabled", "waits"],
    ]);
    expect(told(sites[1])).toEqual([["properties.level", "CanNotDelete", "absent", "open"]]);
    expect(standing).toBe("waits");
    expect(apart.map(({ standard }) => standard.id)).toEqual(["NET-05"]);
  });

  it("shows of a deployment its own fields, and its account's, which has its own writer", () => {
    const { sites, standing } = resourceModel(sampleFacts({ target: deploymentKey }));
    expect(sites.map(({ kind }) => kind)).toEqual(["own", "account"]);
    expect(told(sites[0])).toEqual([["properties.versionUpgradeOption", "NoAutoUpgrade", "NoAutoUpgrade", "same"]]);
    expect(standing).toBe("met");
  });

  it("puts a live claim above the standard, and says what holds when it ends", () => {
    const facts = sampleFacts({ claims: [waiver], findings: [sampleFinding("NET-01", { state: "waived" })] });
    const [field] = resourceModel(facts).sites[0]!.fields.filter(({ path }) => path.endsWith("publicNetworkAccess"));
    expect(field).toMatchObject({ shouldBe: "Enabled", is: "Enabled", standing: "same" });
    expect(field!.authorities).toEqual([waiver.authority]);
    expect(field!.afterwards).toMatchObject({
      value: "Disabled",
      until: waiver.until,
      authorities: [{ id: "NET-01" }],
    });
  });

  it("names both sides of a conflict, and demands nothing", () => {
    const judgements = [
      sampleJudgement("NET-01", "fail", { "properties.publicNetworkAccess": "Disabled" }),
      sampleJudgement("NET-09", "pass", { "properties.publicNetworkAccess": "Enabled" }),
    ];
    const [field] = resourceModel(sampleFacts({ judgements })).sites[0]!.fields;
    expect(field).toMatchObject({ shouldBe: null, standing: "conflict" });
    expect(field!.authorities.map(({ id }) => id)).toEqual(["NET-01", "NET-09"]);
    expect(plain(page({ judgements }))).toContain("Nothing is written: authorities of equal rank");
  });

  it.each<[string, Partial<ResourceFacts>, string]>([
    ["there", {}, "there"],
    ["never read", { readAt: null, sight: undefined, judgements: [], summary: undefined }, "never"],
    [
      "gone with its account",
      { sight: undefined, judgements: [], summary: sampleSummary("oai-search", { present: false }) },
      "gone",
    ],
    ["gone from the list", { target: `${accountKey}/deployments/old` as ResourceId }, "gone"],
    ["kept in a form that is not understood", { sight: undefined, fault: "found 7", judgements: [] }, "broken"],
  ])("is %s", (_, facts, presence) => {
    expect(resourceModel(sampleFacts(facts)).presence).toBe(presence);
  });

  it("is unknown, not fine, where its list did not answer", () => {
    const { sight } = sampleFacts();
    const facts = sampleFacts({
      target: deploymentKey,
      sight: { account: sight!.account, members: { deployments: { unread: "AuthorizationFailed" } } },
    });
    const model = resourceModel(facts);
    expect(model).toMatchObject({ presence: "unread", unread: "AuthorizationFailed" });
    expect(model.sites[0]!.fields).toMatchObject([{ is: null, standing: "unknown" }]);
    expect(plain(page(facts))).toMatch(/could not be read at[^]*AuthorizationFailed[^]*Not read/);
  });
});

describe("the page of a resource", () => {
  it("says since when, by whom, what the way back may do, and where its dry run is", () => {
    const proposal = { ...sampleProposal(), quorum: 1, key: accountKey, target: accountKey };
    const findings = [sampleFinding("NET-01", { proposal: proposal.id })];
    const text = page({ findings, proposals: [proposal] });
    expect(plain(text)).toMatch(
      /So since 12:30 , 2 h 2 min ago, by 000000…000a \. The way back can refuse calls that pass now, so people are asked\. Show what it would do answer by 18:00 , in 3 h 28 min/,
    );
    expect(text).toContain(`href="/api/console/approvals/${proposal.id}"`);
  });

  it("counts down what is live, and never below nought", () => {
    expect(plain(page({ claims: [waiver] }))).toMatch(/3 h 28 min ends 18:00/);
    expect(page({ claims: [waiver] })).toContain('aria-label="37 % of its time is gone"');
    const over = page({ claims: [{ ...waiver, until: "2026-11-18T14:00:00.000Z" }] });
    expect(plain(over)).toMatch(/ending ends 14:00/);
    expect(over).toContain('aria-label="100 % of its time is gone"');
  });

  it.each<[string, Partial<ResourceFacts>, Partial<ResourcePageModel>, RegExp]>([
    [
      "gone",
      { target: `${accountKey}/deployments/old` as ResourceId },
      {},
      /Gone[^]*It was not among what the account has/,
    ],
    [
      "moved",
      { sight: undefined, judgements: [], summary: sampleSummary("oai-search", { present: false }) },
      { movedTo: accountKey.replace("rg-payments", "rg-new") as ResourceId },
      /Azure knows this account no more[^]*An account of this name is in rg-new now/,
    ],
    [
      "never read",
      { readAt: null, sight: undefined, judgements: [], summary: undefined },
      { isAwaited: true },
      /Unknown: nobody has looked at it yet\. A look is under way/,
    ],
    ["with nothing in the ledger", {}, {}, /Nothing is in the ledger about it/],
  ])("says that it is %s", (_, facts, change, expected) => {
    expect(plain(page(facts, change))).toMatch(expected);
  });

  it("is the same beside a list, with its headings one level lower and a way out", () => {
    const beside = page({}, { close: "/api/console/estate#r-1" });
    expect(beside).toMatch(/<aside[^]*<h2 class="name">[^]*<h3>Fields/);
    expect(beside).toMatch(/href="\/api\/console\/estate#r-1"\s+data-close/);
    expect(page()).toMatch(/<h1 class="name">[^]*<h2>Fields/);
  });

  it("shows what others wrote as text, and cuts a body that is too long for a page", () => {
    const { sight } = sampleFacts();
    const account = {
      ...sight!.account,
      body: { ...sight!.account.body, tags: { note: "<script>alert(1)</script>\u202e", long: "x".repeat(200_000) } },
    };
    const text = page({ sight: { ...sight!, account }, claims: [waiver] });
    expect(text).not.toMatch(/<script|<test>|\u202e/);
    expect(text).toContain("a partner&#39;s &lt;test&gt;");
    expect(text).toMatch(/… \d+ characters more/);
    expect(Buffer.byteLength(text)).toBeLessThan(90_000);
  });
});
