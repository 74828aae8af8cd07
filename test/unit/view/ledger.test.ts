import { describe, expect, it } from "vitest";
import { append, emptyChain, type EntryType, type LedgerEntry } from "../../../shared/ledger/chain.ts";
import { entryDetail, entryPage, type EntryDetail } from "../../../shared/view/entryPage.ts";
import { entryRunPage, entryUndoPage } from "../../../shared/view/entryUndo.ts";
import { boundsOf, ledgerFilterSchema, ledgerHref, matches, ofType } from "../../../shared/view/ledgerFilter.ts";
import { ledgerRow, targetName } from "../../../shared/view/ledgerModel.ts";
import { ledgerPage, type LedgerPageModel } from "../../../shared/view/ledgerPage.ts";
import { ledgerVerifyPage } from "../../../shared/view/ledgerVerifyPage.ts";
import { may, mayNot } from "../../../shared/view/person.ts";
import { shell } from "../../../shared/view/shell.ts";
import { proposalNowMs as nowMs, sampleProposal } from "../../support/proposals.ts";

const { pk, key, fields, authority, target, id: change } = sampleProposal();
const by = "00000000-0000-4000-8000-00000000000b";
const hostile = `"><script>alert(1)</script>\u202eevil`;
const viewer = { oid: by, roles: new Set(["Steelyard.Approver"]), csrf: "token" };

function entry(type: EntryType, body: unknown, seq = 5): LedgerEntry {
  return append({ ...emptyChain, seq: seq - 1 }, { pk, key, atMs: nowMs - seq * 1_000, type, body }).entry;
}

const intent = entry(
  "intent",
  { id: change, target, fields, authority, hash: "h", agreedBy: [by], changedBy: null },
  4,
);
const outcome = entry("outcome", { intent: 4, change, result: "applied", observed: [], error: null });
const refused = entry("outcome", {
  intent: 4,
  change,
  result: "notApplied",
  observed: [],
  error: { code: "ScopeLocked", message: "a lock" },
});
const filter = (given: Record<string, string> = {}) => ledgerFilterSchema.parse(given);

function page(change: Partial<LedgerPageModel> = {}): string {
  const rows = [ledgerRow(outcome, intent)];
  return ledgerPage({
    figures: { entries: 48_213, changesToday: 46, isMore: false, sealedAt: null, verified: null },
    rows,
    filter: filter(),
    choices: { standards: ["NET-01"], environments: ["prod"], me: by },
    scanned: rows.length,
    next: null,
    isFirst: true,
    broken: 0,
    selected: null,
    stale: null,
    nowMs,
    ...change,
  }).toString();
}

describe("a row of the ledger", () => {
  it.each<[string, LedgerEntry, LedgerEntry | undefined, string, RegExp]>([
    ["a write", outcome, intent, "written", /^$/],
    ["a write that Azure refused", refused, intent, "refused", /Refused by Azure: ScopeLocked/],
    ["an intent", intent, undefined, "open", /about to be written/],
    [
      "a finding",
      entry("finding", { standard: authority, state: "open", reason: "properties.x is 1" }),
      undefined,
      "told",
      /Found: x is 1/,
    ],
    ["a decision", entry("decision", { verdict: "approve", by, reason: hostile }), undefined, "told", /Approved: “/],
    [
      "a dead letter",
      entry("deadLetter", { event: "redriven", by, letter: "dead-1" }),
      undefined,
      "told",
      /taken in again/,
    ],
    ["what nobody knows", entry("claim", null), undefined, "told", /The waiver changed/],
  ])("tells %s", (_name, of, wish, mark, sentence) => {
    const row = ledgerRow(of, wish);
    expect(row.mark).toBe(mark);
    expect(row.sentence).toMatch(sentence);
  });

  it("takes the authority from the intent, and tells an undo from a remedy", () => {
    expect(ledgerRow(outcome, intent).authority).toMatchObject({ kind: "standard", label: "NET-01" });
    const undo = entry("intent", {
      id: `w-${pk}-9`,
      target,
      fields,
      authority: { kind: "claim", id: `w-${pk}-9`, version: 1 },
    });
    expect(ledgerRow(outcome, undo).authority).toMatchObject({ kind: "undo" });
    expect(ledgerRow(entry("claim", { event: "opened", undoes: 5, by })).authority).toMatchObject({
      kind: "undo",
      label: "entry 5",
    });
  });

  it("names what lies below the account", () => {
    expect(targetName(key, `${key}/deployments/chat`)).toMatchObject({ name: "oai-payments-prod-weu", below: "chat" });
    expect(targetName("/configuration", undefined)).toMatchObject({ name: "configuration", below: null });
  });
});

