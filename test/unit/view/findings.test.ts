import { describe, expect, it } from "vitest";
import type { Finding } from "../../../shared/desired/documents.ts";
import { templatePatch } from "../../../shared/desired/template.ts";
import { findingsPage, type FindingsFilter, type FindingsModel } from "../../../shared/view/findingsPage.ts";
import { html } from "../../../shared/view/html.ts";
import { accountKey, deploymentKey, resourceNowMs as nowMs, sampleFinding } from "../../support/resourceFacts.ts";

const any: FindingsFilter = {
  standard: "",
  environment: "",
  state: "",
  standards: ["ACC-01", "NET-01"],
  environments: ["prod", "dev"],
};

function page(findings: readonly Finding[], change: Partial<FindingsModel> = {}): string {
  return findingsPage({
    standings: findings.map((finding) => ({ finding, proposal: undefined, waiver: undefined, isCorrupt: false })),
    corrupt: 0,
    more: null,
    filter: any,
    emptyBecause: html`because`,
    stale: null,
    nowMs,
    ...change,
  }).toString();
}

describe("the page of findings", () => {
  it("groups them by standard, the longest-standing first", () => {
    const text = page([
      sampleFinding("ACC-01", { presentSince: "2026-11-18T12:00:00.000Z", target: deploymentKey }),
      sampleFinding("ACC-01", { presentSince: "2026-11-17T12:00:00.000Z" }),
      sampleFinding("NET-01"),
    ]);
    expect([...text.matchAll(/<h2 id="([^"]+)"/g)].map(([, id]) => id)).toEqual(["of-ACC-01", "of-NET-01"]);
    expect([...text.matchAll(/<code>(oai-search[^<]*)<\/code>/g)].map(([, name]) => name)).toEqual([
      "oai-search",
      "oai-search/chat",
      "oai-search",
    ]);
    expect(text).toContain("3 findings: not as they should be");
    expect(text).toContain(`href="/api/console/resources${accountKey.replaceAll(" ", "%20")}"`);
  });

  it("says of each field what it is, what it should be, and what says so", () => {
    expect(
      page([sampleFinding("NET-01")])
        .replaceAll(/<[^>]*>/g, " ")
        .replaceAll(/\s+/g, " "),
    ).toContain("publicNetworkAccess is &quot;Enabled&quot; should be &quot;Disabled&quot; NET-01");
  });

  it("has the change of a template in three languages, as text", () => {
    const patch = templatePatch([{ path: "properties.note", before: null, after: "</pre><script>" }]);
    const text = page([sampleFinding("NET-01", { patch })]);
    expect([...text.matchAll(/aria-label="(Bicep|Terraform|JSON)">([^<]*)/g)].map(([, name]) => name)).toEqual([
      "Bicep",
      "Terraform",
      "JSON",
    ]);
    expect(text).not.toContain("<script>");
    expect(new Set([...text.matchAll(/data-copy="([^"]+)"/g)].map(([, id]) => id)).size).toBe(3);
  });

  it("tells that nothing is found from that nothing matches", () => {
    expect(page([])).toMatch(/Everything that is looked at is as it should be[^]*because/);
    expect(page([], { filter: { ...any, standard: "NET-01" } })).toMatch(/No finding matches[^]*Show all/);
    expect(page([], { corrupt: 1 })).toContain("No finding could be read");
  });

  it("stays below 100 kB with a full page of the longest", () => {
    const fields = Array.from({ length: 4 }, (_, index) => ({
      path: `properties.${"f".repeat(40)}${index}`,
      before: "b".repeat(120),
      after: "a".repeat(120),
    }));
    const findings = Array.from({ length: 25 }, (_, index) =>
      sampleFinding(`NET-${10 + index}`, { fields, patch: templatePatch(fields) }),
    );
    expect(Buffer.byteLength(page(findings))).toBeLessThan(95_000);
  });
});
