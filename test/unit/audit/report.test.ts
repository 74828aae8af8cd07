import { describe, expect, it } from "vitest";
import { csvOf } from "../../../shared/audit/csv.ts";
import { pageOf, sentenceOf } from "../../../shared/audit/page.ts";
import { textOf } from "../../../shared/audit/text.ts";
import { countsOf, type Verdict } from "../../../shared/audit/verdict.ts";
import type { AuditReport } from "../../../shared/audit/audited.ts";

const verdict = (more: Partial<Verdict>): Verdict => ({
  resource: "/subscriptions/s/accounts/a",
  standard: "NET-01",
  verdict: "fail",
  effect: "audit",
  reason: "It is open.",
  paths: [],
  remedy: null,
  ...more,
});
const remedy = {
  kind: "patch",
  safety: "R",
  description: null,
  target: "/a",
  changes: [{ path: "properties.x", before: null, after: "<b>" }],
  unmet: null,
} as const;
const standards = [{ id: "NET-01", title: "Closed, or else", severity: "high" }] as const;

const report = (verdicts: readonly Verdict[], more: Partial<AuditReport> = {}): AuditReport => ({
  subscription: "5b000000-0000-4000-8000-000000000001",
  name: null,
  at: "2026-11-21T00:00:00.000Z",
  accounts: 2,
  unreadable: [],
  standards: standards.map((one) => ({ ...one, counts: countsOf(verdicts) })),
  counts: countsOf(verdicts),
  verdicts,
  ...more,
});

describe("as CSV", () => {
  const rows = (...verdicts: Verdict[]): string[] =>
    csvOf(verdicts, new Map(standards.map((one) => [one.id, one])))
      .split("\r\n")
      .slice(1, -1);

  it("quotes what has commas, quotes and line ends, and doubles quotes", () => {
    expect(rows(verdict({ reason: 'It is "open",\nnow.', remedy }))).toEqual([
      '/subscriptions/s/accounts/a,NET-01,"Closed, or else",high,fail,audit,"It is ""open"",\nnow.",,R,"properties.x: null -> ""<b>"""',
    ]);
  });

  it.each(["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "\u0000=1", "\uFF1D1"])(
    "lets no spreadsheet take %j for a formula",
    (reason) => {
      const [row = ""] = rows(verdict({ reason }));
      expect(row.split(",").at(-4)).toBe(`'${reason}`);
    },
  );
});

describe("as one page", () => {
  it("shows what others wrote as text, needs nothing from elsewhere, and lets nothing else in", () => {
    const evil = verdict({ resource: "/<script>alert(1)</script>", reason: "</style><img src=x>", remedy });
    const page = pageOf(report([evil], { name: "<i>corp" }));
    expect(page).not.toMatch(/<script|<img|<i>|<b>/);
    expect(page).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
    expect(page).toContain("default-src 'none'");
  });

  it("has the numbers of the chart as text, too", () => {
    const page = pageOf(report([verdict({}), verdict({ verdict: "unknown" }), verdict({ verdict: "pass" })]));
    expect(page).toContain('aria-label="1 fails, 1 unknown, 1 passes, 0 not applicable"');
    expect(page.match(/<td class="n">\d+<\/td>/g)).toHaveLength(4);
  });

  it.each<[string, AuditReport]>([
    ["There is no account in this subscription.", report([], { accounts: 0 })],
    ["Nothing fails: 2 accounts held against 1 standard.", report([verdict({ verdict: "pass" })])],
    [
      "1 finding on 2 accounts: 1 standard of 1 is broken. 1 verdict could not be given.",
      report([verdict({}), verdict({ verdict: "unknown" })]),
    ],
    [
      "1 finding on 2 accounts: 1 standard of 1 is broken. 1 account could not be read.",
      report([verdict({})], { unreadable: [{ id: "/a", reason: "AuthorizationFailed: no" }] }),
    ],
  ])("says first: %s", (sentence, told) => {
    expect(sentenceOf(told)).toBe(sentence);
    expect(pageOf(told)).toContain(sentence);
  });

  it("leaves out what passes when there is too much, never what fails", () => {
    const many = Array.from({ length: 20_500 }, (_, at) => verdict({ verdict: at === 20_499 ? "fail" : "pass" }));
    const page = pageOf(report(many));
    expect(page).toContain("500 more verdicts are not in this file");
    expect(page.match(/<tr class="v fail">/g)).toHaveLength(1);
  });
});

describe("in a terminal", () => {
  const titles = new Map([["NET-01", "Closed, or else"]]);

  const lacks = new Map();

  it("tells what failed and what is unknown by resource, and counts the rest", () => {
    const all = [
      verdict({}),
      verdict({ standard: "DEP-01", verdict: "unknown", reason: "No list." }),
      verdict({ verdict: "pass" }),
    ];
    expect(textOf(all, { isColoured: false, titles, lacks })).toBe(
      [
        "/subscriptions/s/accounts/a",
        "  fail     NET-01  Closed, or else",
        "                   It is open.",
        "  unknown  No list. (DEP-01)",
        "",
        "1 failed, 1 unknown, 1 passed, 0 not applicable, on 1 resource",
        "",
      ].join("\n"),
    );
  });

  it("colours only where it is asked to, and lets nothing of a file move the cursor", () => {
    expect(textOf([verdict({})], { isColoured: true, titles, lacks })).toContain("\u001b[31mfail\u001b[0m");
    const text = textOf([verdict({ resource: "/a\u001b[2J\u202e", reason: "x\ry" })], {
      isColoured: false,
      titles,
      lacks,
    });
    expect(["\u001b", "\u202e", "\r"].filter((mark) => text.includes(mark))).toEqual([]);
  });
});