describe("the filter", () => {
  it("leaves out what was not asked for", () => {
    expect(ofType(filter(), intent)).toBe(false);
    expect(ofType(filter({ kind: "all" }), intent)).toBe(true);
    expect([ofType(filter({ kind: "changes" }), outcome), ofType(filter({ kind: "changes" }), refused)]).toEqual([
      true,
      false,
    ]);
    expect([ofType(filter({ kind: "refused" }), outcome), ofType(filter({ kind: "refused" }), refused)]).toEqual([
      false,
      true,
    ]);
  });

  it.each<[Record<string, string>, boolean]>([
    [{ q: "PAYMENTS-prod" }, true],
    [{ q: "publicnetwork" }, true],
    [{ q: "retail" }, false],
    [{ authority: "net-01" }, true],
    [{ authority: "ACC-01" }, false],
    [{ by: "steelyard" }, true],
    [{ by: "people" }, false],
    [{ environment: "prod" }, true],
    [{ environment: "dev" }, false],
  ])("%j matches: %s", (given, expected) => {
    expect(matches(filter(given), ledgerRow(outcome, intent), "prod")).toBe(expected);
  });

  it("does not pass for an environment that nobody knows", () => {
    expect(matches(filter({ environment: "prod" }), ledgerRow(outcome, intent), undefined)).toBe(false);
  });

  it("bounds whole days of UTC, and takes nonsense for nothing", () => {
    expect(boundsOf(filter({ when: "today" }), nowMs)).toEqual({ from: "2026-11-18T00:00:00.000Z" });
    expect(boundsOf(filter({ when: "yesterday" }), nowMs)).toEqual({
      from: "2026-11-17T00:00:00.000Z",
      before: "2026-11-18T00:00:00.000Z",
    });
    expect(filter({ when: "never", kind: "odd", q: "x".repeat(2_000) })).toMatchObject({ when: "", kind: "", q: "" });
  });

  it("is taken away chip by chip", () => {
    const narrowed = filter({ q: "weu", kind: "changes" });
    const shown = page({ filter: narrowed });
    expect(shown).toContain(`href="${ledgerHref(narrowed, { kind: "" })}"`.replaceAll("&", "&amp;"));
    expect(ledgerHref(narrowed, { q: "", kind: "" })).toBe("/api/console/ledger");
  });
});

describe("the page", () => {
  it("says how much there is, and what is known of the chain", () => {
    expect(page()).toContain("48,213 entries, not sealed yet; 46 changes to the estate today");
    const figures = {
      entries: 48_213,
      changesToday: 46,
      isMore: false,
      sealedAt: "2026-11-18T14:31:00.000Z",
      verified: null,
    };
    expect(page({ figures })).toContain("48,213 entries, sealed to 14:31; 46 changes");
    const verified = { ok: true, at: "2026-11-18T14:30:00.000Z", tookMs: 1_900 };
    expect(page({ figures: { ...figures, verified } })).toMatch(/the chain unbroken[^]*in 1\.9 s/);
    expect(page({ figures: { ...figures, verified }, broken: 1 })).toMatch(
      /the chain broken[^]*is not what\s+was written/,
    );
  });

  it("says why it is empty, and goes on where it stopped looking", () => {
    expect(page({ rows: [], filter: filter({ q: "x" }), scanned: 2_000, next: "c" })).toMatch(
      /None among the 2,000 looked through[^]*after=c/,
    );
    expect(page({ rows: [], filter: filter({ q: "x" }) })).toContain("No entry is like that");
  });

  it("stays below 100 kB with a full page of the longest, and shows text as text", () => {
    const long = "n".repeat(64);
    const many = Array.from({ length: 40 }, (_, index) => {
      const row = ledgerRow(entry("decision", { verdict: "reject", by, reason: hostile.repeat(20) }, index + 1));
      return { ...row, target: { ...row.target, name: long, below: long } };
    });
    const detail = entryDetail(detailOf(outcome), nowMs, false);
    const main = ledgerPage({
      figures: { entries: 1, changesToday: 0, isMore: false, sealedAt: null, verified: null },
      rows: many,
      filter: filter({ q: hostile }),
      choices: { standards: Array.from({ length: 60 }, (_, index) => `NET-${index}`), environments: ["prod"], me: by },
      scanned: 40,
      next: "c",
      isFirst: false,
      broken: 0,
      selected: { href: many[0]!.href, detail },
      stale: null,
      nowMs,
    });
    const text = shell(
      {
        title: "Ledger",
        current: "ledger",
        viewer,
        waiting: 0,
        readAt: null,
        nowMs,
        tag: null,
        styleUrl: "/s.css",
        scriptUrl: "/s.js",
      },
      main,
    ).toString();
    expect(Buffer.byteLength(text)).toBeLessThan(100_000);
    expect(text).not.toContain("<script>alert");
    expect(text).not.toContain("\u202e");
    expect(text).not.toMatch(/ style=| on[a-z]+=/);
  });
});

