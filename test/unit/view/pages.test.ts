import { describe, expect, it } from "vitest";
import { style } from "../../../shared/view/assets/style.ts";
import { approvalsPage, type ApprovalsModel } from "../../../shared/view/approvalsPage.ts";
import { changedPage, confirmPage } from "../../../shared/view/confirmPage.ts";
import { emptyBecause } from "../../../shared/view/emptyBecause.ts";
import { findingsPage, type Standing } from "../../../shared/view/findingsPage.ts";
import { html } from "../../../shared/view/html.ts";
import { proposalModel } from "../../../shared/view/proposalModel.ts";
import { shell } from "../../../shared/view/shell.ts";
import { about, entryModel } from "../../../shared/view/tale.ts";
import { configSchema, type ConfigInput } from "../../../shared/config/schema.ts";
import type { Claim, Finding } from "../../../shared/desired/documents.ts";
import { append, emptyChain, type EntryType, type LedgerEntry } from "../../../shared/ledger/chain.ts";
import { proposalNowMs as nowMs, sampleProposal } from "../../support/proposals.ts";

const viewer = { oid: "00000000-0000-4000-8000-00000000000b", roles: new Set(["Steelyard.Approver"]), csrf: "token" };
const desk = { isNamed: () => true };
const model = (name: string) => proposalModel(sampleProposal({}, name), viewer, nowMs, desk);

const none: ApprovalsModel = {
  proposals: [],
  requests: [],
  yours: 0,
  more: null,
  emptyBecause: html`because`,
  stale: null,
  nowMs,
};

const frame = {
  title: "Approvals",
  current: "approvals",
  viewer,
  waiting: 120,
  readAt: null,
  nowMs,
  tag: null,
  styleUrl: "/s.css",
  scriptUrl: "/s.js",
} as const;

describe("the page of what waits", () => {
  it("says why nothing does", () => {
    expect(approvalsPage(none).toString()).toMatch(/Nothing waits for approval[^]*because/);
  });

  it("stays below 100 kB with a full page of the longest names", () => {
    const proposals = Array.from({ length: 25 }, (_, index) => model(`${"n".repeat(60)}-${index}`));
    const page = shell(frame, approvalsPage({ ...none, proposals, yours: 25, more: "/next" })).toString();
    expect(page).toContain("99+");
    expect(Buffer.byteLength(page)).toBeLessThan(100_000);
  });

  it("holds no script and no style of its own, which its policy would refuse", () => {
    const page = shell(frame, approvalsPage({ ...none, proposals: [model("a")] })).toString();
    expect(page).not.toMatch(
      / style=| on[a-z]+=|<style|<script(?! src="\/s\.js" defer><\/script>)|https?:\/\/(?!www\.w3\.org)/,
    );
  });
});

describe("the page of findings", () => {
  const proposal = sampleProposal({ quorum: 1 });
  const { id, pk, key, target, subscriptionId, standard, fields, environment } = proposal;
  const reason = 'properties.publicNetworkAccess is "Enabled", must be "Disabled".';
  const at = "2026-11-18T12:30:00.000Z";
  const finding: Finding = {
    id: "finding-NET-01",
    pk,
    key,
    target,
    subscriptionId,
    kind: "finding",
    live: true,
    verdict: "fail",
    standard,
    environment,
    reason,
    state: "open",
    fields,
    condition: null,
    proposal: id,
    patch: null,
    changedBy: null,
    since: at,
    presentSince: at,
    closedAt: null,
  };
  const condition = { reason: "Frozen", message: 'Nothing is written during "year end".' };
  const waiver = {
    by: "00000000-0000-4000-8000-00000000000e",
    reason: "a partner's test",
    until: "2026-11-19T12:30:00.000Z",
  } as Claim;
  const shown = (change: Partial<Standing>): string => {
    const standings = [{ finding, proposal, waiver: undefined, isCorrupt: false, ...change }];
    return findingsPage({
      standings,
      corrupt: 0,
      more: null,
      emptyBecause: html`because`,
      stale: null,
      nowMs,
    }).toString();
  };

  it.each<[string, Partial<Standing>, RegExp]>([
    ["who is asked is told", {}, /People are asked about each\.[^]*>Asked</],
    [
      "nobody is asked about what is enforced and held",
      {
        finding: { ...finding, condition },
        proposal: { ...proposal, state: "approved", unasked: "enforced", quorum: 0, condition },
      },
      /Nobody is asked about it; why not stands beside it\.[^]*year end&quot;\.[^]*>Held</,
    ],
    ["what was rejected is not asked", { proposal: { ...proposal, state: "rejected", live: false } }, />Rejected</],
    [
      "a waiver says whose it is, why, and until when",
      { finding: { ...finding, state: "waived", fields: [], proposal: null }, proposal: undefined, waiver },
      /<p class="sm q">publicNetworkAccess is[^]*Taken back by[^]*000e[^]*a partner[^]*in force again at[^]*in 21 h[^]*>Waived</,
    ],
    [
      "what is only told says so",
      { finding: { ...finding, proposal: null }, proposal: undefined },
      /only audited[^]*>Told only</,
    ],
  ])("%s", (_, change, text) => {
    expect(shown(change)).toMatch(text);
  });
});

