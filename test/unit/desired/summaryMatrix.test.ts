/** What the matrix of the estate needs of a summary beside deviations: what does not apply, and which policies there are. */
import { describe, expect, it } from "vitest";
import type { Summary } from "../../../shared/desired/documents.ts";
import type { Judgement } from "../../../shared/desired/judgement.ts";
import { wellFormed } from "../../../shared/desired/rows.ts";
import { summaryOf } from "../../../shared/desired/summary.ts";
import { parseAccount } from "../../../shared/estate/account.ts";
import { parseResource } from "../../../shared/estate/resource.ts";
import { partitionOf, type ResourceId } from "../../../shared/estate/resourceId.ts";
import type { Sight } from "../../../shared/estate/sight.ts";
import { accountId } from "../../support/summaries.ts";

const key = accountId("oai-search");
const type = "Microsoft.CognitiveServices/accounts";
const account = parseAccount({ id: key, name: "oai-search", type, location: "westeurope", properties: {} });
const policy = (name: string) =>
  parseResource("raiPolicies", { id: `${key}/raiPolicies/${name}`, name, properties: {} });

function judged(standard: string, verdict: Judgement["verdict"], target: string = key): Judgement {
  return {
    standard: { id: standard, version: 1, title: standard, severity: "low" },
    target: target as ResourceId,
    remedyTarget: target as ResourceId,
    verdict,
    reason: "",
    assertions: [],
    safety: "S",
    unmet: undefined,
    askOf: null,
  };
}

function summary(sight: Sight | undefined, judgements: readonly Judgement[], before?: Summary): Summary {
  return summaryOf({
    pk: partitionOf(key),
    address: account.address,
    sight,
    isGone: false,
    environment: "prod",
    archetype: "corp",
    judgements,
    documents: [],
    before,
    at: "2026-11-18T12:00:00.000Z",
  });
}

describe("a summary", () => {
  const judgements = [
    judged("NET-01", "pass"),
    judged("RAI-01", "notApplicable", `${key}/raipolicies/microsoft.default`),
    judged("RAI-01", "pass", `${key}/raipolicies/strict`),
    judged("ACC-12", "notApplicable"),
  ];
  const sight: Sight = { account, members: { raiPolicies: [policy("Microsoft.Default"), policy("Strict")] } };
  const made = summary(sight, judgements);

  it("tells what does not concern each other apart from what is met", () => {
    expect(made.exempt).toEqual([
      { standard: "ACC-12", target: key },
      { standard: "RAI-01", target: `${key}/raipolicies/microsoft.default` },
    ]);
    expect(made).toMatchObject({ judged: 2, met: 2, deviations: [] });
  });

  it("names the policies that are judged, and keeps them while nothing can be read", () => {
    expect(made.policies).toEqual(["Strict"]);
    expect(summary(undefined, [], made).policies).toEqual(["Strict"]);
  });

  it("is what readers of the store expect", () => {
    expect(wellFormed("summary", structuredClone(made))).toBe(true);
  });
});