function detailOf(of: LedgerEntry, change: Partial<EntryDetail> = {}): EntryDetail {
  return {
    row: ledgerRow(of, intent),
    entry: of,
    intendedAt: intent.at,
    readBack: { at: of.at, result: "applied", others: [], error: null },
    standardTitle: "Accounts are not reachable from the internet",
    agreed: [{ by, reason: hostile }],
    changedBy: null,
    proposal: "p-1",
    run: "NET-01.prod.v7",
    reason: null,
    before: { seq: 4, hash: intent.hash },
    after: null,
    holds: { own: true, before: true, after: true },
    sealedAt: null,
    undo: { permission: may, fields: 1, standard: "NET-01", until: "2026-11-19T14:32:00.000Z" },
    ...change,
  };
}

describe("one entry", () => {
  const shown = (change: Partial<EntryDetail> = {}): string =>
    entryPage({ detail: detailOf(outcome, change), stale: null, done: false, nowMs }).toString();

  it("says what undo puts back and what would change it again", () => {
    expect(shown()).toMatch(/Undo puts 1 field back[^]*NET-01 would put\s+it right again[^]*Show what undo would do/);
  });

  it("says why it cannot be taken back, where the button would be", () => {
    const permission = mayNot("You made the change that this put right: somebody else has to take it back.");
    const text = shown({ undo: { permission, fields: 1, standard: "NET-01", until: "2026-11-19T14:32:00.000Z" } });
    expect(text).toContain("somebody else has to take it back");
    expect(text).not.toContain("Show what undo would do");
  });

  it("says where the chain does not hold", () => {
    expect(shown({ holds: { own: false, before: true, after: true } })).toContain("does not hold");
  });

  it("shows text of others as text", () => {
    const text = shown({
      reason: hostile,
      row: ledgerRow(entry("decision", { verdict: "reject", by, reason: hostile })),
    });
    expect(text).toContain("&lt;script&gt;");
    expect(text).not.toContain("<script>");
  });
});

describe("the dry run of an undo", () => {
  const model = {
    back: "/api/console/ledger/x/5",
    target: "a",
    fields: [{ path: "properties.x", name: "x", before: '"Enabled"', after: '"Disabled"' }],
    now: null,
    standard: "NET-01",
    title: "title",
    until: "2026-11-19T14:32:00.000Z",
    viewer,
    reason: hostile,
    fault: null,
    permission: may,
    nowMs,
  };

  it("turns before and after round, and keeps what was written", () => {
    const text = entryUndoPage(model).toString();
    expect(text).toMatch(/x: &quot;Disabled&quot;[^]*x: &quot;Enabled&quot;/);
    expect(text).toContain("&lt;script&gt;");
  });

  it("warns of a third value", () => {
    const now = [{ name: "x", value: '"SecuredByPerimeter"', isOurs: false }];
    expect(entryUndoPage({ ...model, now }).toString()).toMatch(/An undo\s+would stop\s+there\./);
  });

  it("offers no form to whom it is refused", () => {
    const text = entryUndoPage({ ...model, permission: mayNot("done before") }).toString();
    expect([text.includes("<form"), text.includes("done before")]).toEqual([false, true]);
  });

  it("of a run counts what can be taken back", () => {
    const changes = [may, mayNot("owned by a template")].map((permission, index) => ({
      href: "/x",
      target: `a${index}`,
      fields: model.fields,
      permission,
    }));
    const text = entryRunPage({
      run: "NET-01.prod.v7",
      changes,
      isMore: false,
      done: null,
      until: model.until,
      viewer,
      reason: "",
      fault: null,
      permission: may,
      nowMs,
    }).toString();
    expect(text).toMatch(/wrote\s+2 changes;\s+1 can\s+be taken back/);
    expect(text).toContain("owned by a template");
  });
});

describe("verification", () => {
  const verdict = { ok: true, entries: 12, chains: 1, sealedTo: null, firstBad: null };
  const model = { target: { name: "a", pk }, found: { verdict, tookMs: 3, isCut: false }, readMax: 20_000, nowMs };

  it("says that it holds, that it does not and where, or that it is too much for a page", () => {
    expect(ledgerVerifyPage(model).toString()).toContain("holds: 12 entries, unbroken");
    const bad = {
      ...verdict,
      ok: false,
      firstBad: { chain: pk, seq: 7, reason: "the entry's hash or place does not hold" },
    };
    expect(ledgerVerifyPage({ ...model, found: { verdict: bad, tookMs: 3, isCut: false } }).toString()).toContain(
      `/ledger/${pk}/7`,
    );
    expect(
      ledgerVerifyPage({ ...model, found: { verdict: { ...verdict, ok: false }, tookMs: 3, isCut: true } }).toString(),
    ).toContain("entries are missing at its end");
    expect(ledgerVerifyPage({ ...model, found: undefined }).toString()).toContain("npx steelyard ledger verify");
  });
});