describe("a confirmation", () => {
  const confirm = (verdict: "approve" | "reject") =>
    confirmPage({ proposal: model("a"), verdict, viewer, reason: "", fault: null, nowMs }).toString();

  it("is bound to what it shows", () => {
    const { hash } = sampleProposal({}, "a");
    expect(confirm("approve").replaceAll(/\s+/g, " ")).toContain(`name="hash" value="${hash}"`);
    expect(confirm("approve")).toMatch(
      /publicNetworkAccess: &quot;Enabled&quot;[^]*publicNetworkAccess: &quot;Disabled&quot;/,
    );
    expect(confirm("approve")).toContain("one more person must agree");
  });

  it("of a rejection asks for a reason", () => {
    expect(confirm("reject")).toMatch(/<textarea[^>]*required/);
    expect(confirm("approve")).not.toMatch(/<textarea[^>]*required/);
  });

  it("that came too late has no form left", () => {
    const page = changedPage({ seen: null, why: "it is expired", fresh: null, id: "p-1" }).toString();
    expect(page).toContain("It is expired.");
    expect(page).not.toContain("<form");
  });
});

describe("why nothing waits", () => {
  const because = (config: Partial<ConfigInput>, number = 0): string =>
    emptyBecause(configSchema.parse({ version: 1, subscriptions: [], standards: [], ...config }), {
      number,
      more: false,
    }).toString();
  const subscriptions: ConfigInput["subscriptions"] = [
    { id: "5b000000-0000-4000-8000-000000000001", name: "a", archetype: "corp", level: "enforce" },
  ];

  it.each<[Partial<ConfigInput>, RegExp]>([
    [{ paused: true }, /All writes are paused/],
    [{}, /No subscription is enrolled/],
    [{ subscriptions }, /No standard is configured/],
    [
      { subscriptions, standards: [{ id: "NET-01", mode: "audit" }] },
      /only audits[^]*href="\/api\/console\/findings">See the\s+3 findings/,
    ],
    [
      { subscriptions, standards: [{ id: "NET-01", mode: "audit", modes: { prod: "approve" } }] },
      /1 standard is in force/,
    ],
  ])("is told from the configuration: %j", (config, expected) => {
    expect(because(config, 3)).toMatch(expected);
  });

  it("is no configuration at all", () => {
    expect(emptyBecause(undefined, { number: 0, more: false }).toString()).toMatch(/No configuration/);
  });
});

describe("the ledger, told", () => {
  const records: [EntryType, unknown][] = [
    ["proposal", { id: "p-1", proposal: "p-1" }],
    ["decision", { proposal: "p-1", verdict: "approve", by: viewer.oid, reason: "<ok>" }],
    ["decision", { proposal: "p-2", verdict: "reject", by: viewer.oid, reason: null }],
    ["intent", { id: "p-1", fields: [{ path: "properties.x", before: 1, after: 2 }] }],
    ["outcome", { intent: 4, result: "applied", observed: [{ path: "properties.x", value: 2 }], error: null }],
    ["outcome", { intent: 3, result: "notApplied", observed: [], error: { code: "ScopeLocked", message: "" } }],
  ];
  let head = emptyChain;
  const entries: LedgerEntry[] = records.map(([type, body]) => {
    const added = append(head, { pk: "k", key: "/subscriptions/s", atMs: nowMs, type, body });
    ({ head } = added);
    return added.entry;
  });

  it("finds what is about a proposal, its outcome by its intent", () => {
    expect(about(entries, "p-1").map(({ seq }) => seq)).toEqual([1, 2, 4, 5]);
  });

  it("says it in sentences", () => {
    expect(entries.map(entryModel).map(({ text }) => text)).toEqual([
      "People were asked.",
      "Approved by 000000…000b: “<ok>”.",
      "Rejected by 000000…000b.",
      "About to write x 1 → 2.",
      "Written and read back: x is 2.",
      "Azure refused: ScopeLocked.",
    ]);
    expect(entryModel(entries[5]!).mark).toBe("refused");
  });
});

describe("the stylesheet", () => {
  const tokens = new Map(
    [...style.matchAll(/--([\w-]+):light-dark\((#[0-9a-f]+),(#[0-9a-f]+)\)/g)].map(
      ([, name = "", light = "", dark = ""]) => [name, [light, dark]],
    ),
  );
  const luminance = (colour: string): number => {
    const full = colour.length === 4 ? colour.replace(/[0-9a-f]/g, "$&$&") : colour;
    const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
      const part = Number.parseInt(full.slice(at, at + 2), 16) / 255;
      return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (ink: string, ground: string, theme: number): number => {
    const [a = 0, b = 0] = [ink, ground].map((name) => luminance(tokens.get(name)![theme]!)).sort((x, y) => y - x);
    return (a + 0.05) / (b + 0.05);
  };

  it.each([
    ["ink", ["paper", "surface", "sunken", "met-bg", "wait-bg", "open-bg", "stop-bg"], 4.5],
    ["ink-2", ["paper", "surface", "sunken", "met-bg", "stop-bg"], 4.5],
    ["ink-3", ["paper", "surface", "sunken"], 4.5],
    ["met", ["surface", "met-bg"], 4.5],
    ["wait", ["paper", "surface", "wait-bg"], 4.5],
    ["open", ["surface", "open-bg"], 4.5],
    ["stop", ["surface", "stop-bg"], 4.5],
    ["edge", ["paper", "surface"], 3],
    ["steel", ["paper", "surface"], 3],
  ])("keeps %s readable on %j in both themes", (ink, grounds, least) => {
    for (const ground of grounds)
      for (const theme of [0, 1]) expect(contrast(ink, ground, theme)).toBeGreaterThan(least);
  });
});
